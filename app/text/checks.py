"""Names and order of the verdicts on the Checks page."""

from __future__ import annotations

from collections.abc import Sequence

from adq_core.checks import LEVELS, Verdict

from .markdown import escape

ICONS = {
    "bad": ":material/error:",
    "watch": ":material/visibility:",
    "good": ":material/check_circle:",
    "unknown": ":material/help:",
}
COLOURS = {"bad": "red", "watch": "orange", "good": "green", "unknown": "grey"}
TITLES = {
    "list.order": "Order of the files",
    "arithmetic.total": "Number of images",
    "arithmetic.empty_bins": "Empty bins",
    "arithmetic.empty_classes": "Missing classes",
    "arithmetic.literal_rule": "Equation of the paper",
    "balance.subset": "Classes in the subset",
    "balance.set": "Classes in the set",
    "coverage.mean_distance": "Coverage: mean distance",
    "coverage.distance_95": "Coverage: 95th percentile",
    "coverage.largest_distance": "Coverage: largest distance",
    "coverage.energy_distance": "Coverage: distribution",
    "redundancy.subset": "Copies in the subset",
    "redundancy.set": "Copies in the set",
    "redundancy.conflicting_labels": "One image, two labels",
    "redundancy.leakage": "Test images in the subset",
    "labels.doubts": "Doubtful labels",
    "stability.seeds": "Other seeds",
    "stability.alpha": "Other alpha",
    "stability.amplification": "Amplified differences",
    "quality.dark": "Dark images",
    "quality.bright": "Bright images",
    "quality.constant": "Images of one colour",
    "quality.blurred": "Blurred images",
    "quality.odd_size": "Odd sizes",
    "quality.odd_shape": "Odd shapes",
    "lists.size": "Lists of images",
    "lists.balance": "Lists: classes",
    "lists.coverage": "Lists: coverage",
    "lists.accuracy": "Lists: accuracy",
}


def worst_first(verdicts: Sequence[Verdict]) -> list[Verdict]:
    """Return the verdicts, the most harmful first, else in their order."""
    return sorted(verdicts, key=lambda verdict: -LEVELS.index(verdict.level))


def heading(verdict: Verdict) -> str:
    """Return the title of a verdict with its level, as Markdown."""
    colour, icon = COLOURS[verdict.level], ICONS[verdict.level]
    return f":{colour}[{icon}] **{escape(TITLES.get(verdict.check, verdict.check))}**"


def line(verdict: Verdict | None) -> str:
    """Return the level and the finding of a verdict as Markdown; None: the check does not apply."""
    if verdict is None:
        return ":grey[Does not apply.]"
    colour, icon = COLOURS[verdict.level], ICONS[verdict.level]
    return f":{colour}[{icon}] {escape(verdict.sentence)}"


def sentence(verdict: Verdict) -> str:
    """Return the finding as Markdown; names of classes and images in it are escaped."""
    return escape(verdict.sentence)


def counts(verdicts: Sequence[Verdict]) -> dict[str, str]:
    """Return the number of verdicts of each level by its name."""
    return {level: str(sum(verdict.level == level for verdict in verdicts)) for level in ("bad", "watch", "good")}
