"""The Quotas view: what its widgets and the map do to the numbers."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from adq_core import Run, Settings
from adq_core.store import Store
from app import findings

from .conftest import QUICK
from .pages import Open, chart, numbers_of


def test_keep_ratio_moves_the_quotas(open_app: Open, small_set: Path, cache: Path) -> None:
    app = open_app("quotas")
    assert "<b>8 of 80 images</b>" in numbers_of(app)
    app.slider(key="keep_ratio_here").set_value(0.5).run()
    assert "<b>40 of 80 images</b>" in numbers_of(app)
    assert app.session_state["settings"].keep_ratio == 0.5
    expected = Run(Settings(dataset=str(small_set), **QUICK, keep_ratio=0.5), Store(cache)).quotas.quota
    assert chart(app, "quota-bars")["data"][2]["text"] == [str(q) for q in expected]
    app.switch_page("views/bins.py").run()
    assert app.slider(key="keep_ratio").value == 0.5


def test_the_map_hands_alpha_and_bin_to_the_settings(open_app: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    from app import quota_map

    told = {"alpha": 0.3, "bin": 2, "hand": ["alpha", "bin", "row"]}
    monkeypatch.setattr(quota_map, "held_state", lambda key: told)
    app = open_app("quotas")
    app.session_state.alpha = 0.65
    app.run()
    state: dict = {}
    monkeypatch.setattr(quota_map.st, "session_state", state)
    quota_map._take()
    assert (state["alpha"], state["bin"]) == (0.3, 2)
    state[quota_map.IDS] = ("a", "b")
    for row, image in ((1, "b"), (2, "b"), (-1, "b"), ("0", "b")):
        told["row"] = row
        quota_map._take()
        assert state["image"] == image
    state.clear()
    told.clear()
    told.update(alpha="a lot", bin=None, hand=["alpha", "bin"])
    quota_map._take()
    assert "alpha" not in state, "what is no number is not taken over"
    assert state["bin"] == -1, "no bin is none"
    state.clear()
    for hand in (["row"], [], None, "alpha", [["alpha"]]):
        told.update(alpha=0.2, bin=1, hand=hand)
        quota_map._take()
        assert state == {}, "only what the hand changed: the rest may have been changed elsewhere meanwhile"


def test_a_second_rule_stands_beside_the_first(open_app: Open, run: Run) -> None:
    app = open_app("quotas", beside="paper")
    told = [text.value for text in app.markdown]
    other = dataclasses.replace(run.settings, rule="paper")
    expected = findings.against(run.quotas, Run(other, run.store).quotas)
    assert "the rule paper" in expected
    assert expected in told
    app.button_group(key="beside_here").set_value("published-code").run()
    assert not app.exception
    told = [text.value for text in app.markdown]
    assert any("published-code" in text or "published code" in text for text in told)
