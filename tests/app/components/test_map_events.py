"""The events of the map, the table of quotas over alpha, the texts about alpha, and the playback."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from app.components.bin_map import (
    Focus,
    QuotaSteps,
    Requests,
    alpha_sentence,
    build_store,
    changed_values,
    greedy_order,
    read_event,
    read_requests,
    thumbnail_sheet,
)
from app.components.blobs import encode_blob
from tests.app.components.map_data import unpack, view_of

EVENT = {
    "alpha": 0.4,
    "focus": {"bin": 2, "row": 17},
    "lasso": {"polygon": [[0, 0], [1.5, 0], [1, 1]], "map_key": "abc"},
    "columns": ["class"],
    "thumbnails": [5, 6],
    "changed": ["alpha", "row"],
    "serial": 9,
}


def test_an_event_is_read() -> None:
    event = read_event(EVENT, view=view_of(), n_rows=20)
    assert (event.alpha, event.focus) == (0.4, Focus(bin=2, row=17))
    assert event.polygon is not None
    assert (event.polygon.tolist(), event.map_key) == ([[0, 0], [1.5, 0], [1, 1]], "abc")
    assert event.requests == Requests(("class",), (5, 6), 9)


def test_without_an_event_the_focus_is_that_of_the_view_and_an_event_can_clear_it() -> None:
    view = view_of(focus=Focus(bin=3, row=1))
    assert read_event(None, view=view, n_rows=20).focus == Focus(bin=3, row=1)
    assert read_event({"alpha": 0.5}, view=view, n_rows=20).focus == Focus()


def test_only_changed_values_are_returned() -> None:
    assert changed_values(EVENT) == {"alpha": 0.4, "row": 17}
    assert changed_values({"alpha": 0.2, "focus": {}, "changed": ["bin"]}) == {"bin": None}
    assert changed_values({**EVENT, "changed": ["alpha", "bin", "row"]}) == {"alpha": 0.4, "bin": 2, "row": 17}


HUGE = 10**400  # a JSON number that is no float


@pytest.mark.parametrize(
    "raw",
    [
        None,
        [],
        "x",
        {"alpha": "0.4", "focus": {"bin": True, "row": 20}, "lasso": {"polygon": [[0, 0], [1, 1]]}, "serial": -1},
        {
            "alpha": float("nan"),
            "focus": {"bin": 4, "row": -1},
            "lasso": {"polygon": [[0, 0], [1, float("inf")], [2, 2]]},
        },
        {"alpha": 1.5, "focus": {"bin": 0.5}, "lasso": {"polygon": [[0, 0], [1, None], [2, 2]]}},
        {"alpha": HUGE, "focus": {"bin": HUGE, "row": -HUGE}, "lasso": {"polygon": [[HUGE, 0]] * 3}, "serial": HUGE},
        {"thumbnails": [HUGE, "a", 99], "columns": [1, {}], "lasso": "abc", "focus": 3},
        {"lasso": {"polygon": "abc", "map_key": 3}, "thumbnails": 4},
    ],
)
def test_an_invalid_value_counts_as_absent(raw: object) -> None:
    event = read_event(raw, view=view_of(), n_rows=20)
    assert (event.alpha, event.focus, event.polygon, event.map_key) == (0.65, Focus(), None, None)
    assert event.requests == read_requests(raw, n_rows=20) == Requests()
    changed = {**raw, "changed": ["alpha", "bin", "row"]} if isinstance(raw, dict) else raw
    values = changed_values(changed)
    assert values.get("alpha") is None
    assert (
        changed_values({"alpha": 0.2, "changed": HUGE}) == changed_values({"alpha": 0.2, "changed": [["alpha"]]}) == {}
    )


def test_the_table_returns_the_nearest_step_and_encodes_every_step() -> None:
    table = QuotaSteps(np.array([0.0, 0.5, 0.655, 1.0]), np.arange(8).reshape(4, 2))
    assert table.at(0.655).tolist() == [4, 5]
    assert table.at(0.3).tolist() == [2, 3]
    key, blob = table.blob({"bin_word": "bin"})
    header, found = unpack(blob)
    assert (header["key"], header["display"]) == (key, {"bin_word": "bin"})
    assert table.blob({"bin_word": "tier"})[0] != key
    assert header["alphas"] == [0.0, 0.5, 0.655, 1.0]
    assert found["quota"].tolist() == list(range(8))
    with pytest.raises(ValueError, match="quota must have one row per alpha, got"):
        QuotaSteps(np.array([0.0, 1.0]), np.arange(3).reshape(3, 1))


def test_the_effect_of_alpha_as_a_sentence() -> None:
    moving = QuotaSteps(np.array([0.0, 0.5, 1.0]), np.array([[10, 10, 10], [6, 10, 14], [4, 9, 17]]))
    assert alpha_sentence(moving, np.array([100, 100, 1200])) == (
        "From alpha 0 to 1, bin 2 gives more, bins 0 and 1 give fewer. Bin 2 changes most, between 10 and 17 of its "
        "1,200 images. The selections at both ends differ in 7 of 30 images."
    )
    there_and_back = QuotaSteps(np.array([0.0, 0.5, 1.0]), np.array([[3, 3], [2, 4], [3, 3]]))
    assert alpha_sentence(there_and_back, np.array([9, 9])) == (
        "From alpha 0 to 1, every bin has the same quota at both ends. Bin 0 changes most, between 2 and 3 of its "
        "9 images. The selections at both ends differ in 0 of 6 images."
    )
    still = QuotaSteps(np.array([0.0, 1.0]), np.array([[3, 3], [3, 3]]))
    assert alpha_sentence(still, np.array([9, 9])) == (
        "Alpha changes nothing here: every quota is the same at every alpha."
    )


@pytest.mark.parametrize(
    ("last", "sentence"),
    [
        ([5, 5, 5, 3, 5, 5, 0, 3], "bins 0 to 2, 4 and 5 give more, bin 6 gives fewer"),
        ([2] * 7 + [17], "bin 7 gives more, bins 0 to 6 give fewer"),
    ],
)
def test_the_bins_that_grow_with_alpha_are_named(last: list[int], sentence: str) -> None:
    table = QuotaSteps(np.array([0.0, 1.0]), np.array([[3] * 8, last]))
    assert alpha_sentence(table, np.full(8, 20)).startswith(f"From alpha 0 to 1, {sentence}. ")


def test_many_bins_are_counted_instead_of_named() -> None:
    table = QuotaSteps(np.array([0.0, 1.0]), np.stack([np.full(40, 5), 5 + np.tile([1, -1], 20)]))
    assert alpha_sentence(table, np.full(40, 20), bin_word="tier").startswith(
        "From alpha 0 to 1, 20 tiers give more, 20 tiers give fewer. "
    )


def test_a_header_is_padded_so_that_arrays_are_aligned() -> None:
    for text in ("", "a", "ab", "abc", "\u03b1"):
        blob = encode_blob({"text": text}, {"one": np.array([7], np.uint8), "two": np.array([1.5], np.float32)})
        _, found = unpack(blob)
        assert (found["one"].tolist(), found["two"].tolist()) == ([7], [1.5])


def test_the_playback_alternates_between_the_classes_of_a_bin() -> None:
    # Bin 0 has rows 0 to 3 of class 0 and rows 4 and 5 of class 1; bin 1 has row 6.
    bin_of, labels, rank = np.array([0] * 6 + [1]), np.array([0, 0, 0, 0, 1, 1, 0]), np.array([3, 2, 1, 0, 0, 1, 4])
    # Class 0 is taken at 1/8, 3/8, 5/8, 7/8 of the bin, class 1 at 1/4 and 3/4.
    assert np.argsort(greedy_order(bin_of, rank, labels)).tolist() == [3, 4, 2, 1, 5, 0, 6]


def test_the_order_of_the_playback_names_positions_in_the_blob() -> None:
    bin_of, position = np.array([1, 0, 0]), np.array([0, 1, 0])
    play = np.array([0, 2, 1])  # rows 0, 2, 1
    store = build_store(np.arange(6.0).reshape(3, 2), bin_of, position, n_bins=2, key="k", play=play)
    assert store.rows.tolist() == [2, 1, 0]
    _, found = unpack(store.columns["order"])
    assert found["values"].tolist() == [2, 0, 1]


def test_thumbnails_fill_a_sheet_line_by_line() -> None:
    thumbnails = np.zeros((90, 8, 8, 3), np.uint8) + np.arange(90, dtype=np.uint8)[:, None, None, None]
    rows = np.arange(85)
    header, found = unpack(thumbnail_sheet(thumbnails, rows, key="k", side=16))
    sheet = np.asarray(Image.open(io.BytesIO(found["image"].tobytes())).convert("L")).astype(int)
    assert (header["across"], sheet.shape) == (40, (3 * 16, 40 * 16))
    for place in (0, 1, 39, 40, 84):
        top, left = place // 40 * 16, place % 40 * 16
        assert abs(sheet[top + 4 : top + 12, left + 4 : left + 12] - place).max() <= 4, (
            "WebP may change a grey a little"
        )


def test_the_first_and_the_last_bin_and_image_can_be_in_focus() -> None:
    for focus, expected in (({"bin": 0, "row": 0}, Focus(0, 0)), ({"bin": 3, "row": 19}, Focus(3, 19))):
        assert read_event({"focus": focus}, view=view_of(), n_rows=20).focus == expected


def test_the_nearest_step_of_alpha_can_be_below_or_above() -> None:
    table = QuotaSteps(np.array([0.0, 0.5, 1.0]), np.zeros((3, 2)))
    assert [table.step(alpha) for alpha in (0.0, 0.2, 0.3, 0.7, 0.8, 1.0)] == [0, 0, 1, 1, 2, 2]
