"""Why an image is in or out, on five images in two bins that a reader can count by hand."""

from __future__ import annotations

import numpy as np
import pytest

from adq_core.data.dataset import ImageDataset
from adq_core.records import Bins, QuotaTable, Selection
from app.text.explanations import inside, listed, spans_of, why

BINS = Bins(np.array([0, 0, 0, 1, 1]), np.arange(5), np.zeros(5), 2, "k")
ORDER = np.array([0, 1, 2, 0, 1])
TABLE = QuotaTable(
    alpha=np.array([0.0, 0.25, 0.5, 0.75, 1.0]),
    quota=np.array([[3, 0], [2, 1], [1, 1], [2, 1], [1, 2]]),
    capacity=np.array([3, 2]),
    rule="budget",
    keep_ratio=0.6,
)
SELECTION = Selection(ORDER, np.array([True, True, False, True, False]), "random", "k")
DATA = ImageDataset(
    name="five",
    ids=tuple("abcde"),
    labels=np.array([0, 1, 1, 1, 2]),
    class_names=("cat", "dog", "owl"),
    read=lambda row: np.zeros((2, 2, 3), np.uint8),
    thumbnails=np.zeros((5, 2, 2, 3), np.uint8),
    sizes=np.full((5, 2), 2),
    held_out=np.zeros(5, bool),
    skipped=(),
    key="k",
)


@pytest.mark.parametrize(
    ("row", "text"),
    [
        (
            0,
            "Bin 0 gives 2 of its 3 images, and this one is number 1 in its order: it is in. It is in for every alpha.",
        ),
        (
            1,
            "Bin 0 gives 2 of its 3 images, and this one is number 2 in its order: it is in. "
            "It is in for alpha from 0.00 to 0.25 and at 0.75.",
        ),
        (
            2,
            "Bin 0 gives 2 of its 3 images, and this one is number 3 in its order: it is out, and would be in with "
            "1 more for its bin. It is in for alpha at 0.00.",
        ),
        (
            4,
            "Bin 1 gives 1 of its 2 images, and this one is number 2 in its order: it is out, and would be in with "
            "1 more for its bin. It is in for alpha at 1.00.",
        ),
    ],
)
def test_why_is_said_in_words(row: int, text: str) -> None:
    assert why(row, BINS, SELECTION, TABLE, np.array([2, 1])) == text


def test_an_image_that_no_alpha_brings_in() -> None:
    never = QuotaTable(TABLE.alpha, np.ones((5, 2), int), TABLE.capacity, "uniform", 0.4)
    assert why(2, BINS, SELECTION, never, np.array([1, 1])) == (
        "Bin 0 gives 1 of its 3 images, and this one is number 3 in its order: it is out, and would be in with 2 more "
        "for its bin. No alpha brings it in at this keep ratio."
    )


def test_spans_are_runs_of_steps() -> None:
    there = np.array([True, False, True, True, False])
    assert spans_of(TABLE.alpha, there) == [(0.0, 0.0), (0.5, 0.75)]
    assert spans_of(TABLE.alpha, ~there) == [(0.25, 0.25), (1.0, 1.0)]
    assert spans_of(TABLE.alpha, np.zeros(5, bool)) == []


def test_what_a_lasso_holds() -> None:
    assert inside(np.array([1, 2, 3]), DATA, BINS) == "Classes: dog (3). Bins: bin 0 (2), bin 1 (1)."
    assert inside(np.arange(5), DATA, BINS, most=1) == "Classes: dog (3) and 2 more. Bins: bin 0 (3) and 1 more."
    assert listed(np.array([1, 4]), DATA, BINS, SELECTION).decode() == (
        "id,class_name,bin,draw_position,selected\nb,dog,0,1,True\ne,owl,1,1,False\n"
    )
