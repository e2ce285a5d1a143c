"""The first map of a page: drawn while the embedding is missing, and not afterwards."""

from __future__ import annotations

from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from adq_core import Run, Settings
from adq_core.storage.store import Store
from app.blocks import preview_map
from tests.app.conftest import QUICK, at_rest
from tests.app.pages import captions_of, chart

PAGE = """
import streamlit as st
from adq_core import Settings
from app import session
from app.blocks import preview_map

session.begin_run()
st.session_state["settings"] = Settings(dataset={dataset!r}, **{settings!r})
run = session.current_run()
st.text(str(preview_map.draw_preview(run, "first", {until!r})))
session.end_run()
"""


@pytest.fixture(autouse=True)
def own_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ADQ_CACHE", str(tmp_path))
    st.cache_resource.clear()


def opened(dataset: Path, *until: str) -> AppTest:
    script = PAGE.format(dataset=str(dataset), settings=QUICK, until=until)
    app = at_rest(AppTest.from_string(script, default_timeout=60).run())
    assert not app.exception
    return app


def test_it_is_drawn_with_all_images_while_a_stage_is_missing(small_set: Path, tmp_path: Path) -> None:
    app = opened(small_set, "embeddings")
    assert app.text[0].value == "True"
    assert captions_of(app) == [preview_map.CAPTION]
    assert sum(len(trace["x"]["bdata"]) > 0 for trace in chart(app, "first")["data"]) == 4
    run = Run(Settings(dataset=str(small_set), **QUICK), Store(tmp_path))
    assert not run.ready("embeddings"), "drawing it computed the embedding"
    run.embeddings  # noqa: B018
    assert opened(small_set, "embeddings", "bins").text[0].value == "True"


def test_it_is_not_drawn_once_the_stages_are_there(small_set: Path, tmp_path: Path) -> None:
    Run(Settings(dataset=str(small_set), **QUICK), Store(tmp_path)).embeddings  # noqa: B018
    app = opened(small_set, "embeddings")
    assert app.text[0].value == "False"
    assert not app.get("plotly_chart")
