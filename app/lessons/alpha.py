"""Lesson 5: alpha mixes the importance of a bin with its size, and a quota rule turns the mixture into images."""

from __future__ import annotations

from typing import Any

import numpy as np

from adq_core.quotas import make_quotas
from adq_core.records import Floats, Quotas

from .lesson import Frame, Lesson, Limits, Option, Panel, Points, Question, Scene, colour_of

TWO, TEN, SMALL, PAPER = "Two bins", "Ten bins", "A difference of 5 %", "The rule of the paper"
SIZE = 100  # images of each bin
KEEP_RATIO = {TWO: 0.2, TEN: 0.1, SMALL: 0.1, PAPER: 0.1}
PUBLISHED_IMPORTANCE = (1, 0.985, 1.031, 1.182, 1.094, 1.176, 1.083, 1.089, 1.011, 1)  # of the published code
# Mean texture of the ten published bins of CIFAR-10: they differ by 5 %.
PUBLISHED_TEXTURE = (0.32309, 0.32225, 0.32143, 0.32184, 0.31931, 0.31929, 0.32007, 0.31492, 0.31082, 0.30686)
SCORES = {TWO: (1.5, 0.5), TEN: PUBLISHED_IMPORTANCE, SMALL: PUBLISHED_TEXTURE, PAPER: PUBLISHED_IMPORTANCE}
HIGHEST = {TWO: 2.0, TEN: 2.0, SMALL: 0.4, PAPER: 2.0}  # of the scores
ALPHAS = np.linspace(0, 1, 41)
FIRST = 26  # alpha = 0.65


def start(case: str) -> Points:
    """Return one point per bin: its score as the height."""
    scores = np.array(SCORES[case])
    return np.stack([np.arange(len(scores)) + 0.5, scores], axis=1)


def importance_of(scores: Floats, case: str) -> Floats:
    """Return the importance of the bins: the scores, after min-max in the case of the small difference."""
    from adq_core.scores import NORMALISATIONS  # imports numba

    return NORMALISATIONS["minmax"](scores) if case == SMALL else scores


def quotas(scores: Floats, case: str, alpha: float, rule: str) -> Quotas:
    """Return the quotas of bins of 100 images each."""
    capacity = np.full(len(scores), SIZE)
    return make_quotas(importance_of(scores, case), capacity, rule=rule, alpha=alpha, keep_ratio=KEEP_RATIO[case])


def scene(points: Points, case: str) -> Scene:
    """Return the scores, the normalised scores where they differ, and the quotas at every alpha."""
    scores = np.maximum(points[:, 1], 0)
    box = _box(len(scores), HIGHEST[case])
    title = "Scores as measured" if case == SMALL else "Importance of each bin"
    panels = [Panel(title, box, [_score_frame(scores, title)], height=0.75)]
    if case == SMALL:
        normal = importance_of(scores, case)
        note = (
            f"Before: {_relative(scores):.1%} between the lowest and the highest score. After min-max: always 0 to 1."
        )
        bars, texts = bars_of(normal, 1.0, 2)
        frame = Frame(note=note, words=f"Scores after min-max: {_list(normal)}.", bars=bars, texts=texts)
        panels.append(
            Panel("Scores after min-max", _box(len(scores), 1.0), [frame], height=0.75, has_points=False, reveals=True)
        )
    rules = ("budget", "paper") if case == PAPER else ("budget",)
    for rule in rules:
        results = [quotas(scores, case, float(alpha), rule) for alpha in ALPHAS]
        highest = SIZE if case == PAPER else max(int(result.quota.max()) for result in results)
        frames = [quota_frame(result, highest) for result in results]
        titles = {"budget": "Images from each bin", "paper": "The rule of the paper: floor(r N)"}
        panels.append(
            Panel(titles[rule], _box(len(scores), highest), frames, height=0.75, has_points=False, reveals=True)
        )
    return Scene(panels, [f"alpha {alpha:.3g}" for alpha in ALPHAS], first=FIRST, control="alpha", plays=False)


def _box(count: int, highest: float) -> tuple[float, float, float, float]:
    return 0.0, -0.12 * highest, float(count), 1.12 * highest


def _score_frame(scores: Floats, title: str) -> Frame:
    bars, texts = bars_of(scores, 1.0, 3)
    for place, bar in enumerate(bars):
        bar[5] = place  # the bar follows its point
    return Frame(
        note="Drag the top of a bar.",
        words=f"{title}: {_list(scores)}.",
        radius=[7.0] * len(scores),
        fill=[-1] * len(scores),
        value=[f"bin {number}: {score:.3f}" for number, score in enumerate(scores.tolist())],
        bars=bars,
        texts=texts[1::2],
    )


