"""The page while a job runs: progress bar, Stop, Try again, and a second session that waits for the same job."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from adq_core.progress import Progress
from app import server, session
from app.jobs.registry import CONTINUES
from app.pages import script
from tests.app.conftest import at_rest, until, write_stripes
from tests.app.pages import Open, number, press, widget


def test_work_is_stopped_and_tried_again(open_app: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app, opened = open_app("dataset"), server.open_dataset
    slow = write_stripes(tmp_path / "slow.npz")

    def slowly(name: str, *, progress: Progress, **others: Any) -> Any:
        for done in range(600):
            progress(done, 600, "images")
            time.sleep(0.1)
        return opened(name, progress=progress, **others)

    monkeypatch.setattr(server, "open_dataset", slowly)
    monkeypatch.setattr(session, "PROGRESS_DELAY", 0.3)
    widget(app, "typed_path").set_value(str(slow)).run()
    assert [bar.proto.text.split(" of ")[-1] for bar in app.get("progress")] == ["600"]
    assert app.get("progress")[0].proto.text.startswith("Opening the images · ")
    assert "· images ·" not in app.get("progress")[0].proto.text, "the title says it"
    press(app, "Stop")
    until(app, lambda: app.info)
    assert "Stopped before it was finished" in app.info[0].value
    assert not app.error, "the user's own Stop is no error"
    assert [button.label for button in app.main.button] == ["Try again", "Back to stripes.npz"]
    monkeypatch.setattr(server, "open_dataset", opened)
    monkeypatch.setattr(session, "PROGRESS_DELAY", 60)
    at_rest(press(app, "Try again"))
    assert not app.error
    assert number(app, "images") == "80"
    assert app.session_state["settings"].dataset == str(slow)


class Slow:
    """A slow `open_dataset`, whose duration the test sets."""

    def __init__(self, opened: Any) -> None:
        self.opened, self.release, self.runs = opened, threading.Event(), []

    def __call__(self, name: str, *, progress: Progress, **others: Any) -> Any:
        self.runs.append(Path(name).name)
        done = 0
        while not self.release.wait(0.01):
            progress(done := done + 1, 1_000_000, "images")
        return self.opened(name, progress=progress, **others)


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> Iterator[Slow]:
    slow = Slow(server.open_dataset)
    monkeypatch.setattr(server, "open_dataset", slow)
    yield slow
    slow.release.set()


def opening(app: AppTest, path: Path) -> AppTest:
    widget(app, "typed_path").set_value(str(path)).run()
    return until(app, lambda: app.get("progress"))


def test_stop_in_one_session_does_not_stop_the_other(
    open_app: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, slow: Slow
) -> None:
    slow.release.set()
    one, two = open_app("dataset"), open_app("dataset")
    slow.release.clear()
    monkeypatch.setattr(session, "PROGRESS_DELAY", 0.1)
    path = write_stripes(tmp_path / "shared.npz")
    opening(one, path)
    opening(two, path)
    press(one, "Stop")
    until(one, lambda: one.info)
    assert one.info[0].value == CONTINUES
    assert two.run().get("progress")
    assert not two.error
    slow.release.set()
    at_rest(two)
    assert number(two, "images") == "80"
    assert slow.runs.count("shared.npz") == 1
    at_rest(one.run())
    assert number(one, "images") == "80", "the result is available to both sessions"


def test_a_session_with_new_settings_ends_the_job_that_no_other_session_needs(
    open_app: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, slow: Slow
) -> None:
    slow.release.set()
    app = open_app("dataset")
    slow.release.clear()
    monkeypatch.setattr(session, "PROGRESS_DELAY", 0.1)
    for name in ("first.npz", "second.npz"):
        opening(app, write_stripes(tmp_path / name))
    jobs = server.jobs()
    until(app, lambda: len(jobs.running()) == 1)
    app.switch_page(script("bins")).run()
    assert len(jobs.running()) == 1, "another page with the same settings still needs it"
    slow.release.set()
    at_rest(app)
    assert not app.error
    assert app.session_state["settings"].dataset.endswith("second.npz")


def test_two_parts_of_a_page_that_wait_for_one_job_have_one_bar() -> None:
    app = AppTest.from_function(two_bars, default_timeout=60).run()
    try:
        assert [bar.proto.text.split(" ·")[0].rstrip(" …") for bar in app.get("progress")] == ["Waiting"]
        assert [caption.value for caption in app.caption] == ["Waiting for: Waiting …"]
        assert [button.label for button in app.button] == ["Stop"]
        assert not app.error
        assert not app.exception
    finally:
        press(app, "Stop")


def two_bars() -> None:
    import time

    from app import session

    def work(progress):  # type: ignore[no-untyped-def]
        while True:
            progress(0, 1, "endless")
            time.sleep(0.02)

    session.begin_run()
    for _ in range(2):
        session.start_in_background(lambda: ("two bars", "Waiting", work, True))
