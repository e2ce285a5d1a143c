"""The setting `strategy` on the pages: its widget, every page with another strategy, one click, link, export."""

from __future__ import annotations

import dataclasses
import shlex
from pathlib import Path

import numpy as np
import pytest

from adq_core import Run, Settings
from adq_core.storage import Store
from adq_core.strategies import STRATEGIES
from app.selections import links
from app.text import strategies as strategy_text
from tests.app.conftest import QUICK, at_rest
from tests.app.pages import VIEWS, Open, captions_of, chart, headings_of, number, press, texts_of

RIVALS = sorted(set(STRATEGIES) - {"adq"})


def run_with(run: Run, **changes: object) -> Run:
    return Run(dataclasses.replace(run.settings, **changes), run.store, dataset=run.dataset)  # type: ignore[arg-type]


@pytest.mark.parametrize("view", sorted(set(VIEWS) - {"train", "storage"}))
def test_every_page_opens_with_another_strategy(view: str, open_app: Open) -> None:
    app = at_rest(open_app(view, strategy="margin"))
    assert not app.exception
    assert not app.error


@pytest.mark.parametrize("strategy", sorted(STRATEGIES))
def test_one_image_says_why_by_the_strategy(strategy: str, open_app: Open, run: Run) -> None:
    app = at_rest(open_app("image", strategy=strategy, image="7"))
    own = run_with(run, strategy=strategy)
    assert number(app, "state") == ("selected" if own.selection.selected[7] else "not selected")
    if strategy == "adq":
        assert "Where it is selected" in headings_of(app)
        return
    assert strategy_text.strategy_reason(strategy, 7, own.strategy_draw, own.bins, 4) in texts_of(app)
    assert number(app, "strategy") == strategy
    assert "Where it is selected" not in headings_of(app)
    assert "alpha 0" not in texts_of(app)
    assert "draw position in the bin" not in "".join(element.proto.body for element in app.get("html"))


@pytest.mark.parametrize("strategy", RIVALS)
def test_the_quotas_page_shows_the_images_per_bin(strategy: str, open_app: Open, run: Run) -> None:
    app = at_rest(open_app("quotas", strategy=strategy))
    own = run_with(run, strategy=strategy)
    counts = np.bincount(own.bins.bin_of[own.selection.selected], minlength=own.bins.n_bins)
    hover = chart(app, "quota-bars")["data"][1]["hovertemplate"]
    assert "by uniform" in hover
    assert app.dataframe[0].value["selected"].tolist() == counts.tolist()
    assert number(app, "selected") == "8 of 80 images"
    headings = " ".join(headings_of(app))
    assert "over alpha" not in headings
    assert "Effect of alpha" not in headings
    assert strategy_text.bins_sentence(strategy) in texts_of(app)


def test_the_widget_disables_what_has_no_effect_and_says_so(open_app: Open) -> None:
    app = at_rest(open_app("quotas"))
    assert not app.slider(key="alpha").disabled
    assert strategy_text.about("adq") in captions_of(app)
    app.selectbox(key="strategy").select("k-centre").run()
    at_rest(app)
    assert app.slider(key="alpha").disabled
    assert app.selectbox(key="rule").disabled
    assert app.selectbox(key="draw_order").disabled
    assert not app.number_input(key="seed").disabled, "the scores of the bins depend on it"
    shown = captions_of(app)
    assert strategy_text.about("k-centre") in shown
    for name in ("alpha", "rule", "draw_order"):
        assert strategy_text.no_effect("k-centre", name) in shown
    app.selectbox(key="strategy").select("adq+margin").run()
    at_rest(app)
    assert not app.slider(key="alpha").disabled
    app.selectbox(key="strategy").select("uniform-bins").run()
    at_rest(app)
    assert app.slider(key="alpha").disabled
    assert not app.selectbox(key="draw_order").disabled


