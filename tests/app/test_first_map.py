"""The first map of Home: drawn while the embedding is missing, and not afterwards."""

from __future__ import annotations

from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from adq_core import Run, Settings
from adq_core.storage.store import Store
from tests.app.conftest import QUICK

PAGE = """
import streamlit as st
from adq_core import Settings
from app import session

session.begin_run()
st.session_state["settings"] = Settings(dataset={dataset!r}, **{settings!r})
run = session.current_run()
session.next_work = lambda run, stages: None if run.ready("embeddings") else ("never", "Waiting", work, False)

def work(progress):
    import time
    while True:
        progress(0, 1, "waiting")
        time.sleep(0.05)

projection = session.first_map(run)
st.text("none" if projection is None else f"{{len(projection.xy)}} {{projection.method}}")
"""


@pytest.fixture(autouse=True)
def own_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ADQ_CACHE", str(tmp_path))
    st.cache_resource.clear()


def opened(dataset: Path) -> str:
    app = AppTest.from_string(PAGE.format(dataset=str(dataset), settings=QUICK), default_timeout=60).run()
    assert not app.exception
    return str(app.text[0].value)


def test_it_has_all_images_while_the_embedding_is_missing(
    small_set: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from app import session

    monkeypatch.setattr(session, "next_work", session.next_work)  # the page replaces it
    assert opened(small_set) == "80 pca"
    for job in session.jobs().awaited(session.session_id()):
        session.jobs().stop(job, session.session_id())
    run = Run(Settings(dataset=str(small_set), **QUICK), Store(tmp_path))
    assert not run.ready("embeddings"), "drawing it computed the embedding"
    run.embeddings  # noqa: B018
    assert opened(small_set) == "none"
