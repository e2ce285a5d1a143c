"""Sentences about strategies: what each does and needs, which settings have no effect, and why an image is selected."""

from __future__ import annotations

from collections.abc import Callable

from adq_core.records import Bins, Bools
from adq_core.strategies import ADQ, STRATEGIES, Draw

from .format import percent
from .setting_names import LABELS

NAMES = {"adq": "ADQ", "balanced": "balanced random"}
OF_ADQ = ("alpha", "rule", "draw_order", "seed")  # settings with an effect on the subset of ADQ


def shown_name(strategy: str) -> str:
    """Return the name of a strategy inside a sentence, as Markdown."""
    return NAMES.get(strategy, f"`{strategy}`")


def about(strategy: str) -> str:
    """Return what a strategy does, what it needs and costs, and its reference, as one paragraph."""
    one = STRATEGIES[strategy]
    needs = {"embeddings": "the embedding", "bins": "the bins", "scores": "their scores"}
    parts = [needs[stage] for stage in one.reads] + (["labels of two classes or more"] if one.needs_classes else [])
    needed = f"{', '.join(parts[:-1])} and {parts[-1]}" if len(parts) > 1 else parts[0] if parts else "no embedding"
    reference = f" {one.reference[0].upper()}{one.reference[1:]}." if one.reference else ""
    return f"{one.summary}. Needs {needed}; takes {one.cost}.{reference}"


def of_map(strategy: str, rule: str, keep_ratio: float) -> str:
    """Return what decides the selection on the map: the rule, or the strategy; plain text."""
    if strategy == ADQ:
        return f"Rule {rule}, keep ratio {percent(keep_ratio)}"
    alpha = "" if "alpha" in STRATEGIES[strategy].settings else ", which does not depend on alpha"
    return f"Strategy {strategy}, keep ratio {percent(keep_ratio)}{alpha}"


def short(strategy: str, rule: str, alpha: float) -> str:
    """Return "rule budget, alpha 0.65" for ADQ, else "strategy k-centre"."""
    if strategy == ADQ:
        return f"rule {rule}, alpha {alpha:g}"
    decides = f", rule {rule}, alpha {alpha:g}" if "alpha" in STRATEGIES[strategy].settings else ""
    return f"strategy {strategy}{decides}"


def bins_sentence(strategy: str) -> str:
    """Return how the images of a strategy come to be in the bins, for the page about quotas."""
    if strategy == "adq+margin":
        return "The quotas are those of ADQ over the images that remain; alpha changes them in the sidebar."
    if strategy == "uniform-bins":
        return "Every bin gives the same share of its images, so there are no quotas to choose and alpha has no effect."
    return "It has no quotas, and alpha has no effect: the page shows how many of its images are in each bin."


def without_effect(strategy: str) -> tuple[str, ...]:
    """Return the settings that decide the subset of ADQ and have no effect on that of this strategy."""
    return tuple(name for name in OF_ADQ if name not in STRATEGIES[strategy].settings)


def no_effect(strategy: str, name: str) -> str:
    """Return the sentence at the widget of a setting that has no effect on the subset of this strategy."""
    return f"{LABELS[name][0].upper()}{LABELS[name][1:]} has no effect: {shown_name(strategy)} {WHY_NOT[name]}."


def strategy_reason(
    strategy: str, row: int, draw: Draw, bins: Bins, n_classes: int, always: Bools | None = None
) -> str:
    """Return why a strategy other than ADQ selects this image or not, true for each strategy.

    always: (M,) images that the user always keeps, which come first in their groups; the image is not one of them.
    """
    image = _Image(row, draw, bins, n_classes > 1, always)
    kept = "image that you always keep comes" if image.pinned == 1 else "images that you always keep come"
    first = f" {image.pinned:,} {kept} first in this order." if image.pinned and image.place >= 0 else ""
    return EXPLANATIONS[strategy](image) + first


def listed_by_hand(*, is_kept: bool) -> str:
    """Return why an image is selected or not that is on one of the lists of the user, for any strategy."""
    if is_kept:
        return "**Pinned by hand**: it is on your list *Always keep*, so every strategy selects it."
    return "**Left out by hand**: it is on your list *Never take*, so no strategy selects it."


