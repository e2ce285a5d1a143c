from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adq_core.errors import InputError, SettingsError
from adq_core.records import Bins, BinScores
from adq_core.scores import importance as scores
from adq_core.scores.diversity import BinDiversity

PUBLISHED = np.array([1, 0.985, 1.031, 1.182, 1.094, 1.176, 1.083, 1.089, 1.011, 1])
TEXTURES = np.array([0.32309, 0.32225, 0.32143, 0.32184, 0.31931, 0.31929, 0.32007, 0.31492, 0.31082, 0.30686])
SCORE = st.lists(st.floats(1e-3, 1e3), min_size=1, max_size=12).map(np.array)
NAMES = sorted(scores.NORMALISATIONS)


def bins_of(bin_of: np.ndarray) -> Bins:
    m = len(bin_of)
    n_bins = int(bin_of.max()) + 1
    return Bins(bin_of=bin_of, rank=np.zeros(m, int), gain=np.zeros(m), n_bins=n_bins, key="made up")


def score(
    values: np.ndarray, bin_of: np.ndarray, diversity: list[float], *, p_value: float = 0.001, **changes: object
) -> BinScores:
    n = len(diversity)
    narrow = np.array(diversity)[:, None] + np.array([-1e-6, 1e-6])
    measured = BinDiversity(np.array(diversity), -np.arange(n) / n, narrow, (), np.arange(n), p_value)
    return scores.score_bins(bins_of(bin_of), values, bin_of % 2, measured, **changes)


@given(SCORE, st.sampled_from(NAMES))
def test_every_normalisation_preserves_the_order(raw: np.ndarray, name: str) -> None:
    normalised = scores.NORMALISATIONS[name](raw)
    assert normalised.shape == raw.shape
    assert (normalised >= 0).all()
    below = raw[:, None] < raw[None, :]
    assert (normalised[:, None] <= normalised[None, :])[below].all()
    assert (np.equal.outer(normalised, normalised) >= np.equal.outer(raw, raw)).all(), "equal scores stay equal"


@given(SCORE, st.sampled_from(["minmax", "rank"]), st.floats(0.01, 100))
def test_minmax_and_rank_do_not_depend_on_the_unit(raw: np.ndarray, name: str, factor: float) -> None:
    normalise = scores.NORMALISATIONS[name]
    assert normalise(raw * factor) == pytest.approx(normalise(raw), abs=1e-6)


@given(st.floats(0.1, 10), st.integers(1, 9), st.sampled_from(NAMES))
def test_a_score_equal_in_all_bins_becomes_zero(value: float, n: int, name: str) -> None:
    assert scores.NORMALISATIONS[name](np.full(n, value)).tolist() == [0.0] * n


def test_normalisations_checked_by_hand() -> None:
    raw = np.array([2.0, 6.0, 4.0, 4.0])
    assert scores.minmax(raw).tolist() == [0, 1, 0.5, 0.5]
    assert scores.sum_to_one(raw).tolist() == [0.125, 0.375, 0.25, 0.25]
    assert scores.rank(raw).tolist() == [0, 1, 0.5, 0.5]
    assert scores.identity(raw).tolist() == raw.tolist()


def test_minmax_agrees_with_the_published_importances() -> None:
    implied = PUBLISHED - scores.minmax(TEXTURES)
    assert implied == pytest.approx([0, 0.037, 0.133, 0.26, 0.327, 0.411, 0.269, 0.593, 0.767, 1], abs=0.0015)
    assert implied.min() == 0
    assert implied.max() == 1


def test_importance_is_the_sum_of_the_normalised_scores() -> None:
    bin_of = np.array([0, 0, 1, 1, 2, 2])
    made = score(np.array([0.1, 0.3, 0.5, 0.7, 0.3, 0.3]), bin_of, [2.0, 3.0, 4.0])
    assert made.representativeness == pytest.approx([0.2, 0.6, 0.3])
    assert made.representativeness_norm == pytest.approx([0, 1, 0.25])
    assert made.diversity_norm == pytest.approx([0, 0.5, 1])
    assert made.importance == pytest.approx([0, 1.5, 1.25])
    assert made.diversity_images.tolist() == [0, 1, 2]
    # normalised range 1 over raw range 0.4 / mean 0.3667
    assert made.representativeness_amplification == pytest.approx(1 / (0.4 / (1.1 / 3)))
    assert made.diversity_amplification == pytest.approx(1 / (2 / 3))


