"""Lesson 8: the paper, its published code and this project differ; one switch per difference, on handwritten digits."""

from __future__ import annotations

import threading
from dataclasses import replace
from functools import lru_cache
from typing import Any

import numpy as np

from adq_core import Run, Settings
from adq_core.records import Quotas

from .alpha import bars_of
from .lesson import Frame, Lesson, Limits, Option, Panel, Points, Question, Scene

BASE = Settings(dataset="digits", embeddings="pixels", n_bins=10, alpha=0.65, keep_ratio=0.1, diversity="vendi")
PROJECT = "None"
SWITCHES: dict[str, dict[str, Any]] = {
    PROJECT: {},
    "Rule of the paper": {"rule": "paper"},
    "Rule of the code": {"rule": "published-code"},
    "Distances of the paper": {"kernel": "euclidean"},
    "Bin sizes of the code": {"schedule": "geometric"},
    "Div of the code": {"diversity": "vectors"},
}
WHY = {
    PROJECT: "The settings of this project: rule budget, kernel cosine, bins of equal size, Vendi score.",
    "Rule of the paper": "The formula of the paper does not contain the keep ratio.",
    "Rule of the code": "The published code rounds each bin by itself, and does not use alpha.",
    "Distances of the paper": "The paper compares squared distances, its code the angles of the vectors.",
    "Bin sizes of the code": "The sampling code of the paper has bins that become smaller, and a large last bin.",
    "Div of the code": "The published code measures diversity as 1 / |mean|², here on the pixels of the images.",
}
_lock = threading.Lock()  # a class that opens the lesson at once computes each run once


@lru_cache(maxsize=len(SWITCHES))
def _run(switch: str) -> Run:
    return Run(replace(BASE, **SWITCHES[switch]))


def run_with(switch: str) -> Run:
    """Return the run with one difference switched, with its selection computed."""
    with _lock:
        run = _run(switch)
        _ = run.selection
        return run


def scene(points: Points, case: str) -> Scene:
    """Return the quotas of this project beside those with the switch, and how many images differ."""
    project, other = run_with(PROJECT), run_with(case)
    highest = int(max(project.quotas.quota.max(), other.quotas.quota.max()))
    images = len(project.bins.bin_of)
    moved = int((project.bins.bin_of != other.bins.bin_of).sum())
    same = int((project.selection.selected & other.selection.selected).sum())
    kept = int(project.selection.selected.sum())
    effect = (
        f"{WHY[case]} Of the {kept} images that this project selects, {same} are selected here as well. {moved:,} of "
        f"{images:,} images are in another bin."
    )
    panels = [
        _panel("This project", project.quotas, highest, images, ""),
        _panel(f"Switch: {case}", other.quotas, highest, images, effect),
    ]
    return Scene(panels, ["now"])


def _panel(title: str, quotas: Quotas, highest: int, images: int, effect: str) -> Panel:
    kept = int(quotas.quota.sum())
    text = f"{kept:,} of {images:,} images are selected: {kept / images:.1%}, asked for {BASE.keep_ratio:.0%}."
    bars, texts = bars_of(np.asarray(quotas.quota, np.float64), highest, 0)
    frame = Frame(
        note=f"{text} {effect}".strip(),
        words=f"Images from each bin: {', '.join(map(str, quotas.quota.tolist()))}. {text} {effect}".strip(),
        bars=bars,
        texts=texts,
    )
    box = (0.0, -0.12 * highest, float(len(quotas.quota)), 1.12 * highest)
    return Panel(title, box, [frame], height=0.75, has_points=False, reveals=True)


LESSON = Lesson(
    name="Paper and code",
    title="Paper and code: what difference does a detail make?",
    idea="A paper and its published code are often not the same. ADQ Explorer has both as settings, so you can see "
    "which differences matter.",
    task="Choose one switch at a time, and compare the images that each bin gives, on 1,797 handwritten digits.",
    sentences=(
        "The rule of the paper keeps most of the images, although only 10 % are asked for; the rule of the code "
        "misses the number by a few images.",
        "Angles or distances, and the sizes of the bins: such details put more than half of the images into other "
        "bins.",
        "The subset changes by a third, but this does not say which one is better: only a comparison with random "
        "draws does.",
    ),
    prediction=Question(
        "You ask for 10 % of the images. How many does the formula of the paper keep?",
        (
            Option("10 %", "No. The formula does not contain the keep ratio. Choose Rule of the paper."),
            Option("About 20 %", "No. It keeps far more. Choose Rule of the paper."),
            Option("More than 70 %", "Yes. Choose Rule of the paper to see the number.", right=True),
        ),
    ),
    question=Question(
        "Which switch changes the selected images most?",
        (
            Option(
                "Rule of the code",
                "No. It changes only 3 of 180 images. Try the other switches and compare the numbers.",
            ),
            Option(
                "Distances of the paper",
                "Right. With distances instead of angles, a third of the selected images is replaced.",
                right=True,
            ),
            Option(
                "Div of the code",
                "No. It changes the images from each bin, but the bins stay the same. Compare it with the distances.",
            ),
        ),
    ),
    cases=tuple(SWITCHES),
    start=lambda case: np.zeros((0, 2)),
    scene=scene,
    limits=lambda case: Limits((0.0, 0.0, 1.0, 1.0), 0, 0),
    page="method",
    settings={"dataset": "digits", "embeddings": "pixels", "n_bins": 10, "alpha": 0.65, "keep_ratio": 0.1},
    link="Open the page The method with all differences, on the same images",
    cases_label="Switch",
)
