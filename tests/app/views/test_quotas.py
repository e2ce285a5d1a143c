"""The Quotas view: what its widgets and the map do to the numbers."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest

from adq_core import Run, Settings
from adq_core.storage.store import Store
from app.blocks.quota_steps import quotas_over_alpha
from app.components.bin_map import Focus
from app.pages import script
from app.text import explanations, summaries
from app.text.format import signed
from app.views.quotas import quota_map
from tests.app.conftest import QUICK
from tests.app.pages import Open, chart, headings_of, number, numbers_of, shown, texts_of, widget


def test_keep_ratio_moves_the_quotas(open_app: Open, small_set: Path, cache: Path) -> None:
    app = open_app("quotas")
    assert "<b>8 of 80 images</b>" in numbers_of(app)
    app.slider(key="keep_ratio_here").set_value(0.5).run()
    assert "<b>40 of 80 images</b>" in numbers_of(app)
    assert app.session_state["settings"].keep_ratio == 0.5
    expected = Run(Settings(dataset=str(small_set), **QUICK, keep_ratio=0.5), Store(cache)).quotas.quota
    assert chart(app, "quota-bars")["data"][2]["text"] == [str(q) for q in expected]
    app.switch_page(script("bins")).run()
    assert app.slider(key="keep_ratio").value == 0.5


def test_changes_on_the_map_are_applied_to_the_settings(open_app: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    changes: dict[str, Any] = {"alpha": 0.3, "bin": 2}
    monkeypatch.setattr(quota_map, "user_changes", lambda key: changes)
    app = open_app("quotas")
    app.session_state.alpha = 0.65
    app.run()
    state: dict = {}
    monkeypatch.setattr(quota_map.st, "session_state", state)
    quota_map._apply_changes()
    assert (state["alpha"], state["bin"]) == (0.3, 2)
    state[quota_map.IDS] = ("a", "b")
    for row, image in ((1, "b"), (2, "b"), (None, "b"), (0, "a")):
        changes["row"] = row
        quota_map._apply_changes()
        assert state["image"] == image
    state.clear()
    changes.clear()
    quota_map._apply_changes()
    assert state == {}, "other values may have been changed elsewhere meanwhile"
    changes["bin"] = None
    quota_map._apply_changes()
    assert state["bin"] == -1, "no bin is selected"


def test_a_second_rule_stands_beside_the_first(open_app: Open, run: Run) -> None:
    app = open_app("quotas", beside="paper")
    told = [text.value for text in app.markdown]
    other = dataclasses.replace(run.settings, rule="paper")
    expected = summaries.compare_quotas(run.quotas, Run(other, run.store).quotas)
    assert "the paper rule" in expected
    assert expected in told
    app.button_group(key="beside_here").set_value("published-code").run()
    assert not app.exception
    told = [text.value for text in app.markdown]
    assert any("published-code" in text or "published code" in text for text in told)


def test_an_image_clicked_on_the_map_is_explained(open_app: Open, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    mounted, clicked = quota_map.bin_map, {"row": 17}

    def with_a_hand(*given: Any, **named: Any) -> Any:
        return dataclasses.replace(mounted(*given, **named), focus=Focus(row=clicked["row"]))

    monkeypatch.setattr(quota_map, "bin_map", with_a_hand)
    app = open_app("quotas")
    why = explanations.why(17, run.bins, run.selection, quotas_over_alpha(run), run.quotas.quota)
    told = next(text.value for text in app.markdown if why in text.value)
    assert told.startswith(f"**17 · class 0 · 16 × 16 pixels · bin {run.bins.bin_of[17]}, position ")
    assert "Show this image" in [link.value for link in app.get("page_link")]
    clicked["row"] = None
    app.run()
    assert why not in texts_of(app)
    assert "Show this image" not in [link.value for link in app.get("page_link")]


def test_the_bin_of_the_page_is_picked_and_marked_in_its_chart(open_app: Open, run: Run) -> None:
    app = open_app("quotas", keep_ratio="0.5")
    assert not chart(app, "quota-bars")["layout"].get("shapes"), "none is picked yet"
    shown(app, "bin").set_value(7).run()
    half = Run(dataclasses.replace(run.settings, keep_ratio=0.5), run.store).quotas.quota
    assert f"Bin 7: {half[7]} of {run.bins.capacity[7]} images selected" in headings_of(app)
    assert [(band["x0"], band["x1"]) for band in chart(app, "quota-bars")["layout"]["shapes"]] == [(6.5, 7.5)]


def test_the_rule_beside_moves_the_table_and_not_the_choice(open_app: Open, run: Run) -> None:
    app = open_app("quotas")
    for rule in ("uniform", "paper-scaled"):
        shown(app, "beside").set_value(rule).run()
        other = Run(dataclasses.replace(run.settings, rule=rule), run.store).quotas
        table = app.dataframe[0].value
        assert table[rule].tolist() == other.quota.tolist()
        assert table["difference"].tolist() == (run.quotas.quota - other.quota).tolist()
        assert f"Quotas by budget and by {rule}" in headings_of(app)
        assert app.session_state["settings"].rule == "budget"


def test_another_rule_and_another_alpha_are_another_choice(open_app: Open, run: Run) -> None:
    app = open_app("quotas")
    widget(app, "rule").set_value("paper").run()
    widget(app, "alpha").set_value(0.2).run()
    made = Run(dataclasses.replace(run.settings, rule="paper", alpha=0.2), run.store).quotas
    assert made.quota.sum() != run.quotas.quota.sum()
    assert number(app, "selected") == f"{made.quota.sum()} of 80 images"
    assert app.dataframe[0].value["quota"].tolist() == made.quota.tolist()
    assert [note in texts_of(app) for note in made.notes] == [True] * len(made.notes)


@pytest.mark.parametrize(("value", "told"), [(0, "0"), (7, "+7"), (-3, "−3"), (-1234, "−1,234")])
def test_a_difference_has_a_sign_unless_there_is_none(value: int, told: str) -> None:
    assert signed(value) == told
