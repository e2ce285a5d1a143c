"""Samples of large bins: their sizes and classes, and what a sample says about all images of its bin."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adq_core.linalg import unit_rows
from adq_core.records import AugmentedFeatures
from adq_core.scores import bin_vectors, diversity, samples

SIZES = st.lists(st.integers(1, 60), min_size=1, max_size=12).map(np.array)


def views_of(vectors: np.ndarray, rows: np.ndarray | None = None) -> AugmentedFeatures:
    rows = np.arange(vectors.shape[1]) if rows is None else rows
    return AugmentedFeatures(vectors=vectors[:, rows], name="made up", key="made up", rows=rows)


def two_views(labels: np.ndarray, spread: float, rng: np.random.Generator) -> np.ndarray:
    """Return two views of one image per label, (2, N, 5); `spread`: distance between the classes."""
    centres = np.array([1.5, 0, 0, 0, 0]) + spread * np.random.default_rng(1).normal(0, 1, (labels.max() + 1, 5))
    image = rng.normal(0, 1, (len(labels), 5)) + centres[labels]
    return image + 0.3 * rng.normal(0, 1, (2, len(labels), 5))


# --- rows -------------------------------------------------------------------------------------------------------------


def test_large_bins_are_sampled_and_others_are_complete() -> None:
    bin_of = np.repeat([2, 0, 1], [100, 40, 41])
    labels = np.arange(181) % 4
    rows = samples.sample_bins(bin_of, labels, 3, 40, seed=0)
    assert (np.diff(rows) > 0).all()
    assert np.bincount(bin_of[rows]).tolist() == [40, 40, 40]
    assert np.bincount(labels[rows[bin_of[rows] == 2]]).tolist() == [10, 10, 10, 10]
    assert set(np.flatnonzero(bin_of == 0)) <= set(rows.tolist())
    for limit in (0, 100, 10_000):
        assert samples.sample_bins(bin_of, labels, 3, limit, seed=0).tolist() == list(range(181))


def test_a_sample_depends_on_the_seed_and_its_own_bin_only() -> None:
    bin_of, labels = np.arange(400) % 2, np.arange(400) // 100
    rows = samples.sample_bins(bin_of, labels, 2, 32, seed=0)
    assert rows.tolist() == samples.sample_bins(bin_of, labels, 2, 32, seed=0).tolist()
    assert rows.tolist() != samples.sample_bins(bin_of, labels, 2, 32, seed=1).tolist()
    other = np.where(np.arange(400) == 1, 0, labels)  # another class in bin 1
    other[3] = 3
    again = samples.sample_bins(bin_of, other, 2, 32, seed=0)
    assert again[bin_of[again] == 0].tolist() == rows[bin_of[rows] == 0].tolist()
    assert (bin_of[rows] == 0).sum() == 32
    assert rows[bin_of[rows] == 0].tolist() != (rows[bin_of[rows] == 1] - 1).tolist(), "bins differ in their numbers"


def test_every_image_is_sampled_as_often_as_others_of_its_class() -> None:
    labels = np.repeat([0, 1, 2], [50, 30, 5])
    times = np.zeros(85)
    for seed in range(2000):
        times[samples.sample_bins(np.zeros(85, int), labels, 1, 34, seed=seed)] += 1
    for number, share in enumerate((20 / 50, 12 / 30, 2 / 5)):
        assert times[labels == number] / 2000 == pytest.approx(share, abs=0.05)


@given(SIZES, st.integers(2, 200))
def test_strata_are_classes_with_two_sampled_images_at_least(sizes: np.ndarray, count: int) -> None:
    count = min(count, int(sizes.sum()) - 1)
    if count < 2:
        return
    labels = np.repeat(np.arange(len(sizes)) * 3, sizes)  # not every number is a class
    stratum, counts = samples.stratify(labels, count)
    assert counts.sum() == count
    assert (counts >= 2).all()
    assert (counts <= np.bincount(stratum)).all()
    allotted = samples.largest_remainders(sizes, count)
    of_class = [set(stratum[labels == 3 * number].tolist()) for number in range(len(sizes))]
    assert all(len(strata) == 1 for strata in of_class), "a class lies in one stratum"
    several = {next(iter(strata)) for strata in of_class if sum(strata == other for other in of_class) > 1}
    assert len(several) <= 1, "only one stratum has several classes"
    shares = np.array([count * size / sizes.sum() for size in sizes])
    assert (np.abs(allotted - shares) < 1).all()


def test_strata_by_hand() -> None:
    labels = np.repeat([0, 1, 2, 3], [60, 30, 5, 5])  # 12, 6, 1 and 1 of 20
    stratum, counts = samples.stratify(labels, 20)
    assert [sorted(set(stratum[labels == number])) for number in range(4)] == [[1], [2], [0], [0]]
    assert counts.tolist() == [2, 12, 6]
    labels = np.repeat([0, 1, 2], [60, 35, 5])  # 12, 7 and 1: one image is not enough for a stratum
    stratum, counts = samples.stratify(labels, 20)
    assert [sorted(set(stratum[labels == number])) for number in range(3)] == [[1], [0], [0]]
    assert counts.tolist() == [8, 12]


def test_largest_remainders_by_hand() -> None:
    assert samples.largest_remainders(np.array([47, 16, 16, 12, 6, 3]), 10).tolist() == [5, 2, 2, 1, 0, 0]


# --- estimates --------------------------------------------------------------------------------------------------------


CLASSES = {
    "one class": np.zeros(300, int),
    "equal classes": np.arange(300) % 6,
    "unequal classes": np.repeat(np.arange(5), [200, 60, 30, 7, 3]),
    "classes of two images": np.arange(300) // 2,
}


@pytest.mark.parametrize("labels", CLASSES.values(), ids=CLASSES)
def test_a_sample_estimates_the_whole_bin_without_bias(labels: np.ndarray) -> None:
    vectors = two_views(labels, 1.0, np.random.default_rng(0))
    bin_of = np.zeros(300, int)
    whole = diversity.inverse_mean_cosine(views_of(vectors), bin_of, 1)
    squares, cosines, biases = [], [], []
    for seed in range(1500):
        rows = samples.sample_bins(bin_of, labels, 1, 40, seed=seed)
        sampled = bin_vectors.bin_vectors(views_of(vectors, rows), bin_of == 0, labels)
        squares.append(sampled.square)
        biases.append(sampled.bias)
        cosines.append(diversity.off_diagonal_mean(sampled.square, 600))
    error = 3.5 / np.sqrt(1500)
    assert np.mean(squares) == pytest.approx(1 / whole.diversity[0], abs=error * np.std(squares))
    assert np.mean(cosines) == pytest.approx(whole.mean_cosine[0], abs=error * np.std(cosines))
    assert np.mean(biases) > 2 * error * np.std(squares), "otherwise the test would pass without the correction"


def test_one_class_by_own_and_others() -> None:
    vectors = two_views(np.zeros(80, int), 0.0, np.random.default_rng(3))
    rows = samples.sample_bins(np.zeros(80, int), np.zeros(80, int), 1, 32)
    unit = unit_rows(vectors[:, rows]).sum(axis=0)
    inner = unit @ unit.T
    own, others = np.trace(inner) / 32, (inner.sum() - np.trace(inner)) / (32 * 31)
    measured = diversity.inverse_mean_cosine(views_of(vectors, rows), np.zeros(80, int), 1)
    assert measured.diversity[0] == pytest.approx(4 / (own / 80 + others * 79 / 80))
    assert measured.mean_cosine[0] == pytest.approx((160 / measured.diversity[0] - 1) / 159)
    assert measured.n_images.tolist() == [32]


def test_bins_without_a_sample_have_the_same_bytes_with_and_without_labels() -> None:
    rng = np.random.default_rng(0)
    bin_of, labels = np.repeat([0, 1], [90, 40]), rng.integers(0, 3, 130)
    vectors = two_views(labels, 1.0, rng)
    whole = diversity.inverse_mean_cosine(views_of(vectors), bin_of, 2)
    rows = samples.sample_bins(bin_of, labels, 2, 90)
    limited = diversity.inverse_mean_cosine(views_of(vectors, rows), bin_of, 2, labels=labels)
    partly = samples.sample_bins(bin_of, labels, 2, 40)
    sampled = diversity.inverse_mean_cosine(views_of(vectors, partly), bin_of, 2, labels=labels)
    for field in ("diversity", "mean_cosine", "interval", "n_images"):
        before, same, other = (getattr(measured, field) for measured in (whole, limited, sampled))
        assert same.tobytes() == before.tobytes()
        assert other[1].tobytes() == before[1].tobytes(), "the bin with 40 images is complete in both"
        assert other[0].tobytes() != before[0].tobytes()
    assert sampled.n_images.tolist() == [40, 40]


@pytest.mark.parametrize(("spread", "width"), [(0.0, (0.85, 1.15)), (1.0, (1.0, 1.6))])
def test_intervals_of_samples_cover_such_bins_and_the_whole_bin(spread: float, width: tuple[float, float]) -> None:
    n_bins, size = 250, 400
    bin_of, labels = np.repeat(np.arange(n_bins), size), np.tile(np.arange(size) % 8, n_bins)
    vectors = two_views(labels, spread, np.random.default_rng(1))
    whole = 1 / diversity.inverse_mean_cosine(views_of(vectors), bin_of, n_bins).diversity
    rows = samples.sample_bins(bin_of, labels, n_bins, 100, seed=3)
    measured = diversity.inverse_mean_cosine(views_of(vectors, rows), bin_of, n_bins, labels=labels)
    low, high = 1 / measured.interval[:, 1], 1 / measured.interval[:, 0]
    assert ((low <= whole) & (whole <= high)).mean() >= 0.93, "all images of the bin"
    assert ((low <= whole.mean()) & (whole.mean() <= high)).mean() >= 0.90, "bins of this size"
    squares = 1 / measured.diversity
    assert squares.std() > 1.5 * whole.std(), "the sample counts, not the size of the bin"
    assert width[0] <= (high - low).mean() / (2 * 1.96 * squares.std()) <= width[1]


def test_a_sample_of_vectors_that_cancel_out_is_bounded_by_the_size_of_the_bin() -> None:
    vectors = np.random.default_rng(0).normal(0, 1, (2, 2000, 3))
    rows = samples.sample_bins(np.zeros(2000, int), np.zeros(2000, int), 1, 32, seed=0)
    kept = views_of(vectors, rows)
    sampled = bin_vectors.bin_vectors(kept, np.ones(2000, bool), np.zeros(2000, int))
    assert sampled.square < 0, "otherwise the estimate needs no bound: choose another seed"
    measured = diversity.inverse_mean_cosine(kept, np.zeros(2000, int), 1)
    own = (unit_rows(vectors[:, rows]).sum(axis=0) ** 2).sum(axis=1).mean()
    assert measured.diversity[0] == pytest.approx(2000 * 4 / own)
    assert measured.interval[0, 0] <= measured.diversity[0]
    assert measured.interval[0, 1] == np.inf
    assert "The cosines of bin 0 average near zero" in measured.warnings[0]


def test_half_samples_of_a_sample_centre_on_its_estimate() -> None:
    labels, bin_of = np.arange(2000) % 4, np.zeros(2000, int)
    vectors = two_views(labels, 1.0, np.random.default_rng(2))
    distances, biases = [], []
    for seed in range(60):
        rows = samples.sample_bins(bin_of, labels, 1, 40, seed=seed)
        sampled = bin_vectors.bin_vectors(views_of(vectors, rows), bin_of == 0, labels)
        halves = bin_vectors.half_sample_squares(sampled, np.random.default_rng(seed))
        distances.append(halves.mean() - sampled.square)
        biases.append(sampled.bias)
    assert abs(np.mean(distances)) < 0.3 * np.mean(biases)
