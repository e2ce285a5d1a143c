"""The Importance score (IS) of every bin: the sum of its normalised representativeness and diversity.

The module also computes the 95 % interval of Rep (`bootstrap_means`) and warnings: a score does not tell the bins
apart, or has no interval in some bins. `diversity.py` computes the interval of Div.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from adq_core.checking import check_labels, check_per_image
from adq_core.errors import InputError, unknown_name
from adq_core.records import Bins, BinScores, Floats, Ints

from .diversity import BinDiversity
from .equality import LEVEL, equality_p_value, holm, within_class_errors
from .representativeness import VALUE_ERRORS
from .rounding import EPS, mean_error, merge_equal

N_RESAMPLES = 400  # of the bootstrap
CONFIDENCE = (0.025, 0.975)  # quantiles of a 95 % interval


def score_bins(
    bins: Bins,
    values: Floats,
    labels: Ints,
    measured: BinDiversity,
    *,
    representativeness_name: str = "texture",
    diversity_name: str = "random-backbone",
    normalisation: str = "minmax",
    notes: tuple[str, ...] = (),
    seed: int = 0,
    key: str = "",
) -> BinScores:
    """Return raw and normalised scores of every bin, and the importance I_n = norm(Rep)_n + norm(Div)_n.

    values (M,): the representativeness of every image; Rep_n is its mean over bin n. measured: diversity of the bins.
    notes: further warnings. With min-max the normalised scores lie in [0, 1] and the importance in [0, 2]. Values of
    Rep that are equal up to rounding are replaced by their mean, as those of Div are. Raises `SettingsError` for an
    unknown normalisation and `InputError` if a diversity is not finite.

    A joint test asks for each score whether all bins have the same true value; the p-values have Holm's correction for
    the two scores. Bins without an interval of Div, and bins of one image for Rep, are unknown and not tested.

    How it misleads: normalised scores hide how little the bins differ; read intervals and amplification beside them.
    The paper has no formula for "normalised"; min-max agrees with its printed importances (first and last exactly 1).
    """
    if normalisation not in NORMALISATIONS:
        raise unknown_name("normalisation", normalisation, NORMALISATIONS)
    check_per_image(values, len(bins.bin_of), "The representativeness")
    check_labels(labels, len(bins.bin_of))
    diversity = _finite(measured.diversity)
    rep = _representativeness(bins, values, VALUE_ERRORS.get(representativeness_name, EPS))
    rep_norm, div_norm = (NORMALISATIONS[normalisation](score) for score in (rep, diversity))
    rep_interval = bootstrap_means(values, bins.bin_of, bins.n_bins, seed=seed)
    errors = within_class_errors(values, labels, bins.bin_of, bins.n_bins)
    rep_p, div_p = holm(equality_p_value(rep, errors, bins.capacity - 1), measured.p_value)
    tested = _equality_warnings("Rep", rep, rep_p, rep_interval)
    tested += _equality_warnings("Div", diversity, div_p, measured.interval)
    return BinScores(
        representativeness=rep,
        diversity=diversity,
        mean_cosine=measured.mean_cosine,
        diversity_images=measured.n_images,
        representativeness_norm=rep_norm,
        diversity_norm=div_norm,
        importance=rep_norm + div_norm,
        representativeness_interval=rep_interval,
        diversity_interval=measured.interval,
        representativeness_amplification=amplification(rep, rep_norm),
        diversity_amplification=amplification(diversity, div_norm),
        representativeness_by_bin=eta_squared(values, bins.bin_of),
        representativeness_by_class=eta_squared(values, labels),
        representativeness_name=representativeness_name,
        diversity_name=diversity_name,
        normalisation=normalisation,
        warnings=(*notes, *measured.warnings, *tested),
        key=key,
        representativeness_p=rep_p,
        diversity_p=div_p,
    )


def _representativeness(bins: Bins, values: Floats, value_error: float) -> Floats:
    """Return the mean of the values in every bin, (m,); means that are equal up to rounding are the same number."""
    sizes = bin_means(np.abs(values), bins.bin_of, bins.n_bins)
    return merge_equal(bin_means(values, bins.bin_of, bins.n_bins), mean_error(bins.capacity, sizes, value_error))


def _finite(diversity: Floats) -> Floats:
    """Return the diversity of the bins; raise `InputError` if one is not finite."""
    for number in np.flatnonzero(~np.isfinite(diversity)):
        raise InputError(
            f"The diversity of every bin must be finite, but the vectors of bin {number} cancel out. "
            "Choose another diversity, such as vendi."
        )
    return diversity


def bin_means(values: Floats, bin_of: Ints, n_bins: int) -> Floats:
    """Return the mean of the values in every bin, (m,); 0 for an empty bin."""
    count = np.bincount(bin_of, minlength=n_bins)
    return np.asarray(np.bincount(bin_of, weights=values, minlength=n_bins) / np.maximum(count, 1))


def bootstrap_means(values: Floats, bin_of: Ints, n_bins: int, *, seed: int = 0) -> Floats:
    """Return the 95 % percentile bootstrap interval of the mean of every bin, (m, 2); nan for fewer than two images.

    It shows how far the mean would move with other images of the same kind. Reference: Efron 1979, "Bootstrap methods".
    """
    interval = np.full((n_bins, 2), np.nan)
    for number in range(n_bins):
        inside = np.asarray(values[bin_of == number], np.float64)
        if len(inside) > 1:
            rng = np.random.default_rng([seed, number])
            means = [inside[rng.integers(0, len(inside), len(inside))].mean() for _ in range(N_RESAMPLES)]
            interval[number] = np.quantile(means, CONFIDENCE)
    return interval


def amplification(raw: Floats, normalised: Floats) -> float:
    """Return the range of the normalised score divided by the relative range of the raw score; nan for equal bins.

    (max - min of the normalised score) / ((max - min) / |mean| of the raw score). 20 means that bins which differ by
    5 % of their mean fill the full range of 0 to 1 after min-max.
    """
    raw_range = float(raw.max() - raw.min())
    if raw_range == 0:
        return float("nan")
    return float(normalised.max() - normalised.min()) / (raw_range / abs(float(raw.mean())))


def eta_squared(values: Floats, groups: Ints) -> float:
    """Return eta squared, the share of the variance between groups: 0 to 1; 0 if all values are equal.

    How it misleads: groups of a few images explain a part of any variance by chance.
    """
    values = np.asarray(values, np.float64)
    count = np.bincount(groups)
    means = np.bincount(groups, weights=values) / np.maximum(count, 1)
    total = float(((values - values.mean()) ** 2).sum())
    return float((count * (means - values.mean()) ** 2).sum() / total) if total > 0 else 0.0


def _equality_warnings(name: str, score: Floats, p_value: float, interval: Floats) -> list[str]:
    """Return sentences for the user on what the joint test of a score says, and on bins that it leaves out."""
    m, n_unknown = len(score), int(np.isnan(interval[:, 0]).sum())
    if m < 2:
        return []
    if not np.ptp(score) > 0:
        return [f"{name} is the same in every bin, so its normalised value is 0 everywhere."]
    sentences = []
    if n_unknown:
        bins = f"{n_unknown} of {m} bins, because they have" if n_unknown > 1 else f"1 of {m} bins, because it has"
        sentences.append(
            f"{name} has no interval in {bins} too few images. How far chance moves {name} there is unknown, and the "
            "joint test of the bins leaves them out."
        )
    if np.isnan(p_value):
        sentences.append(f"It is unknown whether {name} differs between the bins: fewer than two have an interval.")
    elif p_value > LEVEL:
        sentences.append(
            f"{name} does not tell the bins apart: such differences are expected by chance if all bins have the same "
            f"true value (joint test, p = {p_value:.2g} with Holm's correction for Rep and Div). The differences "
            f"between the normalised {name} scores are mostly chance."
        )
    return sentences


def minmax(score: Floats) -> Floats:
    """Return (score - min) / (max - min), in [0, 1]; 0 if the score is equal in all bins."""
    low, high = score.min(), score.max()
    return np.asarray((score - low) / (high - low) if high > low else np.zeros_like(score))


def sum_to_one(score: Floats) -> Floats:
    """Return score / sum of the scores, which keeps ratios; 0 if the score is equal in all bins."""
    return np.asarray(score / score.sum() if score.max() > score.min() else np.zeros_like(score))


def rank(score: Floats) -> Floats:
    """Return (rank from the lowest, starting at 0) / (m - 1), in [0, 1]; ties have their mean rank.

    0 if the score is equal in all bins. Differences between scores are lost.
    """
    if not score.max() > score.min():
        return np.zeros_like(score)
    below = (score[None, :] < score[:, None]).sum(axis=1)
    equal = (score[None, :] == score[:, None]).sum(axis=1) - 1
    return np.asarray((below + equal / 2) / (len(score) - 1))


def identity(score: Floats) -> Floats:
    """Return the score unchanged; 0 if it is equal in all bins.

    How it misleads: the score with the larger values dominates the sum.
    """
    return np.array(score, np.float64) if score.max() > score.min() else np.zeros_like(score)


NORMALISATIONS: dict[str, Callable[[Floats], Floats]] = {
    "minmax": minmax,
    "sum": sum_to_one,
    "rank": rank,
    "none": identity,
}
