"""The lasso of the map belongs to the map and to the data set on which it was drawn."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from app.blocks import quota_map
from app.state import widget_sync

POLYGON = np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0]])


class Maps:
    """Shows maps one after the other in one session and reads the lasso on each."""

    def __init__(self) -> None:
        self.xy: dict[str, np.ndarray] = {}

    def lasso(self, dataset: str, shown: str, drawn_on: str | None) -> tuple[Any, np.ndarray, str]:
        run: Any = SimpleNamespace(dataset=SimpleNamespace(key=dataset))
        xy = self.xy.setdefault(shown, np.random.default_rng(len(self.xy)).normal(size=(5, 2)))
        store: Any = SimpleNamespace(map_key=shown, xy=xy)
        event: Any = SimpleNamespace(map_key=drawn_on, polygon=POLYGON)
        projection: Any = f"projection {shown}"
        return quota_map.lassoed(run, event, store, projection)  # type: ignore[return-value]


@pytest.fixture
def state(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    state: dict[str, Any] = {}
    monkeypatch.setattr(quota_map.st, "session_state", state)
    monkeypatch.setattr(widget_sync.st, "session_state", state)
    return state


def test_a_lasso_on_the_previous_map_keeps_the_positions_of_that_map(state: dict[str, Any]) -> None:
    maps = Maps()
    maps.lasso("digits", "pca", None)
    polygon, xy, projection = maps.lasso("digits", "umap", "pca")
    assert polygon is POLYGON
    assert xy is maps.xy["pca"]
    assert projection == "projection pca"
    polygon, xy, projection = maps.lasso("digits", "umap", "umap")
    assert polygon is POLYGON
    assert xy is maps.xy["umap"]
    assert projection == "projection umap"


def test_a_lasso_of_another_data_set_is_not_applied(state: dict[str, Any]) -> None:
    maps = Maps()
    maps.lasso("digits", "map of digits", "map of digits")
    assert maps.lasso("photos", "map of photos", "map of digits")[0] is None
    assert maps.lasso("photos", "map of photos", "an unknown map")[0] is None
    assert maps.lasso("photos", "map of photos", "map of photos")[0] is POLYGON


def test_only_the_last_maps_and_the_one_with_the_lasso_are_remembered(state: dict[str, Any]) -> None:
    maps = Maps()
    for number in range(6):
        maps.lasso("digits", f"map {number}", "map 0")
    assert list(state[quota_map.POSITIONS]) == ["map 0", *(f"map {n}" for n in range(6 - quota_map.MAX_MAPS, 6))]
    assert maps.lasso("digits", "map 5", "map 0")[1] is maps.xy["map 0"]


def test_a_click_on_the_map_moves_the_focus(state: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    changes: dict[str, Any] = {"bin": 0, "row": 1}
    monkeypatch.setattr(quota_map, "user_changes", lambda key: changes)
    quota_map._apply_changes(("a", "b"))
    assert (state["bin"], state["image"]) == (0, "b")
    changes.update(row=2)
    quota_map._apply_changes(("a", "b"))
    assert state["image"] == "b", "the data set has no row 2"
    changes.update(row=None)
    quota_map._apply_changes(("a", "b"))
    assert state["image"] == "", "a click outside all points"
