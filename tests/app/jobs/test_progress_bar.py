"""What a page shows while something is computed beside it: the bar, the way to stop it, and the way on."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from adq_core.progress import Progress
from app import session
from tests.app.conftest import at_rest, until, write_stripes
from tests.app.pages import Open, number, press, widget


def test_work_is_stopped_and_tried_again(open_app: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app, opened = open_app("dataset"), session.open_dataset
    slow = write_stripes(tmp_path / "slow.npz")

    def slowly(name: str, *, progress: Progress, **others: Any) -> Any:
        for done in range(600):
            progress(done, 600, "images")
            time.sleep(0.1)
        return opened(name, progress=progress, **others)

    monkeypatch.setattr(session, "open_dataset", slowly)
    monkeypatch.setattr(session, "GRACE", 0.3)
    widget(app, "typed_path").set_value(str(slow)).run()
    assert [bar.proto.text.split(" of ")[-1] for bar in app.get("progress")] == ["600"]
    assert app.get("progress")[0].proto.text.startswith("Opening the images · images")
    press(app, "Stop")
    until(app, lambda: app.error)
    assert "Stopped before it was finished" in app.error[0].value
    assert [button.label for button in app.main.button] == ["Try again", "Back to stripes.npz"]
    monkeypatch.setattr(session, "open_dataset", opened)
    monkeypatch.setattr(session, "GRACE", 60)
    at_rest(press(app, "Try again"))
    assert not app.error
    assert number(app, "images") == "80"
    assert app.session_state["settings"].dataset == str(slow)