def test_a_link_restores_the_strategy_and_an_unknown_one_is_named(
    open_app: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    sentences: list[str] = []
    monkeypatch.setattr("app.state.settings_widgets.st.toast", lambda sentence, **_: sentences.append(sentence))
    app = at_rest(open_app("image", strategy="herding", image="3"))
    assert app.selectbox(key="strategy").value == "herding"
    assert number(app, "strategy") == "herding"
    assert not sentences
    app = at_rest(open_app("quotas", strategy="best"))
    assert app.selectbox(key="strategy").value == "adq"
    assert sentences == ["The link sets Strategy to best, which is invalid. The page uses adq."]


def test_a_rival_is_taken_with_one_click(open_app: Open, run: Run) -> None:
    app = at_rest(open_app("evidence"))
    assert app.button(key="use_adq").disabled
    assert app.button(key="use_adq").label == "In use"
    app.button(key="use_facility-location").click().run()
    at_rest(app)
    assert app.selectbox(key="strategy").value == "facility-location"
    assert app.button(key="use_facility-location").disabled
    assert app.button(key="use_adq").label == "Use this strategy"
    assert number(app, "in use") == "facility-location"
    assert app.session_state["settings"].strategy == "facility-location"


def test_the_best_rival_has_a_button_at_the_verdict(open_app: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.text.evidence.best_rival", lambda evidence, keep_ratio: "herding")
    app = at_rest(open_app("evidence"))
    assert "`herding` is" in texts_of(app)
    app.button(key="use_rival").click().run()
    at_rest(app)
    assert app.selectbox(key="strategy").value == "herding"
    assert not [button for button in app.button if button.key == "use_rival"], "it is in use"


def test_the_same_evidence_is_shown_for_every_strategy_in_use(open_app: Open) -> None:
    values = [number(at_rest(open_app("evidence", strategy=name)), "ADQ") for name in ("adq", "random")]
    assert values[0] == values[1]


def test_two_strategies_are_compared(open_app: Open, run: Run) -> None:
    app = at_rest(open_app("compare", strategy="margin", b="strategy:k-centre"))
    one, other = (run_with(run, strategy=name).selection.indices for name in ("margin", "k-centre"))
    assert number(app, "in both") == str(len(np.intersect1d(one, other)))
    assert "the strategy k\\-centre" in texts_of(app) or "the strategy k-centre" in texts_of(app)
    app = at_rest(open_app("compare", strategy="adq+margin", b=links.settings_link(
        dataclasses.replace(run.settings, strategy="adq+margin", alpha=0.0, dataset="digits")
    )))  # fmt: skip
    assert not app.error
    same, without = (run_with(run, strategy="adq+margin", alpha=alpha).selection.indices for alpha in (0.65, 0.0))
    assert number(app, "in both") == str(len(np.intersect1d(same, without)))


@pytest.mark.parametrize("strategy", RIVALS)
def test_links_name_strategies(strategy: str) -> None:
    present = Settings(dataset="digits", alpha=0.3)
    link = links.read(f"strategy:{strategy}")
    assert link.settings(present) == dataclasses.replace(present, strategy=strategy)
    fixed = links.read(links.settings_link(dataclasses.replace(present, strategy=strategy)))
    assert fixed.settings(Settings(dataset="digits")) == dataclasses.replace(present, strategy=strategy)
    assert links.read("uniform").settings(dataclasses.replace(present, strategy=strategy)) == dataclasses.replace(
        present, rule="uniform"
    )
    assert links.read(f"strategy:{strategy}x").problem


def test_the_export_page_writes_the_files_of_the_run(open_app: Open, run: Run, tmp_path: Path) -> None:
    from app.export import download

    app = at_rest(open_app("export", strategy="ccs"))
    own = run_with(run, strategy="ccs")
    assert number(app, "selected") == "8 of 80 images"
    command = next(element.value for element in app.code if "--out" in element.value)
    words = shlex.split(command)
    assert words[words.index("--strategy") + 1] == "ccs"
    fresh = Run(own.settings, Store(tmp_path)).export_files()
    assert download.export_files(own, own.settings) == fresh


def test_a_saved_selection_keeps_its_strategy(open_app: Open) -> None:
    app = at_rest(open_app("tray", strategy="k-centre"))
    app.text_input(key="save-present-name").set_value("far")
    app = press(app, "Save the present selection")
    saved = app.session_state["saved_selections"].by_name["far"]
    assert saved.settings.strategy == "k-centre"
    assert saved.description.startswith("strategy k-centre, keep ratio")
    app.selectbox(key="strategy").select("adq").run()
    at_rest(app)
    app = press(app, "Restore")
    assert at_rest(app).selectbox(key="strategy").value == "k-centre"


def test_one_class_and_a_strategy_that_needs_classes_is_one_sentence(open_app: Open, tmp_path: Path) -> None:
    path = tmp_path / "one.npz"
    images = np.random.default_rng(0).integers(0, 256, (30, 8, 8, 3), dtype=np.uint8)
    np.savez(path, images=images, labels=np.zeros(30, np.int64))
    app = at_rest(open_app("quotas", dataset=str(path), n_bins="4", strategy="margin"))
    assert not app.exception
    assert any("needs at least two classes" in element.value for element in app.error)


def test_the_app_and_the_command_line_select_the_same_images(open_app: Open, small_set: Path) -> None:
    app = at_rest(open_app("export", strategy="window", keep_ratio="0.25"))
    run = Run(Settings(dataset=str(small_set), **QUICK, strategy="window", keep_ratio=0.25), Store())
    assert number(app, "selected") == f"{len(run.selection.indices)} of 80 images"
