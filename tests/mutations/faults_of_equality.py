"""Faults of the joint test, of scores that are equal up to rounding, and of checks against an open data set."""

from __future__ import annotations

from tests.mutations.fault import Fault

FAULTS = [
    # --- joint test and rounding ---
    Fault("scores", "no correction", "equality", "(len(known) - number) * p", "p"),
    Fault(
        "scores",
        "errors with the spread between classes",
        "equality",
        "rest = values - means[stratum]",
        "rest = values + 0",
    ),
    Fault(
        "scores",
        "errors of one image for those of the mean",
        "equality",
        "squares / np.maximum((count - 1) * count, 1)",
        "squares / np.maximum(count - 1, 1)",
    ),
    Fault(
        "scores",
        "half the errors",
        "equality",
        "x, variance, dof = values[known], errors[known] ** 2,",
        "x, variance, dof = values[known], errors[known] ** 2 / 4,",
    ),
    Fault(
        "scores",
        "degrees of freedom of one bin",
        "equality",
        "dof_within = variance.sum() ** 2 / (variance**2 / dof).sum()",
        "dof_within = dof.min()",
    ),
    Fault(
        "scores",
        "unknown bins count as known",
        "equality",
        "known = np.isfinite(errors) & np.isfinite(values)",
        "known = np.isfinite(values)",
    ),
    Fault(
        "scores", "bins without an interval are not counted", "scores", "    if n_unknown:\n", "    if n_unknown > m:\n"
    ),
    Fault(
        "scores",
        "equal scores are not merged",
        "rounding",
        "ascending, error = values[order], errors[order]",
        "ascending, error = values[order], 0 * errors[order]",
    ),
    Fault(
        "scores",
        "bounds a thousand times too large",
        "rounding",
        "PRODUCT_TERMS = 1024",
        "PRODUCT_TERMS = 1024 * 10**6",
    ),
    Fault("scores", "an entropy has no error", "rounding", "if t > 0 else 0.0", "if t > 1 else 0.0"),
    Fault(
        "scores",
        "equal scores stay as they are",
        "scores",
        "return np.array(score, np.float64) if score.max() > score.min() else np.zeros_like(score)",
        "return np.array(score, np.float64)",
    ),
    Fault(
        "diversity",
        "all images for the joint test",
        "diversity",
        "if size[number] > common:",
        "if size[number] > 10**9:",
    ),
    Fault(
        "diversity",
        "groups ignore the classes",
        "vendi",
        "np.lexsort((rng.permutation(n), labels))",
        "rng.permutation(n)",
    ),
    Fault("diversity", "the size is in the joint test", "bin_vectors", "(square - own / self.size) *", "square *"),
    Fault(
        "diversity",
        "no error beside a mean of zero",
        "bin_vectors",
        " + 2 * float((covariance**2).sum()) / counts**2",
        "",
    ),
    # --- settings that the data refute, small classes ---
    Fault(
        "small classes",
        "no check of the keep ratio",
        "settings_check",
        "    check_keep_ratio(settings.keep_ratio, len(dataset))\n",
        "",
    ),
    Fault(
        "small classes",
        "bins are checked by the smallest class",
        "settings_check",
        "dataset.class_counts if",
        "dataset.class_counts[dataset.class_counts.argmin() :][:1] if",
    ),
    Fault(
        "small classes",
        "no check of the kernel",
        "settings_check",
        '    if settings.kernel == "gradient":',
        '    if settings.kernel == "":',
    ),
    Fault(
        "small classes",
        "classes as large as the bins are small",
        "settings_check",
        "(sizes < settings.n_bins)",
        "(sizes <= settings.n_bins)",
    ),
    Fault(
        "small classes",
        "geometric sizes below zero",
        "bins_schedules",
        "    if n < n_bins:\n        return equal_sizes(n, n_bins)\n",
        "",
    ),
]
