"""Text files of an export: any id in one line, and no cell that a spreadsheet runs."""

from __future__ import annotations

import csv
import io
import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adq_core.export.texts import csv_bytes, escaped, json_lines, lines, safe_cell
from tests.fakes import fake_dataset

ANY_TEXT = st.text(
    st.characters(exclude_categories=["Cs"]) | st.sampled_from("\n\r\t\v\f\x00\x1b\x85\u2028\u202e\\\"'=+-@")
)


@given(st.lists(ANY_TEXT, max_size=6))
def test_each_text_is_one_line_that_gives_it_back(texts: list[str]) -> None:
    content = lines(texts).decode()
    assert content.splitlines() == content.split("\n")[:-1]
    assert len(content.splitlines()) == len(texts)
    for line, text in zip(content.splitlines(), texts, strict=True):
        quoted = line.replace('"', '\\"')
        assert json.loads(f'"{quoted}"') == text


@given(st.lists(ANY_TEXT, min_size=2, max_size=2, unique=True))
def test_different_texts_have_different_lines(texts: list[str]) -> None:
    assert escaped(texts[0]) != escaped(texts[1])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("cat/größe 1.png", "cat/größe 1.png"),
        ("a\nb.png", "a\\nb.png"),
        ("a\\nb.png", "a\\\\nb.png"),
        ("\u202egnp.exe", "\\u202egnp.exe"),
        ("\x1b[31m", "\\u001b[31m"),
    ],
)
def test_examples(text: str, expected: str) -> None:
    assert escaped(text) == expected


@given(st.lists(ANY_TEXT, min_size=1, max_size=5, unique=True))
def test_json_lines_have_the_ids_unchanged(ids: list[str]) -> None:
    data = fake_dataset([np.zeros((2, 2, 3), np.uint8)] * len(ids), ids=ids)
    content = json_lines(data, np.arange(len(ids))).decode()
    assert content.isascii()
    assert [json.loads(line)["id"] for line in content.splitlines()] == ids


def without_apostrophe(cell: str) -> str:
    """Undo `safe_cell`, as its documentation says."""
    return cell[1:] if cell.startswith("'") and cell.lstrip("'").startswith(("=", "+", "-", "@", "\t", "\r")) else cell


@given(ANY_TEXT | st.from_regex(r"'{0,3}[=+@\t\r-].{0,3}", fullmatch=True))
def test_a_safe_cell_can_be_undone_and_is_no_formula(text: str) -> None:
    cell = str(safe_cell(text))
    assert not cell.startswith(("=", "+", "-", "@", "\t", "\r"))
    assert without_apostrophe(cell) == text


def test_numbers_of_a_table_stay_and_texts_are_safe_also_in_the_first_line() -> None:
    frame = pd.DataFrame({"=x": ["=1+1", "a,b"], "n": [-1.5, 0.1], "k": [-3, 4], "b": [True, False]})
    rows = list(csv.reader(io.StringIO(csv_bytes(frame).decode())))
    assert rows == [["'=x", "n", "k", "b"], ["'=1+1", "-1.5", "-3", "True"], ["a,b", "0.1", "4", "False"]]
