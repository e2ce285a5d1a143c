"""The page Compare through AppTest; tests that need a browser are in tests/browser."""

from __future__ import annotations

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from adq_core import Run
from adq_core.selection.comparison import compare, random_rows
from app.blocks import group_maps
from app.components.bin_map import GroupView
from app.selections import links as selection_links
from app.selections import resolve
from app.text import comparison as comparison_texts
from app.text.markdown import escape
from tests.app.conftest import at_rest
from tests.app.pages import Open, html_of, number, numbers_of, press, texts_of, widget
from tests.app.saved_selections import open_with_saved, other, saved


def test_the_numbers_are_those_of_the_comparison(open_app: Open, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[GroupView] = []
    monkeypatch.setattr(group_maps, "group_map", lambda store, view, key, shown: drawn.append(view))
    app = open_app("compare", alpha="1", keep_ratio="0.4")
    assert not app.exception
    assert not app.error
    a, b = other(run, alpha=1.0, keep_ratio=0.4), other(run, alpha=1.0, keep_ratio=0.4, rule="uniform")
    c = compare(a.selection.indices, b.selection.indices, run.dataset.labels, run.bins.bin_of)
    assert len(c.only_a) > 0
    assert number(app, "in both") == str(len(c.both))
    assert number(app, "only in A") == f"{len(c.only_a)} of 32"
    assert number(app, "Jaccard") == f"{c.jaccard:.3f}"
    assert comparison_texts.overlap_sentence(c) in texts_of(app)
    (view,) = drawn
    for name, rows in (("in both", c.both), ("only in A", c.only_a), ("only in B", c.only_b)):
        number_of = [group.name for group in view.groups].index(name)
        np.testing.assert_array_equal(np.flatnonzero(view.group_of == number_of), rows)
    assert html_of(app).count('<div role="img"') == len(c.only_a) + len(c.only_b)


def test_a_fixed_selection_stays_while_the_sidebar_changes(open_app: Open) -> None:
    app = press(open_app("compare", keep_ratio="0.4", alpha="0.2"), "Fix A as B")
    assert app.query_params["b"] == selection_links.settings_link(app.session_state["settings"])
    assert number(app, "Jaccard") == "1.000"
    app.slider(key="alpha").set_value(1.0).run()
    assert app.table[0].value.values.tolist() == [["alpha", "1", "0.2"]]
    press(app, "Swap")
    assert app.session_state["settings"].alpha == 0.2
    assert app.table[0].value.values.tolist() == [["alpha", "0.2", "1"]]
    assert not app.exception
    assert not app.error


def test_a_random_selection_has_the_size_of_a(open_app: Open, run: Run) -> None:
    app = open_app("compare", b="random:7")
    expected = np.intersect1d(run.selection.indices, random_rows(80, 8, seed=7))
    assert number(app, "in both") == str(len(expected))
    press(app, "New random selection")
    assert app.session_state["b"] == "random:8"


@pytest.mark.parametrize("b", ["no such thing", "held:alpha=9", "held:dataset=x", "random:-1", "random:99999999999"])
def test_an_unreadable_b_gives_a_warning_and_the_uniform_rule(open_app: Open, b: str) -> None:
    app = open_app("compare", b=b)
    assert [w.value for w in app.warning] == [escape(selection_links.read(b).problem)]
    assert not app.error
    assert "<b>" in numbers_of(app)


def test_a_b_that_cannot_be_computed_offers_a_fix(open_app: Open) -> None:
    app = open_app("compare", b="held:embeddings=pixels&diversity=vectors&n_bins=30")
    assert len(app.error) == 1
    assert app.error[0].value.startswith(
        "One of the two selections cannot be computed. Number of bins must be between 1"
    )
    press(app, "Compare the present settings with the uniform rule")
    assert not app.error


def test_missing_ids_of_a_manual_selection_are_an_error(open_app: Open) -> None:
    app = open_app("compare", b="rows:" + "0" * 32)
    assert app.error[0].value == (
        "One of the two selections cannot be computed. The ids of a manual selection must be in this server's data "
        "folder, but these are not: the folder was deleted, or the link is from another machine. Select them again."
    )


def test_other_bins_are_computed_for_b(open_app: Open) -> None:
    app = open_app("compare", b="held:embeddings=pixels&diversity=vectors&n_bins=5")
    at_rest(app)
    assert "Counted in the bins of A; B was computed with different bins." in [c.value for c in app.caption]


def choose_b(app: AppTest, spec: str) -> None:
    app.menu_button(key="choose_b").click(spec).run()


def test_b_is_selected_in_the_menu(open_app: Open, run: Run) -> None:
    app = open_app("compare", keep_ratio="0.4")
    choose_b(app, "random:1")
    assert "**B** is a random selection, seed 1." in texts_of(app)
    assert app.session_state["b"] == "random:1"
    selected = other(run, keep_ratio=0.4).selection.indices
    assert number(app, "in both") == str(len(np.intersect1d(selected, random_rows(80, 32, seed=1))))
    press(app, "New random selection")
    assert "**B** is a random selection, seed 2." in texts_of(app)
    assert widget(app, "b").value == "random:2", "as in the link"
    choose_b(app, "uniform")
    assert "**B** is the uniform rule." in texts_of(app)
    assert "New random selection" not in [button.label for button in app.button]


def test_a_saved_selection_is_offered_as_b(open_app: Open, run: Run) -> None:
    selection = saved(run, alpha=0.9, keep_ratio=0.4)
    app = open_with_saved(open_app, "compare", selection, saved(run, "of others", dataset="digits"), keep_ratio="0.4")
    assert "“mine” (saved)" in app.menu_button(key="choose_b").options
    assert "“of others” (saved)" not in app.menu_button(key="choose_b").options
    choose_b(app, resolve.link_of(selection))
    assert "“mine” (saved selection)" in texts_of(app)
    assert app.table[0].value.values.tolist() == [["alpha", "0.65", "0.9"]]


def test_a_and_b_are_typed_as_in_the_link(open_app: Open) -> None:
    app = open_app("compare", keep_ratio="0.4")
    widget(app, "b").set_value("random:5").run()
    assert "**B** is a random selection, seed 5." in texts_of(app)
    widget(app, "a").set_value("rows:" + "0" * 32).run()
    assert "ids of a manual selection must be" in app.error[0].value
