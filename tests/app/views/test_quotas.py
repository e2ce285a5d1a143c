"""The page Quotas: effects of its widgets and of the map on the numbers."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest

from adq_core import Run, Settings
from adq_core.progress import no_progress
from adq_core.records import Projection
from adq_core.selection import rows_of_bin
from adq_core.storage.store import Store
from app import session
from app.blocks import quota_map
from app.blocks.quota_steps import quotas_over_alpha
from app.pages import script
from app.state import widget_sync
from app.text import explanations, summaries
from app.text.format import signed
from app.views.image import lookup
from tests.app.conftest import QUICK
from tests.app.pages import Open, chart, headings_of, number, numbers_of, press, texts_of, widget


def test_the_keep_ratio_changes_the_quotas(open_app: Open, small_set: Path, cache: Path) -> None:
    app = open_app("quotas")
    assert "<b>8 of 80 images</b>" in numbers_of(app)
    app.slider(key="keep_ratio").set_value(0.5).run()
    assert "<b>40 of 80 images</b>" in numbers_of(app)
    assert app.session_state["settings"].keep_ratio == 0.5
    expected = Run(Settings(dataset=str(small_set), **QUICK, keep_ratio=0.5), Store(cache)).quotas.quota
    assert chart(app, "quota-bars")["data"][2]["text"] == [str(q) for q in expected]
    app.switch_page(script("bins")).run()
    assert app.slider(key="keep_ratio").value == 0.5


def test_a_change_on_the_map_reaches_alpha_the_bin_and_the_image(monkeypatch: pytest.MonkeyPatch) -> None:
    changes: dict[str, Any] = {"alpha": 0.3, "bin": 2, "row": 1}
    monkeypatch.setattr(quota_map, "user_changes", lambda key: changes)
    state: dict[str, Any] = {}
    monkeypatch.setattr(widget_sync.st, "session_state", state)
    quota_map._apply_changes(("a", "b"))
    assert (state["alpha"], state["bin"], state["image"]) == (0.3, 2, "b")
    changes["row"] = 2
    quota_map._apply_changes(("a", "b"))
    assert state["image"] == "b", "a row that the data set does not have changes nothing"
    changes.update(bin=None, row=None)
    quota_map._apply_changes(("a", "b"))
    assert (state["alpha"], state["bin"], state["image"]) == (0.3, None, ""), "no bin and no image are in focus"
    state.clear()
    changes.clear()
    quota_map._apply_changes(("a", "b"))
    assert state == {}, "values that the user has not changed on the map may have changed elsewhere meanwhile"


def test_the_previous_map_stays_while_another_projection_of_the_same_bins_is_encoded(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quota_map.st, "session_state", {})
    asked: list[str] = []
    monkeypatch.setattr(session, "compute_cached", lambda key, title, work: work(no_progress))
    monkeypatch.setattr(session, "compute_in_background", lambda key, title, work: asked.append(key))
    pca, umap = run.projection, Projection(2 * run.projection.xy, "umap", "another")
    key = quota_map.prepared_map(run, pca)[0].key
    first, drawn = quota_map.prepared_map(run, pca)
    assert (first.key, drawn) == (key, pca)
    assert asked == [], "nothing to wait for"
    assert quota_map.prepared_map(run, umap) == (first, pca)
    assert len(asked) == 1
    other_bins = Run(dataclasses.replace(run.settings, n_bins=5), run.store)
    assert len(quota_map.prepared_map(other_bins, umap)[0].capacity) == 5, "the quotas of other bins need their map"
    assert quota_map.prepared_map(run, pca)[0].key == key
    monkeypatch.setattr(session, "compute_in_background", lambda key, title, work: work(no_progress))
    second, drawn = quota_map.prepared_map(run, umap)
    assert (second.key, drawn) == (asked[0], umap)


def test_a_second_rule_is_shown_next_to_the_first(open_app: Open, run: Run) -> None:
    app = open_app("quotas", beside="paper")
    texts = [text.value for text in app.markdown]
    other = dataclasses.replace(run.settings, rule="paper")
    expected = summaries.compare_quotas(run.quotas, Run(other, run.store).quotas)
    assert "the paper rule" in expected
    assert expected in texts
    app.button_group(key="beside").set_value("published-code").run()
    assert not app.exception
    texts = [text.value for text in app.markdown]
    assert any("published-code" in text or "published code" in text for text in texts)


def test_the_image_in_focus_is_explained_and_marked_on_the_map(
    open_app: Open, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    mounted, rows = quota_map.bin_map, []

    def recording(store: Any, view: Any, **options: Any) -> Any:
        rows.append(view.focus.row)
        return mounted(store, view, **options)

    monkeypatch.setattr(quota_map, "bin_map", recording)
    app = open_app("quotas", image="17")
    why = explanations.why(17, run.bins, run.selection, quotas_over_alpha(run), run.quotas.quota)
    text = next(text.value for text in app.markdown if why in text.value)
    assert text.startswith(f"**17 · class 0 · 16 × 16 pixels · bin {run.bins.bin_of[17]}, position ")
    assert "Show this image" in [link.value for link in app.get("page_link")]
    assert rows[-1] == 17
    widget(app, "image").set_value("").run()
    assert why not in texts_of(app)
    assert "Show this image" not in [link.value for link in app.get("page_link")]
    assert rows[-1] is None


def test_the_image_in_focus_on_quotas_follows_the_steps_on_one_image(open_app: Open, run: Run) -> None:
    app = open_app("quotas", image="17")
    app.switch_page(script("image")).run()
    order = rows_of_bin(run.bins.bin_of, run.draw_order.draw_position, int(run.bins.bin_of[17]))
    before, after = lookup.neighbours(order, 17)
    press(app, "Next in bin" if before is None else "Previous in bin")
    row = after if before is None else before
    app.switch_page(script("quotas")).run()
    assert row is not None
    why = explanations.why(row, run.bins, run.selection, quotas_over_alpha(run), run.quotas.quota)
    assert why in texts_of(app)
    assert widget(app, "image").value == run.dataset.ids[row]


def test_the_bin_in_focus_is_highlighted_in_its_chart(open_app: Open, run: Run) -> None:
    app = open_app("quotas", keep_ratio="0.5")
    assert not chart(app, "quota-bars")["layout"].get("shapes"), "no bin is in focus yet"
    widget(app, "bin_7").click().run()
    half = Run(dataclasses.replace(run.settings, keep_ratio=0.5), run.store).quotas.quota
    assert f"Bin 7: {half[7]} of {run.bins.capacity[7]} images selected" in headings_of(app)
    assert [(band["x0"], band["x1"]) for band in chart(app, "quota-bars")["layout"]["shapes"]] == [(6.5, 7.5)]


def test_the_compared_rule_changes_the_table_and_not_the_selection(open_app: Open, run: Run) -> None:
    app = open_app("quotas")
    for rule in ("uniform", "paper-scaled"):
        widget(app, "beside").set_value(rule).run()
        other = Run(dataclasses.replace(run.settings, rule=rule), run.store).quotas
        table = app.dataframe[0].value
        assert table[rule].tolist() == other.quota.tolist()
        assert table["difference"].tolist() == (run.quotas.quota - other.quota).tolist()
        assert f"Quotas by budget and by {rule}" in headings_of(app)
        assert app.session_state["settings"].rule == "budget"


def test_another_rule_and_another_alpha_give_another_selection(open_app: Open, run: Run) -> None:
    app = open_app("quotas")
    widget(app, "rule").set_value("paper").run()
    widget(app, "alpha").set_value(0.2).run()
    made = Run(dataclasses.replace(run.settings, rule="paper", alpha=0.2), run.store).quotas
    assert made.quota.sum() != run.quotas.quota.sum()
    assert number(app, "selected") == f"{made.quota.sum()} of 80 images"
    assert app.dataframe[0].value["quota"].tolist() == made.quota.tolist()
    assert [note in texts_of(app) for note in made.notes] == [True] * len(made.notes)


@pytest.mark.parametrize(("value", "text"), [(0, "0"), (7, "+7"), (-3, "−3"), (-1234, "−1,234")])
def test_a_difference_has_a_sign_unless_it_is_zero(value: int, text: str) -> None:
    assert signed(value) == text
