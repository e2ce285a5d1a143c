"""The messages of the image browser: marks that a browser sends, and the arrays that it receives."""

from __future__ import annotations

import base64
import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.components.image_grid import GridView, OpenedImage, read_event, read_marks, read_opened


def decoded(blob: bytes) -> dict[str, Any]:
    assert blob[:4] == b"ADQM"
    length = int(np.frombuffer(blob[4:8], np.uint32)[0])
    header: dict[str, Any] = json.loads(blob[8 : 8 + length])
    at = 8 + length
    for name, kind, count in header["arrays"]:
        dtype = np.dtype(kind)
        header[name] = np.frombuffer(blob[at : at + count * dtype.itemsize], dtype)
        at += -(-count * dtype.itemsize // 4) * 4
    return header


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("r", []),
        ("r0.3", [0, 1, 2]),
        ("r2.1-0.2", [2, 3, 4]),
        ("r5.2-1.2", [5, 6, 8, 9]),
        ("rz.1", [35]),
        ("b" + base64.b64encode(bytes([5, 0, 0, 0, 8])).decode(), [0, 2, 35]),
    ],
)
def test_marks(text: str, rows: list[int]) -> None:
    assert read_marks(text, 40 if "b" not in text else 36).tolist() == rows


@pytest.mark.parametrize(
    "text", [None, 3, "", "x", "r1", "r1.", "r1.2.3", "r-1.2", "r0.99", "rz.z", "b", "bAA==", "b*", "r" * 1000, ["r"]]
)
def test_invalid_marks_count_as_none(text: object) -> None:
    assert read_marks(text, 40).tolist() == []


@given(st.one_of(st.text(max_size=60), st.text("0123456789abz.-", max_size=60).map("r{}".format)), st.integers(1, 90))
def test_any_text_gives_rows_of_the_set(text: str, total: int) -> None:
    rows = read_marks(text, total)
    assert rows.dtype == np.int64
    assert (np.diff(rows) > 0).all()
    assert not rows.size or (rows[0] >= 0 and rows[-1] < total)


def test_marks_of_another_data_set_count_as_none() -> None:
    event = {"marks": "r0.2", "images": "a", "serial": 7}
    found = read_event(event, images="a", total=5)
    assert (found.marked.tolist(), found.serial) == ([0, 1], 7)
    assert read_event(event, images="b", total=5).marked.tolist() == []
    for odd in (None, [], {"serial": float("nan")}, {"serial": True}, {"serial": "1"}, {"serial": -1}):
        assert read_event(odd, images="a", total=5).serial == 0


def test_an_opened_image() -> None:
    sent = {"row": 3, "page": "similar", "images": "a"}
    assert read_opened(sent, images="a", total=5) == OpenedImage(3, "similar")
    odd = [
        {"row": 5},
        {"row": -1},
        {"row": 1.5},
        {"row": True},
        {"row": float("inf")},
        {"page": "storage"},
        {"images": "b"},
    ]
    for change in odd:
        assert read_opened({**sent, **change}, images="a", total=5) is None
    assert read_opened("x", images="a", total=5) is None


def view(**changes: Any) -> GridView:
    values: dict[str, Any] = {
        "images": "a", "total": 4, "order": np.array([2, 0]), "address": "/x", "sides": (64,), "alpha": 0.5,
        "alphas": np.array([0.0, 1.0]), "quota": np.array([[1, 0], [0, 2]]), "bin_order": np.array([1, 3, 0, 2]),
        "capacity": np.array([2, 2]),
    }  # fmt: skip
    return GridView(**{**values, **changes})


def test_the_arrays_of_a_view() -> None:
    blobs = {name: decoded(blob) for name, (_, blob) in view().blobs().items()}
    assert blobs["order"]["row"].tolist() == [2, 0]
    assert (blobs["bins"]["row"].tolist(), blobs["bins"]["capacity"]) == ([1, 3, 0, 2], [2, 2])
    assert (blobs["quotas"]["quota"].tolist(), blobs["quotas"]["alphas"]) == ([1, 0, 0, 2], [0.0, 1.0])
    for name, (key, blob) in view().blobs().items():
        assert decoded(blob)["key"] == key, name
    assert view(order=np.array([0, 2])).blobs()["order"][0] != view().blobs()["order"][0]
    assert view(order=np.array([0, 2])).blobs()["quotas"] == view().blobs()["quotas"]


def test_a_selection_without_quotas_is_sent_as_one_byte_per_image() -> None:
    blobs = view(selected=np.array([True, False, True, False])).blobs()
    assert set(blobs) == {"order", "quotas"}
    assert decoded(blobs["quotas"][1])["selected"].tolist() == [1, 0, 1, 0]
    assert set(view(quota=None).blobs()) == {"order"}