def quota_frame(result: Quotas, highest: int) -> Frame:
    """Return the quotas of one alpha as bars, with the formula for the first bin."""
    kept, images = int(result.quota.sum()), int(result.capacity.sum())
    share, r = float(result.importance_share[0]), float(result.r[0])
    size_share = float(result.capacity[0] / images)
    alpha, quota = result.alpha, int(result.quota[0])
    if result.rule == "paper":
        value = (r - (1 - alpha) * size_share) / alpha if alpha else 0.0
        first = f"r = {alpha:.3g} × {value:.3f} + {1 - alpha:.3g} × {size_share:.3f} = {r:.3f}, so floor(r × "
        first += f"{SIZE}) = {quota}"
    else:
        target = float(result.target[0])
        first = (
            f"r = {alpha:.3g} × {share:.3f} + {1 - alpha:.3g} × {size_share:.3f} = {r:.3f}, and r × "
            f"{round(result.keep_ratio * images)} = {target:.2f}, so {quota} images"
        )
    asked = f"The keep ratio is {result.keep_ratio:.0%}, and {kept} of {images:,} images are kept: {kept / images:.1%}."
    bars, texts = bars_of(np.asarray(result.quota, np.float64), highest, 0)
    return Frame(
        note=f"{asked} Bin 0: {first}.",
        words=f"Images from each bin: {', '.join(map(str, result.quota.tolist()))}. {asked}",
        bars=bars,
        texts=texts,
    )


def bars_of(values: Floats, highest: float, digits: int) -> tuple[list[list[Any]], list[list[Any]]]:
    """Return a bar per bin in the colour of the bin, and texts: its value above and the number of the bin below."""
    bars: list[list[Any]] = []
    texts: list[list[Any]] = []
    m = len(values)
    for number, value in enumerate(values.tolist()):
        colour = colour_of(number, m)
        bars.append([number + 0.15, 0, number + 0.85, value, colour, -1])
        texts.append([number + 0.5, value + 0.02 * highest, f"{value:.{digits}f}", "middle"])
        texts.append([number + 0.5, -0.08 * highest, f"bin {number}" if m < 5 else str(number), "middle"])
    return bars, texts


def _relative(scores: Floats) -> float:
    return float((scores.max() - scores.min()) / scores.mean()) if scores.mean() > 0 else 0.0


def _list(values: Floats) -> str:
    return ", ".join(f"bin {number} {value:.3f}" for number, value in enumerate(values.tolist()))


LESSON = Lesson(
    name="Alpha",
    title="Alpha: how many images does each bin give?",
    idea="Bins with a higher importance give more images. Alpha says how much the importance counts, compared with the "
    "size of the bin.",
    task="Move alpha. Drag the tops of the bars at the left to change the importance. Then choose the other cases "
    "with the buttons.",
    sentences=(
        "At alpha = 0 only the sizes count, so bins of equal size give the same number of images; at alpha = 1 only "
        "the importance counts.",
        "Min-max stretches every score to the range from 0 to 1: bins that differ by 5 % look as different as bins "
        "that differ by a factor of ten.",
        "The formula of the paper does not contain the keep ratio, so it keeps far more than 10 % of the images; the "
        "rule budget of ADQ Explorer always keeps the number that you ask for.",
    ),
    prediction=Question(
        "Two bins of 100 images have the importance 1.5 and 0.5. You keep 40 images, and alpha is 0. How many come "
        "from the first bin?",
        (
            Option("30", "No. At alpha = 0 the importance does not count. Move alpha to 1 to see 30 images."),
            Option("20", "Yes. At alpha = 0 only the sizes count, and both bins have the same size.", right=True),
            Option("40", "No. Both bins have the same size, so at alpha = 0 both give the same number."),
        ),
    ),
    question=Question(
        "The scores of ten bins differ by 5 %. By how much do they differ after min-max?",
        (
            Option(
                "By 5 % as well",
                "No. Choose A difference of 5 %, and compare the first two pictures: after min-max one bin has 0 and "
                "one has 1.",
            ),
            Option(
                "By the whole range from 0 to 1",
                "Right. Min-max always gives 0 to the lowest and 1 to the highest score, even if their difference is "
                "only chance.",
                right=True,
            ),
            Option(
                "It depends on alpha",
                "No. Alpha is used after min-max. Move alpha: the picture after min-max does not change.",
            ),
        ),
    ),
    cases=(TWO, TEN, SMALL, PAPER),
    start=start,
    scene=scene,
    limits=lambda case: Limits(
        (0.0, 0.0, float(len(SCORES[case])), HIGHEST[case]), len(SCORES[case]), len(SCORES[case]), "up"
    ),
    page="quotas",
    settings={"dataset": "digits", "alpha": 0.65, "keep_ratio": 0.1, "rule": "budget"},
    link="Open the page Quotas with alpha = 0.65 and a keep ratio of 10 % on handwritten digits",
)
