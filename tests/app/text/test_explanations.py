"""Why an image is selected or not, for five images in two bins that a reader can count."""

from __future__ import annotations

import csv
import dataclasses
import io

import numpy as np
import pytest

from adq_core.data.dataset import ImageDataset
from adq_core.records import Bins, QuotaTable, Selection
from app.text.explanations import class_and_bin_summary, smallest_subset, to_csv, true_ranges, why

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
            "The quota of bin 0 is 2 of its 3 images. This image has draw position 1, so it is selected. "
            "Every alpha selects it.",
        ),
        (
            1,
            "The quota of bin 0 is 2 of its 3 images. This image has draw position 2, so it is selected. "
            "It is selected for alpha from 0.00 to 0.25 and 0.75.",
        ),
        (
            2,
            "The quota of bin 0 is 2 of its 3 images. This image has draw position 3, so it is not selected; it would "
            "be if the quota were 1 higher. It is selected for alpha 0.00.",
        ),
        (
            4,
            "The quota of bin 1 is 1 of its 2 images. This image has draw position 2, so it is not selected; it would "
            "be if the quota were 1 higher. It is selected for alpha 1.00.",
        ),
    ],
)
def test_the_explanation_names_quota_position_and_alphas(row: int, text: str) -> None:
    assert why(row, BINS, SELECTION, TABLE, np.array([2, 1])) == text


def test_an_image_that_no_alpha_selects() -> None:
    never = QuotaTable(TABLE.alpha, np.ones((5, 2), int), TABLE.capacity, "uniform", 0.4)
    assert why(2, BINS, SELECTION, never, np.array([1, 1])) == (
        "The quota of bin 0 is 1 of its 3 images. This image has draw position 3, so it is not selected; it would be "
        "if the quota were 2 higher. No alpha selects it at this keep ratio."
    )


def test_ranges_are_runs_of_consecutive_steps() -> None:
    there = np.array([True, False, True, True, False])
    assert true_ranges(TABLE.alpha, there) == [(0.0, 0.0), (0.5, 0.75)]
    assert true_ranges(TABLE.alpha, ~there) == [(0.25, 0.25), (1.0, 1.0)]
    assert true_ranges(TABLE.alpha, np.zeros(5, bool)) == []


def test_classes_bins_and_csv_of_a_lasso() -> None:
    assert class_and_bin_summary(np.array([1, 2, 3]), DATA, BINS) == "Classes: dog (3). Bins: bin 0 (2), bin 1 (1)."
    assert (
        class_and_bin_summary(np.arange(5), DATA, BINS, max_names=1)
        == "Classes: dog (3) and 2 others. Bins: bin 0 (3) and 1 other."
    )
    assert to_csv(np.array([1, 4]), DATA, BINS, SELECTION).decode() == (
        "id,class_name,bin,draw_position,selected\nb,dog,0,1,True\ne,owl,1,1,False\n"
    )


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@sum", "\tx"])
def test_a_csv_has_no_formulas(name: str) -> None:
    data = dataclasses.replace(DATA, ids=(name, *"bcde"), class_names=(name, "dog", "owl"))
    row = list(csv.reader(io.StringIO(to_csv(np.array([0]), data, BINS, SELECTION).decode())))[1]
    assert row[:2] == [f"'{name}", f"'{name}"]


def test_a_number_equal_to_the_present_one_is_not_more() -> None:
    alpha, counts = np.array([0.0, 1.0]), np.array([10, 10])
    text = smallest_subset(counts, alpha, 0, 10, 50, "budget")
    assert text == (
        "At alpha 0.00 it is selected if at least 10 images (keep ratio 20.00%) are selected, which is the present "
        "number. This number is the same at every alpha."
    )


@pytest.mark.parametrize(
    ("count", "end"), [(9, ": the present 10 could be reduced by 1."), (11, ": 1 more than the present 10.")]
)
def test_a_number_other_than_the_present_one_gives_the_difference(count: int, end: str) -> None:
    text = smallest_subset(np.array([count, 1]), np.array([0.0, 1.0]), 0, 10, 50, "budget")
    assert f"are selected{end} The smallest" in text
