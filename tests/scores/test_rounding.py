"""Scores that are equal up to rounding count as equal, and differences beyond rounding are kept."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adq_core import Run, Settings
from adq_core.errors import InputError
from adq_core.records import AugmentedFeatures, Bins
from adq_core.scores import DIVERSITIES, NORMALISATIONS, importance, rounding
from adq_core.scores.contrastive import apply_head, random_head
from adq_core.scores.representativeness import VALUE_ERRORS
from tests.fakes import fake_dataset

SEEDS = st.integers(0, 2**32 - 1)


def features(vectors: np.ndarray) -> AugmentedFeatures:
    return AugmentedFeatures(vectors=vectors, name="made up", key="made up")


@given(SEEDS, st.sampled_from(sorted(DIVERSITIES)), st.sampled_from([1, 2]), st.sampled_from([np.float32, np.float64]))
def test_div_of_copies_of_one_set_of_vectors_is_equal(seed: int, name: str, n_views: int, dtype: type) -> None:
    rng = np.random.default_rng(seed)
    n, d, m = int(rng.integers(1, 40)), int(rng.integers(1, 300)), int(rng.integers(2, 6))
    one = rng.normal(rng.uniform(0, 3), 1, (n_views, n, d))
    copies = [one[:, rng.permutation(n)] * rng.uniform(0.1, 9) for _ in range(m)]  # other order, other rounding
    measured = DIVERSITIES[name](features(np.concatenate(copies, axis=1).astype(dtype)), np.repeat(range(m), n), m)
    assert len(set(measured.diversity)) == 1
    for normalise in NORMALISATIONS.values():
        assert normalise(measured.diversity).tolist() == [0] * m


@given(SEEDS, st.sampled_from(["texture", "centre-closeness", "compressibility"]))
def test_rep_of_the_same_values_in_another_order_is_equal(seed: int, name: str) -> None:
    rng = np.random.default_rng(seed)
    values, m = rng.uniform(0, 3, int(rng.integers(1, 400))), 4
    bin_of = np.repeat(range(m), len(values))
    bins = Bins(bin_of=bin_of, rank=bin_of, gain=np.zeros(len(bin_of)), n_bins=m, key="made up")
    mixed = np.concatenate([rng.permutation(values) for _ in range(m)])
    div = DIVERSITIES["vendi"](features(np.ones((1, len(bin_of), 2))), bin_of, m)
    made = importance.score_bins(bins, mixed, np.zeros(len(bin_of), int), div, representativeness_name=name)
    assert len(set(made.representativeness)) == 1
    assert made.importance.tolist() == [0] * m
    assert np.isnan(made.representativeness_amplification)
    assert np.isnan(made.diversity_amplification)


@pytest.mark.parametrize("normalisation", sorted(NORMALISATIONS))
@pytest.mark.parametrize("diversity", ["random-backbone", "vectors", "vendi"])
def test_copies_of_one_picture_have_no_scores(diversity: str, normalisation: str) -> None:
    picture = np.random.default_rng(0).integers(0, 255, (32, 32, 3), dtype=np.uint8)
    data = fake_dataset([picture] * 26, labels=[0] * 13 + [1] * 13)
    settings = Settings(embeddings="pixels", diversity=diversity, normalisation=normalisation, n_bins=4)
    if diversity == "random-backbone":  # random crops of copies differ, of one colour they do not
        data = fake_dataset([np.full((32, 32, 3), 90, np.uint8)] * 26, labels=[0] * 13 + [1] * 13)
    if diversity == "vectors":  # the components of equal pictures are zero
        with pytest.raises(InputError, match="vectors of bin 0 cancel out"):
            _ = Run(settings, dataset=data).scores
        return
    scores = Run(settings, dataset=data).scores
    assert scores.importance.tolist() == [0] * 4
    assert np.isnan(scores.diversity_amplification)


def test_views_without_differences_have_equal_div_under_a_head() -> None:
    one = np.random.default_rng(1).normal(1, 1, 700).astype(np.float16)
    views = features(np.tile(one, (2, 101, 1)))
    for seed in range(5):
        measured = DIVERSITIES["contrastive"](apply_head(random_head(700, seed=seed), views), np.arange(101) % 7, 7)
        assert len(set(measured.diversity)) == 1


def test_values_within_their_errors_are_merged_and_others_are_kept() -> None:
    values, errors = np.array([3.0, 1.0, 1.2, 9.0, 1.35]), np.full(5, 0.1)
    mean = pytest.approx(3.55 / 3)
    assert rounding.merge_equal(values, errors).tolist() == [3.0, mean, mean, 9.0, mean]
    assert rounding.merge_equal(values, np.full(5, 0.05)).tolist() == values.tolist()
    infinite = np.array([np.inf, 1.0, np.inf])
    assert rounding.merge_equal(infinite, np.full(3, np.inf)).tolist()[1:] != [np.nan]
    assert rounding.merge_equal(infinite, np.zeros(3)).tolist() == infinite.tolist()


@given(st.lists(st.floats(-100, 100), min_size=1, max_size=12), st.floats(0, 1))
def test_merging_keeps_the_order(values: list[float], error: float) -> None:
    raw = np.array(values)
    merged = rounding.merge_equal(raw, np.full(len(raw), error))
    assert (merged[np.argsort(raw, kind="stable")] == np.sort(merged)).all()
    assert (np.abs(merged - raw) <= 2 * error * len(raw) + 1e-9).all()
    assert len(set(merged)) == 1 + (np.diff(np.sort(raw)) > 2 * error).sum() or error < 1e-12


@pytest.mark.parametrize(("share", "kept"), [(0.5, False), (20.0, True)])
def test_the_smallest_differences_that_count_are_a_few_bounds(share: float, kept: bool) -> None:
    """Two bins of unit vectors at an angle: |mean|^2 differs by a share of its error bound."""
    bound = rounding.square_error(0.5, rounding.vector_error(np.dtype(np.float32), 4))
    cosine = share * bound * 2
    right_angle = np.array([[1.0, 0, 0], [0, 1, 0]])
    nearly = np.array([[1.0, 0, 0], [cosine, np.sqrt(1 - cosine**2), 0]])
    views = features(np.concatenate([right_angle, nearly])[None].astype(np.float32))
    measured = DIVERSITIES["vectors"](views, np.array([0, 0, 1, 1]), 2)
    assert (measured.diversity[0] != measured.diversity[1]) == kept


def test_the_entropy_bound_holds_for_vectors_that_move() -> None:
    rng = np.random.default_rng(3)
    for _ in range(50):
        n, d, e = int(rng.integers(2, 40)), int(rng.integers(2, 40)), 10.0 ** rng.uniform(-9, -2)
        unit = rng.normal(size=(n, d)) + rng.uniform(0, 5)
        unit /= np.linalg.norm(unit, axis=1, keepdims=True)
        step = rng.normal(size=(n, d))
        moved = unit + 0.5 * e * step / np.linalg.norm(step, axis=1, keepdims=True)
        moved /= np.linalg.norm(moved, axis=1, keepdims=True)
        entropies = [
            np.log(DIVERSITIES["vendi"](features(x[None]), np.zeros(n, int), 1).diversity[0]) for x in (unit, moved)
        ]
        assert abs(entropies[0] - entropies[1]) <= rounding.entropy_error(e, min(n, d)) + 1e-9


def test_real_differences_are_far_above_the_bounds() -> None:
    """Published Div differs by a few thousandths between bins, Rep by hundredths."""
    assert 1.1**2 * rounding.square_error(1 / 1.1, rounding.vector_error(np.dtype(np.float32), 3000)) < 2e-5
    assert rounding.entropy_error(rounding.vector_error(np.dtype(np.float32), 3000), 256) < 2e-4
    assert max(VALUE_ERRORS.values()) < 1e-5
