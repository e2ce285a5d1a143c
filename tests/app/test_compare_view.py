"""Compare, tray and the lasso's hands through AppTest; what needs a browser is in tests/browser."""

from __future__ import annotations

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from adq_core import Run, Settings
from adq_core.comparison import compare, random_rows
from adq_core.kept import HandPicked, KeptChoice, hand_picked, ids_digest
from app import choices, compared
from app.tray import Tray

from .conftest import at_rest
from .pages import Open, chart, html_of, number, numbers_of, press, texts_of


def other(run: Run, **changes: object) -> Run:
    return Run(Settings(**{**run.settings.__dict__, **changes}), run.store)


def test_the_numbers_are_those_of_the_comparison(open_app: Open, run: Run) -> None:
    app = open_app("compare", alpha="1", keep_ratio="0.4")
    assert not app.exception
    assert not app.error
    a, b = other(run, alpha=1.0, keep_ratio=0.4), other(run, alpha=1.0, keep_ratio=0.4, rule="uniform")
    c = compare(a.selection.indices, b.selection.indices, run.dataset.labels, run.bins.bin_of)
    assert len(c.only_a) > 0
    assert number(app, "in both") == str(len(c.both))
    assert number(app, "only in A") == f"{len(c.only_a)} of 32"
    assert number(app, "Jaccard") == f"{c.jaccard:.3f}"
    assert compared.in_words(c) in texts_of(app)
    traces = chart(app, "compare-map")["data"]
    assert {trace["name"] for trace in traces} == {
        "in neither",
        f"in both ({len(c.both)})",
        f"only in A ({len(c.only_a)})",
        f"only in B ({len(c.only_b)})",
    }
    assert len({trace["marker"].get("symbol") for trace in traces}) == 4, "told apart without colour"
    assert html_of(app).count('<div role="img"') == len(c.only_a) + len(c.only_b)


def test_a_held_side_stays_while_the_sidebar_moves(open_app: Open) -> None:
    app = press(open_app("compare", keep_ratio="0.4", alpha="0.2"), "Hold A as B")
    assert app.query_params["b"] == choices.held(app.session_state["settings"])
    assert number(app, "Jaccard") == "1.000"
    app.slider(key="alpha").set_value(1.0).run()
    assert app.table[0].value.values.tolist() == [["alpha", "1", "0.2"]]
    press(app, "Swap")
    assert app.session_state["settings"].alpha == 0.2
    assert app.table[0].value.values.tolist() == [["alpha", "0.2", "1"]]
    assert not app.exception
    assert not app.error


def test_a_random_draw_has_the_size_of_a(open_app: Open, run: Run) -> None:
    app = open_app("compare", b="random:7")
    expected = np.intersect1d(run.selection.indices, random_rows(80, 8, seed=7))
    assert number(app, "in both") == str(len(expected))
    press(app, "Draw again")
    assert app.session_state["b"] == "random:8"


@pytest.mark.parametrize("b", ["no such thing", "held:alpha=9", "held:dataset=x", "random:-1", "random:99999999999"])
def test_a_b_that_cannot_be_read_is_said_and_uniform(open_app: Open, b: str) -> None:
    app = open_app("compare", b=b)
    assert [w.value for w in app.warning] == [choices.read(b).problem]
    assert not app.error
    assert "<b>" in numbers_of(app)


def test_a_b_that_cannot_be_made_has_a_way_out(open_app: Open) -> None:
    app = open_app("compare", b="held:embeddings=pixels&diversity=vectors&n_bins=30")
    assert len(app.error) == 1
    assert app.error[0].value.startswith("One of the two choices cannot be made. n_bins must be between 1 and 20")
    press(app, "Compare the present settings with the uniform rule")
    assert not app.error


def test_ids_that_the_server_lacks_are_said(open_app: Open) -> None:
    app = open_app("compare", b="rows:" + "0" * 32)
    assert app.error[0].value == (
        "One of the two choices cannot be made. The ids of images picked by hand must lie in this server's store, "
        "but these do not: its cache was emptied, or the link is from another machine. Pick them again."
    )


def test_other_bins_are_computed_for_b(open_app: Open) -> None:
    app = open_app("compare", b="held:embeddings=pixels&diversity=vectors&n_bins=5")
    at_rest(app)
    assert "Counted in the bins of A; B was made with other bins." in [c.value for c in app.caption]


def kept(run: Run, name: str = "mine", digest: str = "0" * 32, **changes: object) -> KeptChoice:
    settings = other(run, **changes).settings
    return KeptChoice(name, settings, run.dataset.key, 8, digest, about="as told")


def with_tray(open_app: Open, view: str, *choices_kept: KeptChoice, **query: str) -> AppTest:
    """Open a view as a browser does that already has these in its tray."""
    tray = Tray(kept={choice.name: choice for choice in choices_kept})
    app = open_app("dataset", **query)
    app.session_state["my_tray"] = tray
    app.switch_page(f"views/{view}.py").run()
    return app


