"""The page of all images: order, filter, marks and the messages to the browser."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import streamlit as st
from PIL import Image

from adq_core import Run
from adq_core.run_columns import column_names, sorted_rows
from app.components.image_grid import component
from app.pages import script
from app.tiles import sources
from app.views.browse import grid
from tests.app.pages import Open, headings_of, widget


@pytest.fixture
def mounts(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Return the last data of every mount of the image browser, by key."""
    found: dict[str, Any] = {}
    mount = component._mount

    def record(**arguments: Any) -> Any:
        found[arguments["key"]] = arguments["data"]
        return mount(**arguments)

    monkeypatch.setattr(component, "_mount", record)
    return found


def rows_of(mounts: dict[str, Any], name: str, array: str = "row") -> list[int]:
    blob = mounts[f"{grid.KEY}-{name}"]
    length = int(np.frombuffer(blob[4:8], np.uint32)[0])
    dtype = np.uint32 if array in ("row", "quota") else np.uint8
    count = 80 if dtype == np.uint8 else None
    return np.frombuffer(blob[8 + length :], dtype)[:count].tolist()


def mark(monkeypatch: pytest.MonkeyPatch, run: Run, marks: str, opened: Any = None) -> None:
    """Let the browser send these marks with every message."""
    event = {"marks": marks, "images": run.dataset.key, "serial": 5}
    monkeypatch.setattr(component, "_state", lambda key, name: event if name == "event" else opened)
    monkeypatch.setattr(component, "read_event", lambda raw, **of: _read(event, **of))


_read = component.read_event


def test_all_images_are_shown_by_id(open_app: Open, run: Run, mounts: dict[str, Any]) -> None:
    app = open_app("browse")
    assert not app.exception
    message = mounts[grid.KEY]
    assert rows_of(mounts, "order") == sorted_rows(run, np.arange(80), "id").tolist()
    assert (message["total"], message["noun"], message["images"]) == (80, "images", run.dataset.key)
    assert message["alpha"] == run.settings.alpha
    found = sources().find(message["address"].rsplit("/", 1)[1])
    assert found is not None
    data, source = found
    assert data.key == run.dataset.key
    assert [column.label for column in source.columns] == message["facts"]
    values = dict(zip(message["facts"], (column.text(3) for column in source.columns), strict=True))
    assert values["bin"] == str(run.bins.bin_of[3])
    assert values["greedy position"] == str(run.bins.rank[3] + 1)


def test_the_selected_images_follow_from_the_arrays(open_app: Open, run: Run, mounts: dict[str, Any]) -> None:
    open_app("browse")
    quota = np.array(rows_of(mounts, "quotas", "quota")).reshape(-1, run.bins.n_bins)
    by_bin = np.array(rows_of(mounts, "bins"))
    step = quota[65]
    starts = np.cumsum(run.bins.capacity) - run.bins.capacity
    chosen = np.concatenate([by_bin[start : start + take] for start, take in zip(starts, step, strict=True)])
    assert sorted(chosen.tolist()) == run.selection.indices.tolist()


def test_every_column_sorts(open_app: Open, run: Run, mounts: dict[str, Any]) -> None:
    app = open_app("browse")
    for name in column_names(run):
        widget(app, "sort").set_value(name)
        app.run()
        assert not app.exception, name
        expected = sorted_rows(run, np.arange(80), name).tolist()
        assert rows_of(mounts, "order") == expected, name
    widget(app, "sort").set_value("gain")
    app.run()
    app.toggle(key="sort_down").set_value(True)
    app.run()
    assert rows_of(mounts, "order") == sorted_rows(run, np.arange(80), "gain", descending=True).tolist()


def test_a_link_restores_order_filter_and_map(open_app: Open, run: Run, mounts: dict[str, Any]) -> None:
    app = open_app("browse", sort="gain", sort_down="true", map="false", filter="bin:0-2")
    expected = [row for row in sorted_rows(run, np.arange(80), "gain", descending=True) if run.bins.bin_of[row] <= 2]
    assert rows_of(mounts, "order") == expected
    assert not app.toggle(key="map").value


