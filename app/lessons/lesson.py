"""The parts of a lesson: texts, a prediction, a question, and a scene that is computed from points."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]  # (N, 2) positions, in the units of the lesson


@dataclass(frozen=True)
class Option:
    """One possible answer, and the sentence that says why it is right or wrong."""

    text: str
    why: str
    right: bool = False


@dataclass(frozen=True)
class Question:
    """A question with one right answer."""

    text: str
    options: tuple[Option, ...]

    def data(self) -> dict[str, Any]:
        """Return the question in the form that the component receives."""
        return {"text": self.text, "options": [[one.text, one.why, one.right] for one in self.options]}


@dataclass(frozen=True)
class Limits:
    """Where points may be, and how many."""

    box: tuple[float, float, float, float]  # lowest x, lowest y, highest x, highest y
    fewest: int
    most: int
    movement: str = "plane"  # "plane", "circle" (radius 1 around 0) or "up" (the x of a point stays)

    @property
    def can_add(self) -> bool:
        """Return whether points can be added and deleted."""
        return self.fewest < self.most


@dataclass(frozen=True, eq=False)
class Frame:
    """What a panel shows at one step; lists of the points have one entry per point of the scene."""

    note: str  # the formula with the numbers of this frame
    words: str  # the text alternative of the picture
    radius: list[float] | None = None  # of each point, in pixels
    fill: list[int] | None = None  # of each point: the number of a colour; -1: none, -2: muted
    tag: list[str] | None = None  # a short text in each point
    value: list[Any] | None = None  # of each point, shown while it is selected: a text, a number or None
    ring: int = -1  # the point with a ring; -1: none
    lines: list[list[Any]] = field(default_factory=list)  # [x0, y0, x1, y1, style]; style "spoke": x1 is a point
    bars: list[list[Any]] = field(default_factory=list)  # [x0, y0, x1, y1, colour, point whose y is y1 or -1]
    dots: list[list[Any]] = field(default_factory=list)  # [x, y, radius, colour, is filled]: points that stay
    image: str = ""  # a data URL, drawn over the whole box, below everything else
    cells: list[str] | None = None  # of an image: a text for each pixel, row by row
    texts: list[list[Any]] = field(default_factory=list)  # [x, y, text, anchor]

    def data(self) -> dict[str, Any]:
        """Return the frame in the form that the component receives: without empty parts."""
        return {name: value for name, value in vars(self).items() if value is not None and value != [] and value != ""}


@dataclass(frozen=True, eq=False)
class Panel:
    """One picture: its frames, one per step, or a single one for all steps."""

    title: str
    box: tuple[float, float, float, float]  # as in `Limits`
    frames: list[Frame]
    height: float = 1.0  # divided by the width
    has_points: bool = True
    value_name: str = ""  # of values that are numbers
    taken_at: list[int] | None = None  # of each point: the first step at which it is taken, with this number in it
    colours: list[int] | None = None  # of each point: its colour from this step on
    caption: str = ""  # the formula in words, the same at every step
    reveals: bool = False  # the picture contains the result of the prediction: it is empty before

    def data(self) -> dict[str, Any]:
        """Return the panel in the form that the component receives."""
        return {**vars(self), "frames": [frame.data() for frame in self.frames]}


@dataclass(frozen=True, eq=False)
class Scene:
    """Everything that the component draws of a lesson for one set of points."""

    panels: list[Panel]
    steps: list[str]  # the name of each step, shown beside the slider
    first: int = 0  # the step to start at
    control: str = "Step"  # the name of the slider
    plays: bool = True  # whether there is a button Play
    columns: int = 0  # pixels of a row of the images, if their pixels can be selected

    def data(self) -> dict[str, Any]:
        """Return the scene in the form that the component receives."""
        return {**vars(self), "panels": [panel.data() for panel in self.panels]}


@dataclass(frozen=True)
class Lesson:
    """One lesson of the page Lessons."""

    name: str  # on its button and in the link
    title: str
    idea: str
    task: str  # what to do with the picture
    sentences: tuple[str, str, str]
    prediction: Question
    question: Question
    cases: tuple[str, ...]  # names of the starting positions
    start: Callable[[str], Points]
    scene: Callable[[Points, str], Scene]
    limits: Callable[[str], Limits]
    page: str  # the page of the app that shows the same on a data set
    settings: Mapping[str, Any]  # with these settings
    link: str  # the label of the link
    cases_label: str = "Start with"


def colour_of(number: int, n_bins: int) -> int:
    """Return the number of the colour of a bin: the ten colours of the theme are spread over the bins."""
    return round(9 * number / max(1, n_bins - 1))