def test_the_present_choice_is_named_and_kept(open_app: Open, run: Run) -> None:
    app = open_app("tray")
    assert "Nothing is kept yet." in texts_of(app)
    app.text_input(key="keep-settings-name").input("my *first*")
    press(app, "Keep the present choice")
    tray = app.session_state["my_tray"]
    (choice,) = tray.kept.values()
    assert choice.name == "my *first*"
    assert choice.settings == app.session_state["settings"]
    assert (choice.n_images, choice.by_hand, choice.dataset_key) == (8, False, run.dataset.key)
    assert choice.digest == ids_digest(run.dataset.ids[row] for row in run.selection.indices)
    assert tray.steps == [(1, "my *first*", choice.to_mapping())], "what the browser is told to put"
    assert r"**my \*first\*** · 8 images" in texts_of(app), "a name is not read as Markdown"
    press(app, "Drop")
    assert app.session_state["my_tray"].kept == {}
    assert app.session_state["my_tray"].steps[-1] == (2, "my *first*", None)


def test_going_back_moves_every_setting_and_says_whether_it_came_out_the_same(open_app: Open, run: Run) -> None:
    changes = {"alpha": 0.9, "keep_ratio": 0.4, "n_bins": 5, "rule": "paper-scaled", "seed": 3, "patch_size": 16}
    then = other(run, **changes)
    digest = ids_digest(then.dataset.ids[row] for row in then.selection.indices)
    app = with_tray(open_app, "tray", kept(run, digest=digest, **changes))
    press(app, "Go back")
    assert app.session_state["settings"] == then.settings
    assert [s.value for s in app.success] == [
        f"Back at “mine”: the same {len(then.selection.indices)} images as when it was kept."
    ]
    app = with_tray(open_app, "tray", kept(run, **changes))
    press(app, "Go back")
    assert [s.value for s in app.warning] == [
        f"**“mine” is not what it was when it was kept**: then 8 images, now {len(then.selection.indices)}, and not "
        "the same ones. The data have changed since, or the program."
    ]


def test_a_kept_choice_is_compared_and_exported(open_app: Open, run: Run) -> None:
    app = press(with_tray(open_app, "tray", kept(run, alpha=0.9)), "Compare as B")
    assert [t.value for t in app.title] == ["Compare"]
    assert "**B** is “mine” from the tray." in texts_of(app)
    assert "is not what it was when it was kept" in app.warning[0].value
    app = press(with_tray(open_app, "tray", kept(run, alpha=0.9)), "Export")
    assert [t.value for t in app.title] == ["Export"]
    assert app.session_state["settings"].alpha == 0.9


def test_what_is_of_another_data_set_can_be_gone_back_to_but_not_compared(open_app: Open, run: Run) -> None:
    app = with_tray(open_app, "tray", kept(run, dataset="digits"))
    (as_b,) = (button for button in app.button if button.label == "Compare as B")
    assert as_b.disabled
    press(app, "Go back")
    at_rest(app)
    assert app.session_state["settings"].dataset == "digits"


def test_settings_that_fit_no_data_leave_the_tray_in_reach(open_app: Open, run: Run) -> None:
    app = with_tray(open_app, "tray", kept(run), n_bins="30")
    assert app.error[0].value.startswith("n_bins must be between 1 and 20")
    assert any(button.label == "Go back" for button in app.button)


def picked(run: Run, rows: list[int]) -> KeptChoice:
    made = hand_picked(run.dataset, np.array(rows), how={"told": "by a test"})
    run.store.fetch(HandPicked, made.key, lambda: made)
    return KeptChoice("corner", run.settings, run.dataset.key, len(rows), made.key, by_hand=True, about="by a test")


def test_images_picked_by_hand_stand_beside_the_settings(open_app: Open, run: Run) -> None:
    rows = [0, 5, 70, *run.selection.indices[:3].tolist()]
    app = press(with_tray(open_app, "tray", picked(run, rows)), "Show as A")
    assert [t.value for t in app.title] == ["Compare"]
    assert number(app, "only in A").endswith(f" of {len(set(rows))}")
    assert int(number(app, "in both")) == len(set(rows) & set(run.selection.indices.tolist()))
    app.switch_page("views/compare.py").run()
    press(app, "A: back to the present settings")
    assert (app.session_state["a"], app.session_state["b"]) == ("now", "uniform")
    assert number(app, "only in A").endswith(" of 8")


def test_a_lasso_is_shown_kept_and_offered_as_files(open_app: Open, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    from app import lasso

    low, high = run.projection.xy.min(0) - 1, run.projection.xy.max(0) + 1
    middle = float(np.median(run.projection.xy[:, 0]))
    corners = np.array([[low[0], low[1]], [middle, low[1]], [middle, high[1]], [low[0], high[1]]], np.float64)
    below = lasso.below
    monkeypatch.setattr(lasso, "below", lambda run, polygon, xy, projection: below(run, corners, xy, projection))
    app = open_app("quotas", keep_ratio="0.4")
    inside = np.flatnonzero(run.projection.xy[:, 0] < middle)
    chosen = np.intersect1d(inside, other(run, keep_ratio=0.4).selection.indices)
    assert f"Inside the lasso: {len(inside)} images, {len(chosen)} chosen" in [s.value for s in app.subheader]
    labels = [button.proto.label for button in app.get("download_button")]
    assert labels == ["Download ids, rows and images", "Download the list"]
    app.button_group(key="lasso_which").set_value("chosen").run()
    press(app, "Keep these in the tray")
    (choice,) = app.session_state["my_tray"].kept.values()
    assert (choice.by_hand, choice.n_images) == (True, len(chosen))
    stored = run.store.peek(HandPicked, choice.digest)
    assert stored.rows.tolist() == chosen.tolist()
    assert [run.dataset.ids[row] for row in chosen] == list(stored.ids)
    assert not app.exception