def test_marked_images_can_be_saved_and_downloaded(
    open_app: Open, run: Run, mounts: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    app = open_app("browse")
    assert not [heading for heading in headings_of(app) if heading.startswith("Marked")]
    mark(monkeypatch, run, "r0.3-2.1")
    app.run()
    selected = int(run.selection.selected[[0, 1, 2, 5]].sum())
    assert f"Marked: 4 images, {selected} selected" in headings_of(app)
    downloads = {button.proto.label: button.proto.id for button in app.get("download_button")}
    assert downloads["Download the list"].endswith("marked-csv")
    assert downloads["Download ids, rows and images"].endswith("marked-zip")
    assert mounts[grid.KEY]["received"] == 5
    app.text_input(key="save-marked-name").set_value("mine")
    next(button for button in app.button if button.label == "Save these images").click()
    app.run()
    assert any("“mine” saved: 4 images." in message.value for message in app.success)


def test_an_opened_image_gets_the_focus_and_its_page(
    open_app: Open, run: Run, mounts: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    changed: dict[str, Any] = {}
    opened = {"row": 7, "page": "similar", "images": run.dataset.key}
    monkeypatch.setattr(component, "_state", lambda key, name: opened)
    monkeypatch.setattr(grid.focus, "focus_image", lambda name: changed.update(image=name))
    monkeypatch.setattr(grid.page_changes, "request_page", lambda page: changed.update(page=page))
    grid._open(run.dataset.key, run.dataset.ids)
    assert changed == {"image": run.dataset.ids[7], "page": "similar"}
    changed.clear()
    grid._open("another data set", run.dataset.ids)
    assert not changed


def test_a_selection_that_does_not_follow_the_quotas_is_sent_whole(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    selected = np.zeros(80, np.bool_)
    selected[[3, 4]] = True

    class Other:
        """The run, with another selection."""

        selection = replace(run.selection, selected=selected)

        def __getattr__(self, name: str) -> Any:
            return getattr(run, name)

    found = grid._selection(Other())  # type: ignore[arg-type]
    assert set(found) == {"selected"}
    assert found["selected"].tolist() == selected.tolist()


def test_images_are_shown_before_their_scores(
    open_app: Open, run: Run, mounts: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(grid, "is_scored", lambda run: False)
    monkeypatch.setattr(grid.session, "start_in_background", lambda work: None)
    app = open_app("browse")
    assert not app.exception
    assert len(rows_of(mounts, "order")) == 80
    assert mounts[grid.KEY]["quotas"] is None
    assert not [toggle for toggle in app.toggle if toggle.key == "map"]


def test_state_is_read_from_the_session(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(st, "session_state", {"g": {"event": 3}})
    assert (component._state("g", "event"), component._state("x", "event")) == (3, None)


def test_own_columns_sort_and_are_in_the_tooltips(open_app: Open, mounts: dict[str, Any], tmp_path: Path) -> None:
    lines = [f"{row:02}.png,{row % 3},{40 - row},{'ab'[row % 2]}" for row in range(30)]
    (tmp_path / "labels.csv").write_text("\n".join(["file,label,weight,side", *lines]))
    (tmp_path / "images").mkdir()
    for row in range(30):
        pixels = np.random.default_rng(row).integers(0, 255, (16, 16, 3)).astype(np.uint8)
        Image.fromarray(pixels).save(tmp_path / "images" / f"{row:02}.png")
    app = open_app("browse", dataset=str(tmp_path / "images"), labels=str(tmp_path / "labels.csv"))
    assert not app.exception
    assert {"weight", "side"} <= set(mounts[grid.KEY]["facts"])
    widget(app, "sort").set_value("weight")
    app.run()
    assert rows_of(mounts, "order")[:3] == [29, 28, 27]
    widget(app, "sort").set_value("side")
    app.run()
    assert rows_of(mounts, "order")[:3] == [0, 2, 4]
    found = sources().find(mounts[grid.KEY]["address"].rsplit("/", 1)[1])
    assert found is not None
    assert [column.text(1) for column in found[1].columns if column.label in ("weight", "side")] == ["39", "b"]


@pytest.mark.parametrize(
    "settings", [{"strategy": "margin"}, {"always": '["0", "1", "2"]', "never": '["40"]'}], ids=str
)
def test_the_marks_are_exact_for_other_strategies_and_for_lists(run: Run, settings: dict[str, Any]) -> None:
    other = Run(replace(run.settings, **settings), run.store, dataset=run.dataset)
    assert other.selection.selected.any()
    assert other.scores.importance.size
    found = grid._selection(other)
    step = int(np.argmin(np.abs(found["alphas"] - other.settings.alpha)))
    starts = np.cumsum(found["capacity"]) - found["capacity"]
    runs = [found["bin_order"][start : start + take] for start, take in zip(starts, found["quota"][step], strict=True)]
    assert np.array_equal(np.sort(np.concatenate(runs)), np.flatnonzero(other.selection.selected))


def test_the_page_can_be_left_and_opened_again(open_app: Open, run: Run, mounts: dict[str, Any]) -> None:
    app = open_app("browse", map="false", sort="gain")
    order = rows_of(mounts, "order")
    app.switch_page(script("bins")).run()
    mounts.clear()
    app.switch_page(script("browse")).run()
    assert not app.exception
    assert not app.error
    assert rows_of(mounts, "order") == order
    assert not app.toggle(key="map").value
