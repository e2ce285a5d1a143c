"""Lesson 7: is a chosen subset a better training set than random draws?"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from adq_core.records import Ints

from .lesson import Frame, Lesson, Limits, Option, Panel, Points, Question, Scene
from .texture import data_url

BOX = (0.0, 0.0, 12.0, 10.0)
CENTRES = np.array([[3.2, 3.0], [8.8, 3.2], [5.6, 7.0]])  # of the three classes
SPREAD = (1.9, 1.35)
N_TRAIN, N_TEST, PER_CLASS, DRAWS = 120, 900, 5, 10
PENALTY = 0.1  # of the ridge probe
COLOURS = (0, 5, 9)
RGB = ((47, 46, 154), (199, 68, 111), (226, 154, 12))  # the same colours behind the points, nearly transparent
CELLS = (60, 50)  # of the picture of the decisions
BAR_BOX = (0.0, 62.0, 3.0, 94.0)  # y: accuracy in percent
LEVELS = (70, 80, 90)  # lines of the picture, in percent
OUTWARDS = CENTRES - CENTRES.mean(axis=0)
STARTS = {
    "Typical": CENTRES,
    "Outliers": CENTRES + 1.2 * OUTWARDS,
    "Near the borders": CENTRES - 0.75 * OUTWARDS,
    "One side": CENTRES + np.array([-2.5, 0.0]),
}


class Toy(NamedTuple):
    """A small data set in the plane: training points to choose from, and test points."""

    train: Points
    labels: Ints
    test: Points
    test_labels: Ints


@lru_cache(maxsize=1)
def toy() -> Toy:
    """Return the data set, the same one at each call."""

    def sample(count: int, seed: int) -> tuple[Points, Ints]:
        labels = np.arange(count) % 3
        noise = np.random.default_rng(seed).normal(0, SPREAD, (count, 2))
        points: Points = np.add(CENTRES[labels], noise)
        return points, labels

    return Toy(*sample(N_TRAIN, 0), *sample(N_TEST, 1))


def start(case: str) -> Points:
    """Return one magnet per class."""
    return np.asarray(np.clip(STARTS[case], np.array(BOX[:2]) + 0.3, np.array(BOX[2:]) - 0.3), np.float64)


def chosen_rows(magnets: Points) -> Ints:
    """Return the five training points of each class that are nearest to its magnet."""
    data, rows = toy(), []
    for label, magnet in enumerate(magnets):
        of_class = np.flatnonzero(data.labels == label)
        distance = ((data.train[of_class] - magnet) ** 2).sum(axis=1)
        rows.append(of_class[np.argsort(distance, kind="stable")[:PER_CLASS]])
    return np.concatenate(rows)


def random_rows(seed: int) -> Ints:
    """Return five random training points of each class."""
    rng, labels = np.random.default_rng(seed), toy().labels
    return np.concatenate([rng.choice(np.flatnonzero(labels == label), PER_CLASS, replace=False) for label in range(3)])


def learn(rows: Ints, grid: Points | None = None) -> tuple[float, Ints]:
    """Return the accuracy on the test points of a probe that has learned these rows, and its decisions on a grid."""
    from adq_core.probes import RidgeFit, correct_predictions, probe_features

    data = toy()
    grid = np.zeros((0, 2)) if grid is None else grid
    features = probe_features(np.vstack([data.train, data.test, grid]), np.arange(N_TRAIN))
    fit = RidgeFit.fit(features[rows], data.labels[rows], 3, PENALTY)
    right = correct_predictions(fit, features[N_TRAIN : N_TRAIN + N_TEST], data.test_labels)
    return float(right.mean()), fit.scores(features[N_TRAIN + N_TEST :]).argmax(axis=1)


@lru_cache(maxsize=1)
def random_accuracies() -> tuple[float, ...]:
    """Return the accuracy of each of ten random draws."""
    return tuple(learn(random_rows(seed))[0] for seed in range(DRAWS))


def scene(points: Points, case: str) -> Scene:
    """Return the decisions that a classifier learns from the chosen points, and its accuracy beside random draws."""
    rows = chosen_rows(points)
    accuracy, decisions = learn(rows, _grid())
    data, taken = toy(), set(rows.tolist())
    dots = [
        [round(float(x), 2), round(float(y), 2), 4.5, COLOURS[label], row in taken]
        for row, ((x, y), label) in enumerate(zip(data.train, data.labels.tolist(), strict=True))
    ]
    plane = Frame(
        note=f"{len(rows)} of {N_TRAIN} points are chosen: the {PER_CLASS} nearest to each magnet.",
        words=f"{N_TRAIN} training points of three classes. {len(rows)} are chosen. Magnets at "
        + "; ".join(f"({x:.1f}, {y:.1f})" for x, y in points)
        + ".",
        radius=[11.0] * len(points),
        fill=list(COLOURS),
        tag=["A", "B", "C"],
        value=[f"magnet of class {letter}" for letter in "ABC"],
        dots=dots,
        image=data_url(_decision_picture(decisions)),
    )
    names = ["1 random draw", *(f"{n} random draws" for n in range(2, DRAWS + 1))]
    bars = [_comparison(accuracy, random_accuracies()[:n]) for n in range(1, DRAWS + 1)]
    panels = [
        Panel("Training points, and what is learned from the chosen ones", BOX, [plane], height=0.833),
        Panel("Accuracy on 900 test points", BAR_BOX, bars, height=0.833, has_points=False, reveals=True),
    ]
    return Scene(panels, names, control="Random draws", plays=False)


def _comparison(accuracy: float, draws: tuple[float, ...]) -> Frame:
    """Return the accuracy of the chosen points beside that of random draws."""
    yours, others = 100 * accuracy, 100 * np.array(draws)
    low, high, n = float(others.min()), float(others.max()), len(draws)
    if n == 1:
        verdict = f"This is {'better' if yours > high else 'not better'} than one draw. Another draw is different."
    elif yours > high:
        verdict = "Your points are better than all of these draws."
    elif yours < low:
        verdict = "Your points are worse than all of these draws."
    else:
        verdict = "Your points are inside the range of the random draws: no difference can be seen."
    text = f"Your points: {yours:.1f} %. " + (
        f"One random draw: {low:.1f} %."
        if n == 1
        else f"{n} random draws: {low:.1f} to {high:.1f} %, mean {others.mean():.1f} %."
    )
    shown = float(np.clip(yours, BAR_BOX[1] + 4, BAR_BOX[3] - 3))
    return Frame(
        note=f"{text} {verdict}",
        words=f"{text} {verdict}",
        bars=[[1.7, max(low - 0.15, BAR_BOX[1]), 2.5, high + 0.15, 4, -1]] if n > 1 else [],
        dots=[[2.1, round(float(one), 2), 5, 4, True] for one in others],
        lines=[*([0.25, level, 2.9, level, "axis"] for level in LEVELS), [0.3, shown, 2.7, shown, "mark"]],
        texts=[
            *([0.05, level - 0.4, f"{level} %", "start"] for level in LEVELS),
            [0.4, shown + 0.6, f"yours: {yours:.1f} %", "start"],
            [0.7, BAR_BOX[1] + 1, "your points", "middle"],
            [2.1, BAR_BOX[1] + 1, "random draws", "middle"],
        ],
    )


def _grid() -> Points:
    """Return the positions of the cells of the picture of the decisions, row by row from the top left."""
    columns, rows = CELLS
    x = BOX[0] + (np.arange(columns) + 0.5) / columns * (BOX[2] - BOX[0])
    y = BOX[3] - (np.arange(rows) + 0.5) / rows * (BOX[3] - BOX[1])
    return np.stack(np.meshgrid(x, y), axis=2).reshape(-1, 2)


def _decision_picture(decisions: Ints) -> NDArray[np.uint8]:
    colours = np.array([(*colour, 56) for colour in RGB], np.uint8)
    return colours[decisions].reshape(CELLS[1], CELLS[0], 4)


LESSON = Lesson(
    name="Random",
    title="Better than random?",
    idea="A selection is useful only if a classifier learns more from it than from random images of the same classes.",
    task="Drag the magnets A, B and C: each one chooses the five nearest points of its class, which are then filled. "
    "The colour of the background is what a classifier learns from them. Then add random draws with the slider.",
    sentences=(
        "A bad choice is easy to make: five points of one side of each class teach a wrong border.",
        "A good choice is hard to prove: random draws differ from each other by several points of accuracy, although "
        "only the seed is different.",
        "So compare with ten or more random draws, and say that a choice is better only if it lies outside of their "
        "range.",
    ),
    prediction=Question(
        "You choose the most typical points of each class. Is the accuracy higher than that of ten random draws?",
        (
            Option(
                "Clearly higher than all of them",
                "No. Move the slider to 10 random draws: the accuracy of the typical points is inside their range.",
            ),
            Option(
                "Inside the range of the random draws",
                "Yes. It is better than the mean of the draws, but some draws are better still.",
                right=True,
            ),
            Option("Lower than all of them", "No. Look at the mark in the picture at the right: many draws are lower."),
        ),
    ),
    question=Question(
        "You compare your choice with one random draw, and your choice is better by one point. What do you know?",
        (
            Option(
                "My choice is better than random",
                "No. Move the slider from 1 to 10 draws: they differ by about five points, so one point means nothing.",
            ),
            Option(
                "Nearly nothing, because another draw can be better",
                "Right. Only many draws show how much is chance. The page Better than random? uses ten seeds.",
                right=True,
            ),
            Option(
                "Random draws are always worse",
                "No. Move the slider to 10 draws, and drag the magnets to one side of the classes.",
            ),
        ),
    ),
    cases=tuple(STARTS),
    start=start,
    scene=scene,
    limits=lambda case: Limits(BOX, 3, 3),
    page="evidence",
    settings={"dataset": "digits"},
    link="Open the page Better than random? on handwritten digits",
)
