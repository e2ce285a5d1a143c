from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adq_core.linalg import unit_rows
from adq_core.records import AugmentedFeatures
from adq_core.scores import diversity
from tests import oracles


def views_of(vectors: np.ndarray) -> AugmentedFeatures:
    return AugmentedFeatures(vectors=vectors, name="made up", key="made up")


@st.composite
def binned(draw: st.DrawFn) -> tuple[AugmentedFeatures, np.ndarray]:
    """Return one to three views of a few images in up to four nonempty bins, with vectors of similar direction."""
    n_views, n_bins = draw(st.integers(1, 3)), draw(st.integers(1, 4))
    m, d = draw(st.integers(n_bins, 30)), draw(st.integers(2, 8))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    bin_of = np.concatenate([np.arange(n_bins), rng.integers(0, n_bins, m - n_bins)])
    return views_of(rng.normal(draw(st.sampled_from([0.3, 1.0, 3.0])), 1, (n_views, m, d))), bin_of


@given(binned())
def test_sums_equal_the_whole_matrix(case: tuple[AugmentedFeatures, np.ndarray]) -> None:
    views, bin_of = case
    measured = diversity.inverse_mean_cosine(views, bin_of, int(bin_of.max()) + 1)
    for number in range(bin_of.max() + 1):
        cosines = oracles.all_cosines(views.vectors[:, bin_of == number].reshape(-1, views.vectors.shape[2]))
        n = len(cosines)
        assert measured.diversity[number] == pytest.approx(1 / cosines.mean(), rel=1e-6)
        if n > 1:
            others = (cosines.sum() - n) / (n * (n - 1))
            assert measured.mean_cosine[number] == pytest.approx(others, abs=1e-9)


@given(binned())
def test_vendi_is_the_entropy_of_the_whole_matrix(case: tuple[AugmentedFeatures, np.ndarray]) -> None:
    views, bin_of = case
    measured = diversity.vendi(views, bin_of, int(bin_of.max()) + 1)
    for number in range(bin_of.max() + 1):
        cosines = oracles.all_cosines(views.vectors[:, bin_of == number].reshape(-1, views.vectors.shape[2]))
        values = np.linalg.eigvalsh(cosines / len(cosines))
        values = values[values > 1e-12]
        assert measured.diversity[number] == pytest.approx(np.exp(-(values * np.log(values)).sum()), rel=1e-6)
        assert 1 - 1e-9 <= measured.diversity[number] <= min(len(cosines), views.vectors.shape[2]) + 1e-9


@pytest.mark.parametrize("name", sorted(diversity.DIVERSITIES))
def test_contract_of_every_measure(name: str) -> None:
    rng = np.random.default_rng(1)
    views, bin_of = views_of(rng.normal(0.5, 1, (2, 90, 6))), np.arange(90) % 3
    measure = diversity.DIVERSITIES[name]
    one = measure(views, bin_of, 3, seed=4)
    assert one.diversity.shape == one.mean_cosine.shape == (3,)
    assert one.interval.tolist() == measure(views, bin_of, 3, seed=4).interval.tolist()
    longer = measure(views_of(views.vectors * rng.uniform(0.1, 9, (2, 90, 1))), bin_of, 3, seed=4)
    assert longer.diversity == pytest.approx(one.diversity), "only directions matter"
    order = rng.permutation(90)
    mixed = measure(views_of(views.vectors[:, order]), bin_of[order], 3, seed=4)
    assert mixed.diversity == pytest.approx(one.diversity), "the order of images has no effect"
    renamed = measure(views, (bin_of + 1) % 3, 3, seed=4)
    assert renamed.diversity[[1, 2, 0]] == pytest.approx(one.diversity)


@pytest.mark.parametrize("name", sorted(diversity.DIVERSITIES))
def test_near_duplicates_lower_it(name: str) -> None:
    rng = np.random.default_rng(2)
    different = rng.normal(0.5, 1, (1, 60, 8))
    few = np.repeat(different[:, :6], 10, axis=1) + rng.normal(0, 0.01, (1, 60, 8))
    both = views_of(np.concatenate([different, few], axis=1))
    measured = diversity.DIVERSITIES[name](both, np.repeat([0, 1], 60), 2)
    if name == "vendi":
        assert measured.diversity[1] < 7
    assert measured.diversity[1] < measured.diversity[0]


def test_by_hand() -> None:
    right_angle = views_of(np.array([[[1.0, 0.0], [0.0, 1.0], [3.0, 0.0]]]))
    measured = diversity.inverse_mean_cosine(right_angle, np.array([0, 0, 1]), 2)
    # bin 0: cosines 1 0 / 0 1, mean 1/2; bin 1: one image, itself
    assert measured.diversity.tolist() == pytest.approx([2, 1])
    assert measured.mean_cosine.tolist() == pytest.approx([0, 1])
    assert diversity.vendi(right_angle, np.array([0, 0, 1]), 2).diversity.tolist() == pytest.approx([2, 1])
    assert np.isnan(measured.interval).all(), "no interval from fewer than four images"


def test_vectors_that_cancel_out_have_no_diversity() -> None:
    opposite = views_of(np.array([[[1.0, 0.0], [-1.0, 0.0]]]))
    assert diversity.inverse_mean_cosine(opposite, np.zeros(2, int), 1).diversity.tolist() == [np.inf]


def test_a_mean_cosine_near_zero_gives_a_warning() -> None:
    rng = np.random.default_rng(3)
    bin_of = np.repeat([0, 1], [20, 200])
    views = views_of(rng.normal(0, 1, (1, 220, 400)))
    measured = diversity.inverse_mean_cosine(views, bin_of, 2)
    assert measured.diversity == pytest.approx([20, 200], rel=0.5)
    assert measured.mean_cosine == pytest.approx([0, 0], abs=0.02)
    assert measured.warnings[:1] == (
        "The cosines of all bins average near zero, so 1/mean is above half the number of vectors: there, it "
        "measures the size of the bin rather than its diversity. Read the mean cosine instead, or choose the diversity "
        "vendi.",
    )


def _cap(n: int, rng: np.random.Generator) -> np.ndarray:
    """Return two views of n images; |mean of the unit vectors|^2 of the distribution is known from a large sample."""
    centre = rng.normal(0, 1, (n, 5)) + np.array([1.5, 0, 0, 0, 0])
    return centre + 0.3 * rng.normal(0, 1, (2, n, 5))


def test_intervals_have_their_coverage() -> None:
    rng = np.random.default_rng(4)
    large = unit_rows(_cap(200_000, rng))
    own = float((large.sum(axis=0) ** 2).sum(axis=1).mean()) / 4
    others = float((large.mean(axis=(0, 1)) ** 2).sum())
    n, inside = 80, 0
    truth = 1 / (own / n + others * (n - 1) / n)  # the mean over bins of 80 images
    views = views_of(np.concatenate([_cap(n, rng) for _ in range(200)], axis=1))
    measured = diversity.inverse_mean_cosine(views, np.repeat(np.arange(200), n), 200)
    inside = ((measured.interval[:, 0] <= truth) & (truth <= measured.interval[:, 1])).mean()
    assert 0.88 <= inside <= 0.99
