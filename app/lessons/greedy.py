"""Lesson 1: the greedy selection, step by step."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from adq_core.records import Bins, Floats, Ints

from .lesson import Frame, Lesson, Limits, Option, Panel, Points, Question, Scene, colour_of
from .plane import BOX, COUNT, bins_of, cloud

if TYPE_CHECKING:
    from adq_core.bins import GreedySteps

N_BINS = 4
SMALLEST, LARGEST, TAKEN = 3.0, 13.0, 8.0  # radius in pixels: lowest gain, highest gain, taken points
TITLES = {"euclidean": "Euclidean: squared distances", "cosine": "Cosine: angles, seen from the corner"}
FORMULAS = {
    "euclidean": "Gain = 2 × (squared distances to the points that this bin has) − (squared distances to all points "
    "left when this bin began).",
    "cosine": "Gain = (similarity to all points left when this bin began) − 2 × (similarity to the points that this "
    "bin has). The similarity of two points is 0.5 + 0.5 × the cosine of their angle.",
}


def scene(points: Points, case: str) -> Scene:
    """Return every step of the greedy on these points, for both kernels."""
    panels = [panel(points, kernel) for kernel in TITLES]
    n = len(points)
    return Scene(panels, ["start", *(f"{step} of {n}" for step in range(1, n + 1))])


def panel(points: Points, kernel: str) -> Panel:
    """Return the start, and one frame per step: gains as sizes, the winner, and the points taken before it."""
    from adq_core.bins import greedy_steps  # imports numba

    bins = bins_of(points, N_BINS, kernel)
    steps = greedy_steps(points.astype(np.float32), bins, kernel)
    gain, n = steps.gain, len(points)
    start = Frame(
        note="No point is taken yet.",
        words=f"{n} points in the plane. No point is taken yet.",
        radius=[6.0] * n,
    )
    texts = [[None if np.isnan(one) else round(one, 2) for one in row] for row in gain.tolist()]
    return Panel(
        TITLES[kernel],
        BOX,
        [start, *(_step_frame(points, kernel, bins, steps, gain, texts, step) for step in range(n))],
        height=0.75,
        caption=FORMULAS[kernel],
        value_name="gain",
        taken_at=(bins.rank + 1).tolist(),
        colours=[colour_of(number, N_BINS) for number in bins.bin_of.tolist()],
    )


def _step_frame(
    points: Points,
    kernel: str,
    bins: Bins,
    steps: GreedySteps,
    gain: Floats,
    values: list[list[float | None]],
    step: int,
) -> Frame:
    winner = int(steps.order[step])
    number = int(bins.bin_of[winner])
    x, y = points[winner].tolist()
    left = len(points) - step
    return Frame(
        note=f"Step {step + 1}, bin {number}: gain of the winner = {gain_as_sum(kernel, steps, step)}",
        words=f"Step {step + 1}: the point at ({x:.1f}, {y:.1f}) has the highest gain of {left} "
        f"{'candidate' if left == 1 else 'candidates'}, {gain[step, winner]:.2f}. It is put into bin {number}. "
        f"{_bins_in_words(bins, steps.order[: step + 1])}",
        radius=sizes(gain[step]).round(1).tolist(),
        value=values[step],
        ring=winner,
        lines=[[0, 0, winner, 0, "spoke"]] if kernel == "cosine" else [],
    )


def sizes(gain: Floats) -> Floats:
    """Return the radius of each candidate in pixels: the lowest gain has the smallest one, the highest the largest."""
    low, high = np.nanmin(gain), np.nanmax(gain)
    share = (gain - low) / (high - low) if high > low else gain * 0 + 1
    return np.asarray(np.nan_to_num(SMALLEST + (LARGEST - SMALLEST) * share, nan=TAKEN))


def gain_as_sum(kernel: str, steps: GreedySteps, step: int) -> str:
    """Return the gain of the winner of a step as a sum with numbers."""
    winner = steps.order[step]
    to_pool, to_selected = float(steps.to_pool[step, winner]), float(steps.to_selected[step, winner])
    gain = f"{to_pool - 2 * to_selected:.2f}".replace("-", "−")
    if kernel == "cosine":
        return f"{to_pool:.2f} − 2 × {to_selected:.2f} = {gain}"
    return f"2 × {abs(to_selected):.2f} − {abs(to_pool):.2f} = {gain}"


def _bins_in_words(bins: Bins, taken: Ints) -> str:
    counts = np.bincount(bins.bin_of[taken], minlength=bins.n_bins).tolist()
    return "Taken so far: " + ", ".join(f"bin {n}: {count}" for n, count in enumerate(counts)) + "."


LESSON = Lesson(
    name="Greedy",
    title="The greedy selection, step by step",
    idea="ADQ sorts images from typical to unusual. A greedy algorithm does this: it takes one image at a time, always "
    "the one with the highest gain.",
    task="Each point is an image. Press Step or Play: large points have a high gain, and the point with the ring is "
    "taken. Its number is the order. Drag a point to another place and watch all steps change.",
    sentences=(
        "The gain of a point is high if the point is similar to all points that are left, and not similar to the "
        "points that its bin already has.",
        "So the first bin takes points from the middle, and the last bin gets what is left: the points at the rim.",
        "Which points are in the middle depends on the kernel: Euclidean compares places, cosine compares only "
        "directions as seen from the corner at the lower left.",
    ),
    prediction=Question(
        "Which point does the greedy take first?",
        (
            Option(
                "One in the middle of all points",
                "Yes. A point in the middle is close to all others, so it has the highest gain.",
                right=True,
            ),
            Option(
                "One at the rim, far from the others",
                "No. A point at the rim is far from most points, so its gain is the lowest. Press Step and see.",
            ),
            Option(
                "Any point, at random",
                "No. Nothing is random here: the highest gain wins, and the same points give the same order.",
            ),
        ),
    ),
    question=Question(
        "You drag the point that was taken first far away from all other points. Into which bin is it put now "
        "(Euclidean)?",
        (
            Option(
                "Into the first bin, because it was taken first before",
                "No. All gains are computed again for the new place. Drag the point with the number 1 to a corner, and "
                "look at its colour after the last step.",
            ),
            Option(
                "Into a bin in the middle",
                "No. Its distances to all other points are large, so its gain is low in every bin until the last one.",
            ),
            Option(
                "Into the last bin",
                "Right. Far from all others, its gain is the lowest until the last bin, which takes everything that is "
                "left.",
                right=True,
            ),
        ),
    ),
    cases=("Cloud",),
    start=lambda case: cloud(),
    scene=scene,
    limits=lambda case: Limits(BOX, 8, COUNT + 10),
    page="bins",
    settings={"dataset": "digits", "n_bins": N_BINS, "kernel": "euclidean", "schedule": "equal"},
    link="Open the page Bins with 4 bins and the Euclidean kernel on handwritten digits",
)