class _Image:
    """One image and its place in the draw of a strategy."""

    def __init__(self, row: int, draw: Draw, bins: Bins, has_classes: bool, always: Bools | None) -> None:
        self.draw, self.bins, self.row = draw, bins, row
        group = int(draw.group[row])
        self.place, self.quota = int(draw.place[row]), int(draw.quota[group])
        self.pinned = 0 if always is None else int(((draw.group == group) & always).sum())
        self.reached = int(((draw.group == group) & (draw.place >= 0)).sum())
        self.bin = int(bins.bin_of[row])
        self.group = group
        self.is_selected = 0 <= self.place < self.quota
        self.verdict = "selected" if self.is_selected else "not selected"
        self.of_class = "its class" if has_classes else "the set"

    @property
    def margin(self) -> str:
        return f"{float(self.draw.margin[self.row]):.3f}"

    def too_hard(self, of: str = "") -> str:
        share = percent(self.draw.share)
        return (
            f"It is left out before the draw: its margin of {self.margin} is among the {share} smallest{of}, so a "
            "probe finds it hard, ambiguous or mislabelled. It is not selected."
        )


def _random(image: _Image) -> str:
    return (
        f"The {image.reached:,} images have a random order, and the first {image.quota:,} are selected. This image has "
        f"place {image.place + 1:,}, so it is {image.verdict}."
    )


def _balanced(image: _Image) -> str:
    return (
        f"The {image.reached:,} images of {image.of_class} have a random order, and the first {image.quota:,} are "
        f"selected. This image has place {image.place + 1:,}, so it is {image.verdict}."
    )


def _uniform_bins(image: _Image) -> str:
    return (
        f"Every bin gives the same share of its images: bin {image.bin} gives {image.quota:,} of {image.reached:,}. "
        f"This image has draw position {image.place + 1:,} in the bin, so it is {image.verdict}."
    )


def _greedy(name: str, first: str, rule: str) -> Callable[[_Image], str]:
    """Return the explanation of a greedy order of each class: how the first image and each further one is taken."""

    def explain(image: _Image) -> str:
        if image.is_selected:
            pick, picks = image.place - image.pinned + 1, image.quota - image.pinned
            step = first if pick == 1 else f"of the images left, it was the one that {rule}"
            return f"Selected by {name} as pick {pick:,} of {picks:,} of {image.of_class}: {step}."
        return (
            f"Not selected: {name} takes {image.quota - image.pinned:,} images of {image.of_class}, each time the one "
            f"that {rule}. At none of these picks was it this image."
        )

    return explain


def _ccs(image: _Image) -> str:
    if image.place < 0:
        return image.too_hard()
    return (
        f"Its margin is {image.margin}, which puts it in level {image.group + 1} of {len(image.draw.quota)} of "
        f"difficulty (1: hardest). This level gives {image.quota:,} of its {image.reached:,} images, in a random "
        f"order. This image has place {image.place + 1:,}, so it is {image.verdict}."
    )


def _window(image: _Image) -> str:
    window = f"the {image.quota:,} images of the window that teaches a probe best"
    text = f"In the order of difficulty, {image.of_class} gives {window}. Its margin is {image.margin}: "
    if image.place < 0:
        return f"{text}it is easier than the images of the window, so it is not selected."
    if not image.is_selected:
        return f"{text}it is harder than the images of the window, so it is not selected."
    return f"{text}it has place {image.place + 1:,} in the window, counted from the easiest, so it is selected."


def _margin(image: _Image) -> str:
    if image.place < 0:
        return image.too_hard()
    return (
        f"Of {image.of_class}, {image.reached:,} images remain when the most ambiguous ones are left out; its "
        f"margin of {image.margin} is not among these. They have a random order, and the first "
        f"{image.quota:,} are selected. This image has place {image.place + 1:,}, so it is {image.verdict}."
    )


def _adq_margin(image: _Image) -> str:
    if image.place < 0:
        return image.too_hard(f" of {image.of_class}")
    return (
        f"Of bin {image.bin}, {image.reached:,} images remain after the most ambiguous ones of each "
        f"class are left out. The quota of the bin is {image.quota:,}. This image has draw position "
        f"{image.place + 1:,} among those that remain, so it is {image.verdict}."
    )


WHY_NOT = {  # setting: why it has no effect on the subset of a strategy
    "alpha": "does not use the importance of the bins",
    "rule": "has no quota rule",
    "draw_order": "does not draw from bins",
    "seed": "draws nothing at random",
}
EXPLANATIONS: dict[str, Callable[[_Image], str]] = {
    "random": _random,
    "balanced": _balanced,
    "uniform-bins": _uniform_bins,
    "k-centre": _greedy(
        "k-centre", "it is the image nearest to the mean of the class", "is farthest from the images already taken"
    ),
    "herding": _greedy(
        "herding",
        "it is the image most similar to the mean of the class",
        "points most in the direction in which the images already taken fall short of the mean of the class",
    ),
    "facility-location": _greedy(
        "facility location",
        "it is the image most similar to all images of the class",
        "adds most to the similarity of all images with the most similar one already taken",
    ),
    "ccs": _ccs,
    "window": _window,
    "margin": _margin,
    "adq+margin": _adq_margin,
}
