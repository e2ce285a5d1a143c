"""Faults of the sentences, numbers and formulas on the pages."""

from __future__ import annotations

from tests.mutations.fault import Fault

APP = "app/"
T = "tests/app/"
MODULES = {
    "explanations": APP + "text/explanations.py",
    "text_quotas": APP + "text/quotas.py",
    "text_comparison": APP + "text/comparison.py",
    "summaries": APP + "text/summaries.py",
    "format": APP + "text/format.py",
    "markdown": APP + "text/markdown.py",
    "worked_quotas": APP + "text/worked_quotas.py",
    "worked_formulas": APP + "text/worked_formulas.py",
}
TESTS = {
    "texts": [
        *(T + f"text/test_{name}.py" for name in ("format", "explanations", "comparison", "summaries", "markdown")),
        T + "charts/test_quotas.py",
        T + "text/test_worked_formulas.py",
    ],
}
TESTS_OF_MODULE = {
    **{name: [T + f"text/test_{name}.py"] for name in ("explanations", "format", "markdown", "summaries")},
    "text_comparison": [T + "text/test_comparison.py"],
    "text_quotas": [T + "charts/test_quotas.py"],
    **{name: [T + "text/test_worked_formulas.py"] for name in ("worked_formulas", "worked_quotas")},
}
FAULTS = [
    # --- texts ---
    Fault("texts", "0 more than selected", "explanations", "if count > target:", "if count >= target:"),
    Fault(
        "texts",
        "one too few is missing",
        "explanations",
        "missing = position + 1 - bin_quota",
        "missing = position - bin_quota",
    ),
    Fault(
        "texts",
        "ranges of alpha are one step too long",
        "explanations",
        "np.asarray(table.quota)[:, number] > position",
        "np.asarray(table.quota)[:, number] >= position",
    ),
    Fault(
        "texts",
        "surplus of other bins",
        "text_quotas",
        "np.flatnonzero(quotas.capped > 0)",
        "np.flatnonzero(quotas.reallocated > 0)",
    ),
    Fault(
        "texts",
        "only added images count",
        "text_quotas",
        "np.maximum(np.maximum(step, 0).sum(axis=1), np.maximum(-step, 0).sum(axis=1))",
        "np.maximum(step, 0).sum(axis=1)",
    ),
    Fault("texts", "a small effect is large", "text_quotas", "if share < 0.2", "if share < 0.02"),
    Fault("texts", "chance is below the interval", "text_comparison", "if c.jaccard > high:", "if c.jaccard > low:"),
    Fault(
        "texts",
        "A has fewer images where it has more",
        "text_comparison",
        "net = counts[:, ONLY_A] - counts[:, ONLY_B]",
        "net = counts[:, ONLY_B] - counts[:, ONLY_A]",
    ),
    Fault(
        "texts",
        "A contains B where B contains A",
        "text_comparison",
        "if c.size_a == small else",
        "if c.size_a == large else",
    ),
    Fault(
        "texts",
        "the range is not relative",
        "summaries",
        "return float(np.ptp(values)) / mean",
        "return float(np.ptp(values))",
    ),
    Fault(
        "texts",
        "the classes with the lowest and highest texture are swapped",
        "summaries",
        "int(np.nanargmin(means)), int(np.nanargmax(means))",
        "int(np.nanargmax(means)), int(np.nanargmin(means))",
    ),
    Fault(
        "texts",
        "an empty class has no texture",
        "summaries",
        "means = np.where(counts > 0, means, np.nan)",
        "means = np.asarray(means)",
    ),
    Fault("texts", "every difference is small", "summaries", "if between < within / 2:", "if between < within * 2:"),
    Fault(
        "texts",
        "more and fewer are swapped",
        "summaries",
        "difference = quotas.quota - other.quota",
        "difference = other.quota - quotas.quota",
    ),
    Fault("texts", "the worst inpainting method is the best", "summaries", "best = max(psnr,", "best = min(psnr,"),
    Fault("texts", "99.96 % is 100 %", "format", "gap == 0 or gap >= 0.05", "gap >= 0"),
    Fault(
        "texts",
        "a long name loses its end",
        "format",
        "name[len(name) - length // 2 :]",
        "name[length - length // 2 : length]",
    ),
    Fault("texts", "a link in a name is live", "markdown", 'line = _COLON.sub(":" + JOINER, line)', "pass"),
    Fault(
        "texts",
        "emphasis in a name",
        "markdown",
        r'_SPECIAL = re.compile(r"([\\`*\[\]<>~$|&])")',
        r'_SPECIAL = re.compile(r"([\\`\[\]<>~$|&])")',
    ),
    Fault(
        "texts",
        "the priority of the last image",
        "worked_quotas",
        "weight[number] / (2 * quota - 1):.5g",
        "weight[number] / (2 * quota + 1):.5g",
    ),
    Fault("texts", "the gain of all images", "worked_formulas", "(bins.bin_of >= number) & ", "(bins.bin_of >= 0) & "),
    Fault(
        "texts",
        "the share of the pixels of all bins",
        "worked_formulas",
        "100 * quota / size * kept / total",
        "100 * quota * kept / total",
    ),
]