def test_published_textures_differ_by_five_percent_and_minmax_amplifies_them() -> None:
    amplified = scores.amplification(TEXTURES, scores.minmax(TEXTURES))
    assert 1 / amplified == pytest.approx(0.051, abs=0.001)
    assert np.isnan(scores.amplification(np.ones(3), np.zeros(3)))


def test_the_share_of_variance_explained_by_bins_and_classes() -> None:
    values, groups = np.array([1.0, 1, 3, 3]), np.array([0, 0, 1, 1])
    assert scores.eta_squared(values, groups) == pytest.approx(1)
    assert scores.eta_squared(values, np.array([0, 1, 0, 1])) == pytest.approx(0)
    assert scores.eta_squared(np.ones(4), groups) == 0
    assert scores.eta_squared(np.array([1.0, 3, 3, 5]), groups) == pytest.approx(0.5)


def test_the_interval_of_a_mean_contains_the_true_mean_in_19_of_20_cases() -> None:
    rng = np.random.default_rng(0)
    bin_of = np.repeat(np.arange(150), 60)
    interval = scores.bootstrap_means(rng.exponential(1.0, len(bin_of)), bin_of, 150)
    assert 0.87 <= ((interval[:, 0] <= 1) & (interval[:, 1] >= 1)).mean() <= 0.99
    alone = scores.bootstrap_means(np.ones(3), np.array([0, 1, 1]), 2)
    assert np.isnan(alone[0]).all()
    assert alone[1].tolist() == [1, 1]


CHANCE = (
    "{} does not tell the bins apart: such differences are expected by chance if all bins have the same true value "
    "(joint test, p = {} with Holm's correction for Rep and Div). The differences between the normalised {} scores are "
    "mostly chance."
)


def test_warnings_of_the_joint_test() -> None:
    rng = np.random.default_rng(1)
    bin_of, noise = np.repeat([0, 1, 2], 50), rng.random(150)
    assert score(bin_of + noise, bin_of, [3.0, 4.0, 5.0]).warnings == ()
    same = score(noise, bin_of, [3.0, 4.0, 5.0])
    assert same.warnings == (CHANCE.format("Rep", f"{same.representativeness_p:.2g}", "Rep"),)
    assert same.representativeness_p > 0.05
    assert score(bin_of + noise, bin_of, [3.0, 4.0, 5.0], p_value=0.06).warnings == (CHANCE.format("Div", 0.06, "Div"),)
    both = score(noise, bin_of, [3.0, 4.0, 5.0], p_value=0.03)
    assert both.diversity_p == pytest.approx(0.06), "Holm: twice the smaller p-value"
    assert both.warnings[1] == CHANCE.format("Div", 0.06, "Div")


def test_bins_without_an_interval_are_unknown() -> None:
    bin_of = np.array([0, 0, 0, 1, 1, 1, 2, 3])
    made = score(bin_of + np.arange(8) % 2 / 10, bin_of, [3.0, 4.0, 5.0, 6.0], p_value=np.nan)
    assert made.warnings == (
        "Rep has no interval in 2 of 4 bins, because they have too few images. How far chance moves Rep there is "
        "unknown, and the joint test of the bins leaves them out.",
        "It is unknown whether Div differs between the bins: fewer than two have an interval.",
    )
    assert made.representativeness_p < 0.05, "one p-value is known, so nothing is corrected"
    assert np.isnan(made.diversity_p)


def test_a_score_that_is_the_same_in_every_bin_is_said_to_be() -> None:
    bin_of = np.repeat([0, 1, 2], 7)
    made = score(np.full(21, 0.1), bin_of, [3.0, 3.0, 3.0], p_value=1.0)
    assert made.warnings == tuple(
        f"{name} is the same in every bin, so its normalised value is 0 everywhere." for name in ("Rep", "Div")
    )
    assert score(np.ones(3), np.zeros(3, int), [3.0]).warnings == (), "a single bin has nothing to tell apart"


def test_scores_that_cannot_be_computed() -> None:
    with pytest.raises(SettingsError) as unknown:
        score(np.ones(2), np.array([0, 1]), [1.0, 2.0], normalisation="softmax")
    assert str(unknown.value) == "Unknown normalisation 'softmax'. Choose one of: minmax, sum, rank, none."
    with pytest.raises(InputError) as undefined:
        score(np.ones(2), np.array([0, 1]), [1.0, np.inf])
    assert str(undefined.value) == (
        "The diversity of every bin must be finite, but the vectors of bin 1 cancel out. "
        "Choose another diversity, such as vendi."
    )
