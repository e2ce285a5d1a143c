"""The bin and the image in focus."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from app.state import focus
from tests.fakes import fake_dataset


@pytest.fixture
def state(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    state: dict[str, Any] = {}
    monkeypatch.setattr(focus.st, "session_state", state)
    return state


@pytest.mark.parametrize(("number", "in_focus"), [(None, None), (0, 0), (3, 3), (4, 3), (99, 3)])
def test_the_bin_in_focus_is_a_bin_that_exists(state: dict[str, Any], number: int | None, in_focus: int | None) -> None:
    state["bin"] = number
    assert focus.bin_in_focus(4) == in_focus


@pytest.mark.parametrize(
    ("text", "rows", "exact"),
    [
        ("2", [0], True),  # an id comes before a row number
        ("1", [1], True),
        (" Dog/a ", [2], True),
        ("dog", [2, 3], False),
        ("DOG/B", [3], False),
        ("4", [], False),  # the rows are 0 to 3
        ("", [], False),
        ("   ", [], False),
    ],
)
def test_an_image_is_found_by_its_id_a_row_number_or_a_part_of_its_id(text: str, rows: list[int], exact: bool) -> None:
    data = fake_dataset([np.zeros((2, 2, 3), np.uint8)] * 4, ids=["2", "cat", "Dog/a", "Dog/b"])
    found, is_exact = focus.find_rows(data, text)
    assert (found.tolist(), is_exact) == (rows, exact)


def test_the_row_in_focus_is_the_first_match(state: dict[str, Any]) -> None:
    data = fake_dataset([np.zeros((2, 2, 3), np.uint8)] * 3, ids=["cat", "dog/a", "dog/b"])
    state["image"] = "dog"
    assert focus.row_in_focus(data) == 1
    state["image"] = None
    assert focus.row_in_focus(data) is None
