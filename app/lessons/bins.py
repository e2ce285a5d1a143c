"""Lesson 2: bins of equal and of geometric sizes, and one outlier."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from adq_core.records import Ints

from .lesson import Frame, Lesson, Limits, Option, Panel, Points, Question, Scene, colour_of
from .plane import BOX, bins_of, cloud

MOST_BINS = 10
OUTLIER = 0  # the row of the point that the lesson calls the outlier
TITLES = {"equal": "Equal sizes", "geometric": "Geometric sizes"}
KERNEL = "euclidean"


def start(case: str) -> Points:
    """Return the cloud, with its first point at the rim or far outside."""
    points = cloud()
    points[OUTLIER] = (7.0, 5.3) if case == "No outlier" else (11.7, 0.4)
    return points


def scene(points: Points, case: str) -> Scene:
    """Return the bins for every number of bins, with equal and with geometric sizes."""
    panels = [
        Panel(title, BOX, [frame(points, m, schedule) for m in range(1, MOST_BINS + 1)], height=0.75)
        for schedule, title in TITLES.items()
    ]
    names = ["1 bin", *(f"{m} bins" for m in range(2, MOST_BINS + 1))]
    return Scene(panels, names, first=3, control="Number of bins", plays=False)


def frame(points: Points, n_bins: int, schedule: str) -> Frame:
    """Return the points in the colours of their bins, with the sizes of the bins and the effect of the outlier."""
    bins = bins_of(points, n_bins, KERNEL, schedule)
    sizes = bins.capacity.tolist()
    others = np.arange(len(points)) != OUTLIER
    count = int((bins.bin_of != _bins_at_start(n_bins, schedule))[others].sum())
    changed = f" {_count(count)} of the other points {'is' if count < 2 else 'are'} in another bin than at the start."
    centre = points[bins.bin_of == 0].mean(axis=0)
    where = f"The outlier (with the ring) is in bin {bins.bin_of[OUTLIER]}."
    return Frame(
        note=f"Sizes: {', '.join(map(str, sizes))}. {where}{changed}",
        words=f"{len(points)} points in {n_bins} bins of {', '.join(map(str, sizes))} points. The centre of bin 0 is "
        "at "
        f"({centre[0]:.2f}, {centre[1]:.2f}). {where}{changed}",
        radius=[8.0] * len(points),
        fill=[colour_of(number, n_bins) for number in bins.bin_of.tolist()],
        tag=[str(number) for number in bins.bin_of.tolist()],
        value=[f"bin {number}, taken at step {rank + 1}" for number, rank in _places(bins.bin_of, bins.rank)],
        ring=OUTLIER,
        lines=[[float(centre[0]), float(centre[1]), 0.25, 0, "cross"]],
    )


@lru_cache(maxsize=2 * MOST_BINS)
def _bins_at_start(n_bins: int, schedule: str) -> Ints:
    return bins_of(start("No outlier"), n_bins, KERNEL, schedule).bin_of


def _places(bin_of: Ints, rank: Ints) -> list[tuple[int, int]]:
    return list(zip(bin_of.tolist(), rank.tolist(), strict=True))


def _count(count: int) -> str:
    return "None" if count == 0 else str(count)


LESSON = Lesson(
    name="Bins",
    title="Bins: equal sizes, geometric sizes, and one outlier",
    idea="The order of the greedy is cut into bins. Bin 0 has the most typical images, the last bin the most unusual "
    "ones. The sizes of the bins are a choice.",
    task="Move the slider to change the number of bins. Drag the outlier, the point with the ring, and watch the bins "
    "of the other points. The cross is the centre of bin 0.",
    sentences=(
        "Equal: all bins have the same number of points, up to one.",
        "Geometric: each bin takes the same share of the points that are left, so the sizes go down, and the last bin "
        "takes the large rest.",
        "One outlier is put into the last bin, but it also moves other points to other bins, because all distances to "
        "it are part of their gains.",
    ),
    prediction=Question(
        "40 points, 4 bins, geometric sizes: each bin takes a quarter of what is left. Which bin is the largest?",
        (
            Option(
                "Bin 0, because it takes first",
                "No. Bin 0 takes a quarter of 40, which is 10. The last bin takes everything that is left.",
            ),
            Option(
                "All are equal", "No. A quarter of what is left becomes smaller and smaller: 10, 8, 6. The rest is 16."
            ),
            Option("The last bin", "Yes. The sizes are 10, 8 and 6, and the rest is 16.", right=True),
        ),
    ),
    question=Question(
        "You drag the outlier from the rim to a far corner. What happens to the bins of the other points?",
        (
            Option(
                "Nothing: an outlier changes only its own bin",
                "No. Read the last sentence below the pictures while you drag the outlier: some points change their "
                "bin.",
            ),
            Option(
                "Some of them change their bin",
                "Right. Points on the side of the outlier gain, points on the other side lose, so some cross the "
                "border of a bin.",
                right=True,
            ),
            Option(
                "All of them change their bin",
                "No. Most points stay in their bin. Count with the sentence below the pictures.",
            ),
        ),
    ),
    cases=("No outlier", "One outlier"),
    start=start,
    scene=scene,
    limits=lambda case: Limits(BOX, 40, 40),
    page="bins",
    settings={"dataset": "digits", "n_bins": 4, "schedule": "geometric", "kernel": KERNEL},
    link="Open the page Bins with geometric sizes on handwritten digits",
)
