"""Bins: laws of the greedy, and values checked by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from adq_core.bins import KERNELS, POOLS, SCHEDULES, SOFTMAX, _compiled_loops, graphcut
from adq_core.bins.schedules import equal_sizes
from adq_core.errors import Cancelled
from adq_core.settings import Settings
from tests import oracles
from tests.bins.vector_pools import divide, near_parallel, normal, pools_of_vectors, relu_like, same_bins, seeds

# --- laws ---


@given(
    pools_of_vectors, st.integers(1, 12), st.sampled_from(sorted(SCHEDULES)), st.sampled_from(["cosine", "euclidean"])
)
def test_bins_are_a_partition_with_the_scheduled_sizes(x: np.ndarray, m: int, schedule: str, kernel: str) -> None:
    m = min(m, len(x))
    bins = divide(x, m, schedule=schedule, kernel=kernel)
    assert bins.capacity.tolist() == SCHEDULES[schedule](len(x), m, 0.0)
    assert sorted(bins.rank) == list(range(len(x)))
    assert (np.diff(bins.bin_of[np.argsort(bins.rank)]) >= 0).all()


@settings(max_examples=80)
@example(near_parallel(np.random.default_rng(1), 32, 3).astype(np.float32), 1)  # a step between two tied values
@given(pools_of_vectors, st.integers(1, 12))
def test_lazy_dense_and_the_oracle_pick_the_same(x: np.ndarray, m: int) -> None:
    m = min(m, len(x))
    unit = oracles.unit_rows(x)
    kernel = 0.5 + 0.5 * unit @ unit.T
    lazy = divide(x, m, algorithm="lazy")
    order, sizes = np.argsort(lazy.rank), equal_sizes(len(x), m)
    assert oracles.mistakes(kernel, sizes, order) == []
    np.testing.assert_allclose(lazy.gain[order], oracles.gains_of(kernel, sizes, order), atol=1e-9)
    for algorithm in ("dense", "auto"):
        assert same_bins(lazy, divide(x, m, algorithm=algorithm))


@settings(max_examples=100)
@given(pools_of_vectors.filter(lambda x: np.abs(x).max() < 1e3), st.integers(1, 12))
def test_the_euclidean_kernel_picks_by_squared_distances(x: np.ndarray, m: int) -> None:
    m = min(m, len(x))
    order, gains = oracles.greedy_by_distances(x, equal_sizes(len(x), m))
    lazy = divide(x, m, kernel="euclidean", algorithm="lazy")
    assert np.argsort(lazy.rank).tolist() == order
    np.testing.assert_allclose(lazy.gain[order], gains, atol=1e-9 * max(1.0, np.abs(gains).max()))
    assert same_bins(lazy, divide(x, m, kernel="euclidean", algorithm="dense"))


@given(
    pools_of_vectors,
    st.integers(1, 6),
    seeds,
    st.sampled_from(["cosine", "euclidean"]),
    st.sampled_from(["lazy", "dense"]),
)
def test_rows_shuffled_under_the_same_ids_get_the_same_bins(
    x: np.ndarray, m: int, seed: int, kernel: str, algorithm: str
) -> None:
    m = min(m, len(x))
    shuffle = np.random.default_rng(seed).permutation(len(x))
    bins = divide(x, m, kernel=kernel)
    assert same_bins(
        bins, divide(x[shuffle], m, id_order=np.argsort(shuffle), kernel=kernel, algorithm=algorithm), shuffle
    )


@given(seeds, st.integers(1, 5))
def test_a_rotation_changes_no_bin(seed: int, m: int) -> None:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(50, 12))
    rotation = np.linalg.qr(rng.normal(size=(12, 12)))[0]
    for kernel in ("cosine", "euclidean"):
        one, other = divide(x, m, kernel=kernel), divide(x @ rotation, m, kernel=kernel)
        assert np.array_equal(one.rank, other.rank)
        np.testing.assert_allclose(one.gain, other.gain, atol=1e-9)


@given(pools_of_vectors, st.integers(2, 40))
def test_scaling_changes_no_bin(x: np.ndarray, power: int) -> None:
    bins = divide(x, 1)
    assert np.array_equal(bins.rank, divide(x * x.dtype.type(2.0**-power), 1).rank)


@given(pools_of_vectors)
def test_classes_do_not_influence_each_other(x: np.ndarray) -> None:
    labels = np.arange(len(x)) % 2
    both = divide(x, 1, labels, n_jobs=2)
    for label in np.unique(labels):
        assert same_bins(both, divide(x[labels == label], 1), labels == label)


# --- values to check by hand ---


def test_three_vectors_by_hand() -> None:
    bins = divide(np.array([[1.0, 0.0], [0.0, 2.0], [-3.0, 0.0]]), 1)
    # k = 1 with itself, 1/2 at a right angle, 0 opposite: sums 1.5, 2, 1.5; then 0.5 and 0.5: the lower row; then 0.5
    assert bins.rank.tolist() == [1, 0, 2]
    assert bins.gain.tolist() == [0.5, 2.0, 0.5]


def test_zero_rows_have_a_kernel_of_one_half_with_all_rows() -> None:
    bins = divide(np.zeros((4, 3)), 2)
    assert bins.rank.tolist() == [0, 1, 2, 3]
    assert bins.gain.tolist() == [2.0, 1.0, 1.0, 0.0]


def test_the_last_two_of_a_bin_tie() -> None:
    for seed in range(200):
        x = np.random.default_rng(seed).normal(size=(2, 300)).astype(np.float32)
        for kernel in ("cosine", "euclidean"):
            assert divide(x, 1, kernel=kernel).rank.tolist() == [0, 1]


def test_one_image_one_bin() -> None:
    bins = divide(np.ones((1, 5), np.float32), 1)
    assert (bins.bin_of.tolist(), bins.rank.tolist(), bins.gain.tolist()) == ([0], [0], [1.0])


def test_as_many_bins_as_images() -> None:
    x = normal(np.random.default_rng(0), 9, 4)
    assert divide(x, 9).bin_of.tolist() == divide(x, 9).rank.tolist()


@given(seeds)
def test_on_unit_vectors_the_papers_equation_picks_the_same(seed: int) -> None:
    x = normal(np.random.default_rng(seed), 24, 3).astype(np.float64)
    x /= np.linalg.norm(x, axis=1, keepdims=True)
    squared = ((x[:, None] - x[None]) ** 2).sum(axis=2)
    pool = set(range(24))
    for picks in np.split(np.argsort(divide(x, 3).rank), 3):
        for place, pick in enumerate(picks):
            chosen, others = picks[:place], sorted(pool - set(picks[:place].tolist()))
            value = squared[chosen].sum(axis=0) - squared[others].sum(axis=0)  # one value per x
            assert value[pick] >= value[others].max() - 1e-9
        pool -= set(picks.tolist())


def test_the_published_algorithm_picks_the_same_except_for_its_rounding() -> None:
    x = relu_like(np.random.default_rng(5), 300, 20).astype(np.float32)
    order = oracles.published_selection(oracles.cosine_similarity(x), 300, [30] * 10)
    ours = np.argsort(divide(x, 10).rank)
    assert (order == ours).mean() > 0.95


def test_the_ordered_dot_adds_in_the_documented_order() -> None:
    rng = np.random.default_rng(0)
    for d in (1, 63, 64, 65, 512, 770):
        a, b = rng.normal(size=d).astype(np.float32), rng.normal(size=d)
        lanes = np.zeros(64)
        for i in range(d):
            lanes[i % 64] += float(a[i]) * b[i]
        while len(lanes) > 1:
            lanes = lanes[: len(lanes) // 2] + lanes[len(lanes) // 2 :]
        assert _compiled_loops.ordered_dot(a, b, np.empty(64)) == lanes[0]


# --- progress, choices ---


def test_progress_counts_every_pick_and_a_cancel_stops_all_threads() -> None:
    x, labels = normal(np.random.default_rng(0), 400, 8), np.arange(400) % 8
    calls_made: list[tuple[int, int, str]] = []
    divide(x, 5, labels, n_jobs=2, progress=lambda *call: calls_made.append(call))
    assert calls_made[-1] == (400, 400, "bins")
    assert [done for done, _, _ in calls_made] == sorted(done for done, _, _ in calls_made)
    calls = 0

    def stop(done: int, total: int, what: str) -> None:
        nonlocal calls
        calls += 1
        if done >= 100:
            raise Cancelled("Stopped.")

    for jobs in (1, 2):
        calls = 0
        with pytest.raises(Cancelled):
            divide(x, 5, labels, n_jobs=jobs, progress=stop)
        assert calls < 40


def test_once_progress_has_raised_every_thread_stops() -> None:
    stops: list[Cancelled] = []

    def stop(done: int, total: int, what: str) -> None:
        stops.append(Cancelled("Stopped."))
        raise stops[-1]

    counter = graphcut._Counter(10, stop)
    for _ in range(2):  # the second call could come from another thread
        with pytest.raises(Cancelled) as caught:
            counter(1)
        assert caught.value is stops[0]
    assert len(stops) == 1


def test_a_memory_map_gives_the_same_bins(tmp_path: Any) -> None:
    x, labels = relu_like(np.random.default_rng(0), 300, 16).astype(np.float32), np.repeat(np.arange(3), 100)
    np.save(tmp_path / "x.npy", x)
    mapped = np.load(tmp_path / "x.npy", mmap_mode="r")
    assert same_bins(divide(x, 10, labels), divide(mapped, 10, labels))
    assert same_bins(divide(x.astype(np.float16), 10), divide(x.astype(np.float16).astype(np.float32), 10))


def test_settings_offer_the_names_of_the_tables() -> None:
    choices = {
        name: Settings.__dataclass_fields__[name].metadata["choices"]
        for name in ("kernel", "schedule", "pool", "softmax")
    }
    assert choices == {"kernel": (*KERNELS,), "schedule": (*SCHEDULES,), "pool": (*POOLS,), "softmax": (*SOFTMAX,)}
