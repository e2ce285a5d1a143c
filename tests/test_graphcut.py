"""Bins: laws of the greedy, and the same picks however they are found."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adq_core import greedy_lazy, greedy_loops
from adq_core.errors import Cancelled, InputError, SettingsError
from adq_core.gradients import fit_class_scores, gradient_factors, greedy_by_factors, loss_gradients
from adq_core.graphcut import KERNELS, POOLS, SCHEDULES, SOFTMAX, equal_sizes, geometric_sizes, make_bins
from adq_core.records import Bins
from adq_core.settings import Settings
from tests import oracles

seeds = st.integers(0, 2**32 - 1)


def normal(rng: np.random.Generator, n: int, d: int) -> np.ndarray:
    return rng.normal(size=(n, d))


def relu_like(rng: np.random.Generator, n: int, d: int) -> np.ndarray:
    centres = rng.normal(size=(4, d))
    return np.maximum(1 + centres[rng.integers(4, size=n)] + 0.5 * rng.normal(size=(n, d)), 0)


def duplicated(rng: np.random.Generator, n: int, d: int) -> np.ndarray:
    return rng.normal(size=(max(1, n // 4), d))[rng.integers(max(1, n // 4), size=n)]


def rescaled(rng: np.random.Generator, n: int, d: int) -> np.ndarray:
    return duplicated(rng, n, d) * 2.0 ** rng.integers(-30, 30, size=(n, 1))


def with_zeros(rng: np.random.Generator, n: int, d: int) -> np.ndarray:
    return rng.normal(size=(n, d)) * (rng.random((n, 1)) < 0.6)


def near_parallel(rng: np.random.Generator, n: int, d: int) -> np.ndarray:
    return rng.normal(size=d) + 1e-6 * rng.normal(size=(n, d))


def one_hot(rng: np.random.Generator, n: int, d: int) -> np.ndarray:
    return np.eye(d)[rng.integers(d, size=n)] * rng.choice([-1, 1], size=(n, 1))


def signs(rng: np.random.Generator, n: int, d: int) -> np.ndarray:
    return rng.choice([-1.0, 1.0], size=(n, d))


def two_sides(rng: np.random.Generator, n: int, d: int) -> np.ndarray:
    """V falls to zero and turns round in the middle of a bin: every bound goes bad at once."""
    x = near_parallel(rng, n, d) + 0.1 * rng.normal(size=(n, d))
    x[rng.random(n) < 0.4] *= -1
    return x


def late_bloomers(rng: np.random.Generator, n: int, d: int) -> np.ndarray:
    """Rows at right angles to the mean come from far behind, once the picks have pushed V to one side."""
    mean, side = np.eye(d)[0], np.eye(d)[min(1, d - 1)]
    x = mean + 0.05 * rng.normal(size=(n, d)) + np.where(rng.random((n, 1)) < 0.5, 0.9, -0.02) * side
    x[rng.random(n) < 0.1] -= 1.9 * side
    return x


MAKERS = [
    normal,
    relu_like,
    duplicated,
    rescaled,
    with_zeros,
    near_parallel,
    one_hot,
    signs,
    two_sides,
    late_bloomers,
]
made = st.builds(
    lambda maker, seed, n, d, kind: MAKERS[maker](np.random.default_rng(seed), n, d).astype(kind),
    st.integers(0, len(MAKERS) - 1),
    seeds,
    st.integers(1, 60),
    st.sampled_from([1, 2, 3, 8, 70]),
    st.sampled_from([np.float32, np.float64]),
)


def cut(x: np.ndarray, n_bins: int, labels: np.ndarray | None = None, **keywords: Any) -> Bins:
    return make_bins(x, np.zeros(len(x), np.int64) if labels is None else labels, n_bins=n_bins, **keywords)


def same(one: Bins, other: Bins, rows: np.ndarray | slice = slice(None)) -> bool:
    return all(np.array_equal(getattr(one, name)[rows], getattr(other, name)) for name in ("bin_of", "rank", "gain"))


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stop for breath after every few rows, so that the lazy way starts over in the middle of bins."""
    monkeypatch.setattr("adq_core.greedy.BREATH", 1.0)


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


# --- larger pools, where sets are chosen, dropped and chosen again ---


@pytest.mark.parametrize("maker", MAKERS, ids=lambda maker: maker.__name__)
def test_lazy_is_dense_on_pools_of_thousands(maker: Any) -> None:
    x = maker(np.random.default_rng(7), 2500, 24).astype(np.float32)
    lazy = cut(x, 7, way="lazy")
    assert same(lazy, cut(x, 7, way="dense"))
    assert same(lazy, cut(x, 7))


@pytest.mark.usefixtures("hurried")
@pytest.mark.parametrize("maker", [relu_like, two_sides, late_bloomers], ids=lambda maker: maker.__name__)
def test_pauses_in_the_middle_of_a_bin_change_nothing(maker: Any) -> None:
    x = maker(np.random.default_rng(3), 600, 10).astype(np.float32)
    assert same(cut(x, 3, way="lazy"), cut(x, 3, way="dense"))


def test_a_bound_that_is_too_low_would_be_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    x = relu_like(np.random.default_rng(1), 300, 16).astype(np.float32)
    right = cut(x, 4, way="dense")
    assert same(right, cut(x, 4, way="lazy"))
    along = greedy_lazy._along.py_func

    def too_low(n: Any, v: Any, length2: float) -> Any:
        a, b = along(n, v, length2)
        return a, 0.2 * b

    monkeypatch.setattr(greedy_lazy, "_along", too_low)
    for name in ("dot", "value_of", "take_best"):
        monkeypatch.setattr(greedy_lazy, name, getattr(greedy_lazy, name).py_func)
    for name in ("_keep", "_pass_over", "_threshold", "_choose_below", "_bounds", "pick_lazily"):
        monkeypatch.setattr(greedy_lazy, name, getattr(greedy_lazy, name).py_func)
    monkeypatch.setattr(greedy_loops, "dot", np.dot)
    monkeypatch.setattr("adq_core.greedy.pick_lazily", greedy_lazy.pick_lazily)
    assert not np.array_equal(right.rank, cut(x, 4, way="lazy").rank)


