"""State that a browser may send: anything. Every reader returns valid values or none, and raises nothing."""

from __future__ import annotations

import copy
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from app.charts.click_targets import clicked_bin
from app.components.bin_map import MapView, QuotaSteps, changed_values, points_in_polygon, read_event, read_requests
from app.components.thumbnail_clicks import read_click
from app.components.undo_keys import ACTIONS, read_presses
from app.selections.saved import SavedSelections, read

N_ROWS, N_BINS = 50, 4
QUOTAS = QuotaSteps(np.linspace(0, 1, 3), np.ones((3, N_BINS), np.int64))
VIEW = MapView(QUOTAS, alpha=0.5, bin_colours=(["#000000"] * N_BINS,) * 2, class_colours=(["#000000"],) * 2)
EVENT: dict[str, Any] = {
    "alpha": 0.25, "focus": {"bin": 2, "row": 7}, "changed": ["alpha", "bin", "row"], "serial": 3,
    "lasso": {"polygon": [[0, 0], [1, 0], [1, 1]], "map_key": "abc"}, "columns": ["class"], "thumbnails": [1, 2, 3],
}  # fmt: skip
SELECTED: dict[str, Any] = {"selection": {"points": [{"x": 1, "y": 2, "customdata": [3, "text"]}]}}
SAVED: dict[str, Any] = {"serial": 1, "done": 0, "refused": False, "text": '{"a": {"name": "a"}}'}


def deep(levels: int) -> list[Any]:
    value: list[Any] = []
    for _ in range(levels):
        value = [value]
    return value


ODD = st.sampled_from(
    [
        10**400, -(10**400), 2**53, 2**63, 2**64, -1, 1e308, -1e308, math.nan, math.inf, -math.inf, 0.5, True, False,
        None, "", "x" * 1_000_000, "\0", "\ud800", "__proto__", "constructor", "1e400", "NaN", [], {}, [[]],
        [None] * 9999,
        {"a": {"b": {}}}, deep(300), [[0, 0]] * 5000, [[math.nan, 0], [0, 10**400], [1, 1]], [["x", "y"]] * 3, b"bytes",
    ]
)  # fmt: skip
JSON = st.recursive(
    ODD | st.integers() | st.floats() | st.text(max_size=5) | st.booleans() | st.none(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=8,
)


@st.composite
def forged(draw: st.DrawFn, template: dict[str, Any]) -> Any:
    """Return a valid message in which one value, at any depth, is replaced; or something else altogether."""
    message = copy.deepcopy(template)
    places = list(_places(message))
    holder, key = draw(st.sampled_from([(None, None), *places]))
    value = draw(JSON)
    if holder is None:
        return value
    holder[key] = value
    return message


def _places(holder: Any) -> Any:
    for key, value in holder.items() if isinstance(holder, dict) else enumerate(holder):
        yield holder, key
        if isinstance(value, dict | list):
            yield from _places(value)


many = settings(
    max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


@many
@given(forged(EVENT))
@example({**EVENT, "alpha": 10**400})
@example({**EVENT, "serial": 10**400})
@example({**EVENT, "focus": {"bin": math.inf, "row": 10**400}})
def test_events_of_the_map(raw: Any) -> None:
    event = read_event(raw, view=VIEW, n_rows=N_ROWS)
    assert 0 <= event.alpha <= 1
    assert event.focus.bin is None or (type(event.focus.bin) is int and 0 <= event.focus.bin < N_BINS)
    assert event.focus.row is None or (type(event.focus.row) is int and 0 <= event.focus.row < N_ROWS)
    if event.polygon is not None:
        assert event.polygon.ndim == 2
        assert np.isfinite(event.polygon).all()
        assert len(event.polygon) <= 2_000
        points_in_polygon(event.polygon, np.zeros((3, 2), np.float32))
    requests = read_requests(raw, n_rows=N_ROWS)
    assert requests == event.requests
    assert all(type(row) is int and 0 <= row < N_ROWS for row in requests.thumbnails)
    assert len(requests.thumbnails) <= 96
    assert all(isinstance(name, str) for name in requests.columns)
    assert 0 <= requests.serial < 2**53
    for name, value in changed_values(raw).items():
        assert name in ("alpha", "bin", "row")
        assert value is None or 0 <= value < 2**53


def test_a_valid_event_arrives_whole() -> None:
    event = read_event(EVENT, view=VIEW, n_rows=N_ROWS)
    assert (event.alpha, event.focus.bin, event.focus.row, event.map_key) == (0.25, 2, 7, "abc")
    assert event.polygon is not None
    assert changed_values(EVENT) == {"alpha": 0.25, "bin": 2, "row": 7}
    assert clicked_bin(SELECTED) == 3
    assert read_click({"image": "a"}) == "a"


@many
@given(forged(SELECTED))
@example({"selection": {"points": [{"x": math.inf}]}})
@example({"selection": {"points": [{"x": 10**400}]}})
@example({"selection": {"points": [5, {"x": 1}]}})
def test_selections_in_charts(raw: Any) -> None:
    number = clicked_bin(raw)
    assert number is None or (type(number) is int and 0 <= number < 2**53)


@many
@given(forged(SAVED), JSON)
def test_messages_of_the_saved_selections(raw: Any, other: Any) -> None:
    saved = SavedSelections()
    saved.receive(raw)
    saved.receive(other)
    assert all(isinstance(name, str) for name in saved.by_name)
    saved.receive({"serial": saved.last_serial + 1, "text": "", "done": 0})
    assert saved.by_name == {}, "a forged message does not stop later ones"


@pytest.mark.parametrize(
    "text", ["[" * 100_000, "9" * 100_000, '{"a": ' * 50_000, "\ud800", '{"a": NaN}', '{"a": 1e400}']
)
def test_stored_text_of_a_browser(text: str) -> None:
    assert read(text)[0] == {}


@many
@given(JSON | st.fixed_dictionaries({"image": JSON}))
def test_clicks_on_thumbnails(raw: Any) -> None:
    image = read_click(raw)
    assert image is None or (0 < len(image) <= 32_768 and "\0" not in image)


PRESSES: dict[str, Any] = {"serial": 3, "presses": ["undo", "undo", "redo"]}


@many
@given(forged(PRESSES))
@example({"serial": 10**400, "presses": ["undo"]})
@example({"serial": 1, "presses": [["undo"], {}, "undo"]})
def test_presses_of_the_undo_keys(raw: Any) -> None:
    serial, actions = read_presses(raw, 1)
    assert type(serial) is int
    assert 1 <= serial < 2**53
    assert len(actions) <= 20
    assert set(actions) <= set(ACTIONS)
