"""Joint test that a score has the same true value in all bins, from its values and standard errors."""

from __future__ import annotations

import numpy as np

from adq_core.records import Floats, Ints

LEVEL = 0.05  # of the joint test of Rep and Div: the share of false alarms when no score differs between bins


def equality_p_value(values: Floats, errors: Floats, dof: Ints) -> float:
    """Return the p-value of the hypothesis that all values have the same expectation; nan for fewer than two values.

    values (m,), errors (m,): their standard errors; bins whose error is not finite are left out. dof (m,): degrees of
    freedom of the errors. F = sum (x - mean x)^2 / ((1 - 1/m) sum of squared errors), compared with an F distribution
    whose degrees of freedom are those of both quadratic forms by Satterthwaite's rule. Unequal errors are allowed.

    How it misleads: a small p-value says that some bins differ, not which; a large one does not prove that they are
    equal. References: Brown and Forsythe 1974, "The small sample behavior of some statistics which test the equality of
    several means"; Mehrotra 1997, "Improving the Brown-Forsythe solution" (degrees of freedom of the numerator).
    """
    known = np.isfinite(errors) & np.isfinite(values)
    x, variance, dof = values[known], errors[known] ** 2, dof[known]
    m = len(x)
    if m < 2:
        return float("nan")
    between, expected = float(((x - x.mean()) ** 2).sum()), float((1 - 1 / m) * variance.sum())
    if between == 0 or expected == 0:
        return 1.0 if between == 0 else 0.0
    from scipy.special import fdtrc

    form = (np.eye(m) - 1 / m) * variance
    dof_between = np.trace(form) ** 2 / np.trace(form @ form)
    dof_within = variance.sum() ** 2 / (variance**2 / dof).sum()
    return float(fdtrc(dof_between, dof_within, between / expected))


def holm(*p_values: float) -> tuple[float, ...]:
    """Return the p-values with Holm's correction, so that all can be compared with one level; nan stays nan.

    Reference: Holm 1979, "A simple sequentially rejective multiple test procedure".
    """
    known = sorted((p, place) for place, p in enumerate(p_values) if not np.isnan(p))
    corrected, largest = list(p_values), 0.0
    for number, (p, place) in enumerate(known):
        largest = max(largest, min(1.0, (len(known) - number) * p))
        corrected[place] = largest
    return tuple(corrected)


def within_class_errors(values: Floats, labels: Ints, bin_of: Ints, n_bins: int) -> Floats:
    """Return the standard error of the mean of every bin, from the spread within classes, (m,); nan below two images.

    sqrt(sum of squares / (N - 1) / N) of what is left of the N values after the mean of each class over all bins and
    then the mean of the bin are subtracted. A square of a class of M_c images counts M_c / (M_c - 1) times. The spread
    between classes is left out, because each bin has its share of every class. Classes of one image count as one class.
    """
    sizes = np.bincount(labels)
    stratum = np.where(sizes[labels] > 1, labels, len(sizes))
    sizes = np.maximum(np.bincount(stratum), 1)
    means = np.bincount(stratum, weights=values) / sizes
    count = np.bincount(bin_of, minlength=n_bins)
    rest = values - means[stratum]
    rest -= (np.bincount(bin_of, weights=rest, minlength=n_bins) / np.maximum(count, 1))[bin_of]
    factor = (sizes / np.maximum(sizes - 1, 1))[stratum]
    squares = np.bincount(bin_of, weights=rest**2 * factor, minlength=n_bins)
    return np.where(count > 1, np.sqrt(squares / np.maximum((count - 1) * count, 1)), np.nan)
