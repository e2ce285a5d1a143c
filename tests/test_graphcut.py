"""Bins: laws of the greedy, values to check by hand, and what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adq_core import greedy_loops
from adq_core.errors import Cancelled, InputError, SettingsError
from adq_core.graphcut import KERNELS, POOLS, SCHEDULES, SOFTMAX, equal_sizes, geometric_sizes, make_bins
from adq_core.settings import Settings
from tests import oracles
from tests.pools import cut, made, normal, relu_like, same, seeds

# --- laws ---


@given(made, st.integers(1, 12), st.sampled_from(sorted(SCHEDULES)), st.sampled_from(["cosine", "euclidean"]))
def test_bins_are_a_partition_with_the_scheduled_sizes(x: np.ndarray, m: int, schedule: str, kernel: str) -> None:
    m = min(m, len(x))
    bins = cut(x, m, schedule=schedule, kernel=kernel)
    assert bins.capacity.tolist() == SCHEDULES[schedule](len(x), m, 0.0)
    assert sorted(bins.rank) == list(range(len(x)))
    assert (np.diff(bins.bin_of[np.argsort(bins.rank)]) >= 0).all()


@settings(max_examples=80)
@given(made, st.integers(1, 12))
def test_dense_lazy_and_the_obvious_way_pick_the_same(x: np.ndarray, m: int) -> None:
    m = min(m, len(x))
    unit = oracles.unit_rows(x)
    kernel = 0.5 + 0.5 * unit @ unit.T
    lazy = cut(x, m, way="lazy")
    order, sizes = np.argsort(lazy.rank), equal_sizes(len(x), m)
    assert oracles.mistakes(kernel, sizes, order) == []
    np.testing.assert_allclose(lazy.gain[order], oracles.gains_of(kernel, sizes, order), atol=1e-9)
    for way in ("dense", "auto"):
        assert same(lazy, cut(x, m, way=way))


@settings(max_examples=100)
@given(made.filter(lambda x: np.abs(x).max() < 1e3), st.integers(1, 12))
def test_squared_distances_pick_what_the_distances_say(x: np.ndarray, m: int) -> None:
    m = min(m, len(x))
    order, gains = oracles.greedy_by_distances(x, equal_sizes(len(x), m))
    lazy = cut(x, m, kernel="euclidean", way="lazy")
    assert np.argsort(lazy.rank).tolist() == order
    np.testing.assert_allclose(lazy.gain[order], gains, atol=1e-9 * max(1.0, np.abs(gains).max()))
    assert same(lazy, cut(x, m, kernel="euclidean", way="dense"))


@given(made, st.integers(1, 6), seeds, st.sampled_from(["cosine", "euclidean"]), st.sampled_from(["lazy", "dense"]))
def test_rows_shuffled_under_the_same_ids_get_the_same_bins(
    x: np.ndarray, m: int, seed: int, kernel: str, way: str
) -> None:
    m = min(m, len(x))
    shuffle = np.random.default_rng(seed).permutation(len(x))
    bins = cut(x, m, kernel=kernel)
    assert same(bins, cut(x[shuffle], m, id_order=np.argsort(shuffle), kernel=kernel, way=way), shuffle)


@given(seeds, st.integers(1, 5))
def test_a_rotation_changes_nothing_but_near_ties(seed: int, m: int) -> None:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(50, 12))
    turn = np.linalg.qr(rng.normal(size=(12, 12)))[0]
    for kernel in ("cosine", "euclidean"):
        one, other = cut(x, m, kernel=kernel), cut(x @ turn, m, kernel=kernel)
        assert np.array_equal(one.rank, other.rank)
        np.testing.assert_allclose(one.gain, other.gain, atol=1e-9)


@given(made, st.integers(2, 40))
def test_scaling_changes_no_bin(x: np.ndarray, power: int) -> None:
    bins = cut(x, 1)
    assert np.array_equal(bins.rank, cut(x * x.dtype.type(2.0**-power), 1).rank)


@given(made)
def test_classes_do_not_see_each_other(x: np.ndarray) -> None:
    labels = np.arange(len(x)) % 2
    both = cut(x, 1, labels, n_jobs=2)
    for label in np.unique(labels):
        assert same(both, cut(x[labels == label], 1), labels == label)


@given(st.integers(1, 400), st.integers(1, 40), st.floats(0, 1))
def test_no_scheduled_bin_is_empty(n: int, m: int, fraction: float) -> None:
    m = min(m, n)
    for sizes in (equal_sizes(n, m), geometric_sizes(n, m, fraction)):
        assert len(sizes) == m
        assert sum(sizes) == n
        assert min(sizes) >= 1
    assert np.ptp(equal_sizes(n, m)) <= 1
    assert equal_sizes(n, m) == sorted(equal_sizes(n, m), reverse=True)


# --- values to check by hand ---


def test_three_vectors_by_hand() -> None:
    bins = cut(np.array([[1.0, 0.0], [0.0, 2.0], [-3.0, 0.0]]), 1)
    # k = 1 with itself, 1/2 at a right angle, 0 opposite: sums 1.5, 2, 1.5; then 0.5 and 0.5: the lower row; then 0.5
    assert bins.rank.tolist() == [1, 0, 2]
    assert bins.gain.tolist() == [0.5, 2.0, 0.5]


def test_zero_rows_are_half_like_everything() -> None:
    bins = cut(np.zeros((4, 3)), 2)
    assert bins.rank.tolist() == [0, 1, 2, 3]
    assert bins.gain.tolist() == [2.0, 1.0, 1.0, 0.0]


def test_the_last_two_of_a_bin_always_tie() -> None:
    for seed in range(200):
        x = np.random.default_rng(seed).normal(size=(2, 300)).astype(np.float32)
        for kernel in ("cosine", "euclidean"):
            assert cut(x, 1, kernel=kernel).rank.tolist() == [0, 1]


def test_one_image_one_bin() -> None:
    bins = cut(np.ones((1, 5), np.float32), 1)
    assert (bins.bin_of.tolist(), bins.rank.tolist(), bins.gain.tolist()) == ([0], [0], [1.0])


def test_as_many_bins_as_images() -> None:
    x = normal(np.random.default_rng(0), 9, 4)
    assert cut(x, 9).bin_of.tolist() == cut(x, 9).rank.tolist()


def test_published_geometric_sizes() -> None:
    assert geometric_sizes(5000, 10) == [500, 450, 405, 364, 328, 295, 266, 239, 215, 1938]
    assert equal_sizes(23, 10) == [3, 3, 3, 2, 2, 2, 2, 2, 2, 2]


def test_the_published_equal_sizes_leave_nothing_for_the_last_bin_of_small_classes() -> None:
    rest = {n: n - 9 * round(n / 10) for n in range(10, 2000)}
    none = {15: -3, 16: -2, 17: -1, 18: 0, 26: -1, 27: 0, 35: -1, 36: 0}
    assert {n: left for n, left in rest.items() if left <= 0} == none
    assert all(min(equal_sizes(n, 10)) >= 1 for n in rest)


@given(seeds)
def test_on_unit_vectors_the_papers_equation_picks_the_same(seed: int) -> None:
    x = normal(np.random.default_rng(seed), 24, 3).astype(np.float64)
    x /= np.linalg.norm(x, axis=1, keepdims=True)
    squared = ((x[:, None] - x[None]) ** 2).sum(axis=2)
    pool = set(range(24))
    for picks in np.split(np.argsort(cut(x, 3).rank), 3):
        for place, pick in enumerate(picks):
            chosen, others = picks[:place], sorted(pool - set(picks[:place].tolist()))
            value = squared[chosen].sum(axis=0) - squared[others].sum(axis=0)  # of every x at once
            assert value[pick] >= value[others].max() - 1e-9
        pool -= set(picks.tolist())


def test_the_published_algorithm_picks_the_same_but_for_its_rounding() -> None:
    x = relu_like(np.random.default_rng(5), 300, 20).astype(np.float32)
    order = oracles.published_selection(oracles.cosine_similarity(x), 300, [30] * 10)
    ours = np.argsort(cut(x, 10).rank)
    assert (order == ours).mean() > 0.95


def test_the_ordered_dot_is_told_exactly() -> None:
    rng = np.random.default_rng(0)
    for d in (1, 63, 64, 65, 512, 770):
        a, b = rng.normal(size=d).astype(np.float32), rng.normal(size=d)
        lanes = np.zeros(64)
        for i in range(d):
            lanes[i % 64] += float(a[i]) * b[i]
        while len(lanes) > 1:
            lanes = lanes[: len(lanes) // 2] + lanes[len(lanes) // 2 :]
        assert greedy_loops.ordered_dot(a, b, np.empty(64)) == lanes[0]


# --- refusals, progress, choices ---


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("kernel", sorted(KERNELS))
def test_what_is_not_finite_is_refused(value: float, kernel: str) -> None:
    x = np.ones((4, 3), np.float32)
    x[2, 1] = value
    with pytest.raises(InputError) as raised:
        cut(x, 2, np.array([0, 0, 1, 1]), kernel=kernel)
    assert str(raised.value) == (
        "Embeddings must be finite, got NaN or infinity. Check the file or the model that made them."
    )


def test_a_class_smaller_than_n_bins_is_named() -> None:
    with pytest.raises(SettingsError) as raised:
        make_bins(np.ones((9, 2)), np.array([0] * 6 + [1] * 3), n_bins=4, class_names=("cat", "dog"))
    assert str(raised.value) == (
        "n_bins must be between 1 and 3 (class dog has 3 images), got 4. "
        "Lower n_bins, merge classes, or set pool to all."
    )
    with pytest.raises(SettingsError) as raised:
        cut(np.ones((9, 2)), 10, pool="all")
    assert str(raised.value) == (
        "n_bins must be between 1 and 9 (the smallest group has 9 images), got 10. Lower n_bins."
    )


def test_gradients_need_two_classes() -> None:
    with pytest.raises(SettingsError) as raised:
        cut(np.ones((4, 2)), 2, kernel="gradient")
    assert str(raised.value) == (
        "kernel = gradient needs at least two classes (it uses the class scores of a classifier), got one. "
        "Choose kernel = cosine, or give the images their labels."
    )


def test_an_unknown_kernel_is_answered_with_the_names() -> None:
    with pytest.raises(SettingsError) as raised:
        cut(np.ones((4, 2)), 2, kernel="rbf")
    assert str(raised.value) == "Unknown kernel 'rbf'. Choose one of: cosine, euclidean, gradient."


def test_progress_counts_every_pick_and_a_cancel_stops_all_threads() -> None:
    x, labels = normal(np.random.default_rng(0), 400, 8), np.arange(400) % 8
    told: list[tuple[int, int, str]] = []
    cut(x, 5, labels, n_jobs=2, progress=lambda *call: told.append(call))
    assert told[-1] == (400, 400, "bins")
    assert [done for done, _, _ in told] == sorted(done for done, _, _ in told)
    calls = 0

    def stop(done: int, total: int, what: str) -> None:
        nonlocal calls
        calls += 1
        if done >= 100:
            raise Cancelled("Stopped.")

    for jobs in (1, 2):
        calls = 0
        with pytest.raises(Cancelled):
            cut(x, 5, labels, n_jobs=jobs, progress=stop)
        assert calls < 40


def test_a_memory_map_gives_the_same_bins(tmp_path: Any) -> None:
    x, labels = relu_like(np.random.default_rng(0), 300, 16).astype(np.float32), np.repeat(np.arange(3), 100)
    np.save(tmp_path / "x.npy", x)
    mapped = np.load(tmp_path / "x.npy", mmap_mode="r")
    assert same(cut(x, 10, labels), cut(mapped, 10, labels))
    assert same(cut(x.astype(np.float16), 10), cut(x.astype(np.float16).astype(np.float32), 10))


def test_settings_offer_what_there_is() -> None:
    choices = {
        name: Settings.__dataclass_fields__[name].metadata["choices"]
        for name in ("kernel", "schedule", "pool", "softmax")
    }
    assert choices == {"kernel": (*KERNELS,), "schedule": (*SCHEDULES,), "pool": (*POOLS,), "softmax": (*SOFTMAX,)}
