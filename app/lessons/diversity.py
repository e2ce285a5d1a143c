"""Lesson 4: the diversity of unit vectors on a circle, by three measures."""

from __future__ import annotations

import numpy as np

from adq_core.records import AugmentedFeatures, Floats

from .lesson import Frame, Lesson, Limits, Option, Panel, Points, Question, Scene

BOX = (-1.35, -1.2, 1.35, 1.2)
MEASURES = {"vectors": "1 / |mean|²", "vendi": "Vendi score"}
ANGLES = {  # degrees of the vectors at the start of each case
    "Half circle": (0, 25, 50, 75, 100, 125, 150, 175),
    "One group": (70, 76, 82, 88, 94, 100, 106, 112),
    "Right angle": (0, 0, 0, 0, 90, 90, 90, 90),
    "Opposite": (90, 90, 90, 90, 270, 270, 270, 262),
}
BAR_BOX = (0.0, -1.2, 3.0, 9.0)
HIGHEST = 8.0  # the longest bar: larger values are only written


def start(case: str) -> Points:
    """Return eight unit vectors."""
    angle = np.deg2rad(ANGLES[case])
    return np.stack([np.cos(angle), np.sin(angle)], axis=1)


def measures(points: Points) -> dict[str, float]:
    """Return 1/|mean|^2, the Vendi score and the mean cosine of different vectors, as `adq_core.scores` has them."""
    from adq_core.scores import DIVERSITIES  # imports numba

    features = AugmentedFeatures(vectors=points[None], name="lesson", key="")
    one_bin = np.zeros(len(points), np.int64)
    results = {name: DIVERSITIES[name](features, one_bin, 1) for name in MEASURES}
    return {
        **{name: float(result.diversity[0]) for name, result in results.items()},
        "cosine": float(results["vectors"].mean_cosine[0]),
    }


def scene(points: Points, case: str) -> Scene:
    """Return the circle with the mean vector, and a bar for each measure."""
    value = measures(points)
    mean: Floats = points.mean(axis=0)
    length = float(np.hypot(*mean))
    written = {name: score_text(value[name]) for name in value}
    circle = Frame(
        note=f"|mean| = {length:.3f}, so 1 / |mean|² = {written['vectors']}. "
        f"Mean cosine of different vectors: {value['cosine']:.3f}. Vendi score: {value['vendi']:.2f}.",
        words=f"{len(points)} unit vectors on a circle, at the angles {_angles(points)} degrees. The mean vector has "
        "the "
        f"length {length:.3f}. 1/|mean|² is {written['vectors']}, the mean cosine of different vectors is "
        f"{value['cosine']:.3f}, the Vendi score is {value['vendi']:.2f}.",
        radius=[9.0] * len(points),
        fill=[0] * len(points),
        value=[f"{angle} degrees" for angle in _angles(points).split(", ")],
        lines=[
            [0, 0, 1, 0, "circle"],
            *([0, 0, index, 0, "spoke"] for index in range(len(points))),
            [0, 0, float(mean[0]), float(mean[1]), "arrow"],
        ],
    )
    return Scene([Panel("Eight images as unit vectors", BOX, [circle], height=0.89), _bars(value)], ["now"])


def _bars(value: dict[str, float]) -> Panel:
    bars, texts = [], []
    for place, (name, title) in enumerate(MEASURES.items()):
        left, top = 0.35 + 1.4 * place, min(value[name], HIGHEST)
        bars.append([left, 0, left + 0.9, top, 3 + 4 * place, -1])
        texts.append([left + 0.45, top + 0.25, score_text(value[name]), "middle"])
        texts.append([left + 0.45, -0.75, title, "middle"])
    words = ", ".join(f"{title}: {score_text(value[name])}" for name, title in MEASURES.items())
    frame = Frame(note="", words=f"Two bars. {words}.", bars=bars, texts=texts)
    return Panel("Two measures of diversity", BAR_BOX, [frame], height=0.89, has_points=False, reveals=True)


def score_text(value: float) -> str:
    """Return a score with at most four digits."""
    if not np.isfinite(value) or value >= 1e6:
        return "more than a million"
    return f"{value:,.0f}" if value >= 100 else f"{value:.2f}"


def _angles(points: Points) -> str:
    degrees = np.rint(np.rad2deg(np.arctan2(points[:, 1], points[:, 0]))).astype(int) % 360
    return ", ".join(map(str, degrees.tolist()))


LESSON = Lesson(
    name="Diversity",
    title="Diversity: how different are the images of a bin?",
    idea="Each image of a bin is a vector of length 1. The diversity of a bin is high if its vectors point in "
    "different directions.",
    task="Drag the vectors around the circle. The thick line is their mean. Choose a starting position with the "
    "buttons and move one vector at a time.",
    sentences=(
        "If all vectors point in the same direction, the mean has the length 1, and both measures are 1, their lowest "
        "value.",
        "1 / |mean|² is the measure of the published code: it grows without limit when the vectors cancel out and the "
        "mean vanishes.",
        "The Vendi score counts how many different directions there are: in the plane at most 2, and an opposite "
        "direction does not count as another one.",
    ),
    prediction=Question(
        "Four vectors point up and four point down, so their mean is 0. How large is 1 / |mean|²?",
        (
            Option("1, the lowest value", "No. It is 1 if all vectors are equal. Here the mean has the length 0."),
            Option(
                "2, because there are two groups", "No. 1 / |mean|² does not count groups. The mean has the length 0."
            ),
            Option(
                "Larger than any number",
                "Yes. 1 divided by a number close to 0 is very large. Choose Opposite, and move the last vector "
                "slowly.",
                right=True,
            ),
        ),
    ),
    question=Question(
        "When does a small movement of one vector change 1 / |mean|² most?",
        (
            Option(
                "When all vectors point in nearly the same direction",
                "No. Choose One group and move one vector a little: the value hardly changes.",
            ),
            Option(
                "When the mean is close to 0",
                "Right. Choose Opposite and move one vector a little: the value jumps from tens to thousands. There "
                "it is mostly chance, so ADQ Explorer uses the Vendi score by default.",
                right=True,
            ),
            Option(
                "When the vectors have a right angle",
                "No. Choose Right angle and move one vector a little: the value stays near 2.",
            ),
        ),
    ),
    cases=tuple(ANGLES),
    start=start,
    scene=scene,
    limits=lambda case: Limits(BOX, 8, 8, "circle"),
    page="scores",
    settings={"dataset": "digits", "diversity": "vectors"},
    link="Open the page Scores with 1 / |mean|² as the diversity on handwritten digits",
)