def test_the_first_picks_of_fifty_thousand_follow_the_linear_form() -> None:
    x = relu_like(np.random.default_rng(0), 50_000, 16).astype(np.float32)
    bins = cut(x, 500)
    unit, order = oracles.unit_rows(x), np.argsort(bins.rank)
    v = unit.sum(axis=0)
    changing = unit @ v
    for place in range(100):
        assert order[place] == changing.argmax()
        assert bins.gain[order[place]] == pytest.approx(25_000 - place + 0.5 * changing.max(), abs=1e-6)
        changing -= 2 * unit @ unit[order[place]]
        changing[order[place]] = -np.inf


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


# --- gradients ---


@given(seeds, st.integers(2, 5), st.booleans())
@settings(max_examples=20)
def test_factors_are_the_gradients_of_the_loss(seed: int, c: int, twice: bool) -> None:
    rng = np.random.default_rng(seed)
    x, logits, labels = rng.normal(size=(12, 3)), rng.normal(size=(12, c)), rng.integers(c, size=12)
    beta, eps = gradient_factors(x, loss_gradients(logits, labels, double_softmax=twice))
    whole = oracles.unit_rows(
        np.stack([oracles.last_layer_gradient(*row, twice) for row in zip(x, logits, labels, strict=True)])
    )
    np.testing.assert_allclose((beta @ beta.T) * (eps @ eps.T), whole @ whole.T, atol=1e-6)


@given(seeds, st.integers(1, 5), st.booleans())
@settings(max_examples=50)
def test_gradient_bins_both_ways_and_by_the_whole_kernel(seed: int, m: int, copies: bool) -> None:
    rng = np.random.default_rng(seed)
    x, logits, labels = rng.normal(size=(40, 6)), rng.normal(size=(40, 3)), rng.integers(3, size=40)
    if copies:
        rows = rng.integers(10, size=40)
        x, logits, labels = x[rows], logits[rows], labels[rows]
    bins = [
        cut(x, m, labels, pool="all", kernel="gradient", softmax="twice", logits=logits, way=way)
        for way in ("auto", "dense", "lazy")
    ]
    assert all(np.array_equal(bins[0].rank, other.rank) for other in bins)
    beta, eps = gradient_factors(x, loss_gradients(logits, labels, double_softmax=True))
    kernel = 0.5 + 0.5 * (beta @ beta.T) * (eps @ eps.T)
    order, gains = oracles.greedy_by_kernel(kernel, equal_sizes(40, m))
    assert np.argsort(bins[0].rank).tolist() == order
    np.testing.assert_allclose(bins[0].gain[order], gains, atol=1e-9)
    shuffle = rng.permutation(40)
    options: dict[str, Any] = {"pool": "all", "kernel": "gradient", "softmax": "twice", "logits": logits[shuffle]}
    again = cut(x[shuffle], m, labels[shuffle], id_order=np.argsort(shuffle), **options)
    assert np.array_equal(bins[0].rank[shuffle], again.rank)


def test_a_head_is_fitted_where_no_scores_are_given() -> None:
    rng = np.random.default_rng(0)
    labels = np.repeat([0, 3, 4], 30)
    x = (rng.normal(size=(90, 8)) + 3 * np.eye(8)[labels]).astype(np.float32)
    scores = fit_class_scores(x, labels)
    assert scores.shape == (90, 3)
    assert (np.array([0, 3, 4])[scores.argmax(axis=1)] == labels).mean() > 0.9
    assert fit_class_scores(x[:60], labels[:60]).shape == (60, 2)
    bins = cut(x, 5, labels, kernel="gradient")
    assert bins.capacity.tolist() == [18] * 5
    assert not np.array_equal(bins.rank, cut(x, 5, labels, kernel="gradient", softmax="twice").rank)
    assert not np.array_equal(bins.rank, cut(x, 5, labels).rank)


def test_the_greedy_by_factors_counts_every_pick() -> None:
    beta, eps = gradient_factors(np.ones((5, 2)), np.ones((5, 2)))
    told: list[int] = []
    order, _ = greedy_by_factors(beta, eps, [3, 2], tick=told.append)
    assert order.tolist() == [0, 1, 2, 3, 4]
    assert sum(told) == 5


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
        "n_bins must be between 1 and 3 (dog has 3 images), got 4. "
        "Lower n_bins, or merge classes or take all images as one pool with pool = all."
    )
    with pytest.raises(SettingsError) as raised:
        cut(np.ones((9, 2)), 10, pool="all")
    assert str(raised.value) == (
        "n_bins must be between 1 and 9 (the smallest pool has 9 images), got 10. Lower n_bins."
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


@pytest.mark.usefixtures("hurried")
def test_a_single_pool_can_be_stopped_in_the_middle() -> None:
    def stop(done: int, total: int, what: str) -> None:
        if done > 100:
            raise Cancelled("Stopped.")

    for kernel in KERNELS:
        with pytest.raises(Cancelled):
            cut(
                normal(np.random.default_rng(0), 300, 4),
                3,
                np.arange(300) % 2,
                kernel=kernel,
                pool="all",
                progress=stop,
            )


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
