"""Better than random?: what the page shows is what the library measures."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from adq_core import Run
from adq_core.data import open_dataset
from adq_core.evidence import PROBES, Budget, Evidence, rank_agreement
from adq_core.evidence.probes import network_probe
from adq_core.probes import NetworkRecipe
from adq_core.run_evidence import evidence_of
from app.blocks import evidence as evidence_block
from app.text import evidence as evidence_text
from tests.app.conftest import at_rest, until, write_stripes
from tests.app.pages import Open, captions_of, chart, number, press, texts_of, widget


@pytest.fixture
def evidence(run: Run) -> Evidence:
    return evidence_of(run, budget=evidence_block.BUDGET)


def test_the_page_shows_the_verdict_of_the_library(open_app: Open, evidence: Evidence) -> None:
    app = at_rest(open_app("evidence"))
    text, _ = evidence_text.headline(evidence, 0.1)
    assert text in texts_of(app)
    assert evidence_text.rival_sentence(evidence, 0.1) in texts_of(app)
    column = evidence.keep_ratios.index(0.1)
    mean = {name: 100 * evidence.mean[row, column] for row, name in enumerate(evidence.strategies)}
    assert number(app, "ADQ") == f"{mean['adq']:.1f}%"
    assert number(app, "balanced random") == f"{mean['balanced']:.1f}%"
    table = app.dataframe[0].value.set_index("strategy")
    assert table.loc["margin", "accuracy, %"] == pytest.approx(mean["margin"], abs=1e-3)


def test_home_has_the_verdict_as_soon_as_it_is_known(open_app: Open, run: Run, evidence: Evidence) -> None:
    at_rest(open_app("evidence"))
    home = at_rest(open_app("home"))
    text, _ = evidence_text.headline(evidence, 0.1)
    assert text in texts_of(home)
    other = at_rest(open_app("home", alpha="0.15"))
    assert "random here" not in texts_of(other), "another alpha is not measured"


def test_further_strategies_are_lines_of_the_chart(open_app: Open) -> None:
    app = at_rest(open_app("evidence"))
    app.multiselect(key="evidence_strategies").set_value(["k-centre", "margin"]).run()
    drawn = chart(at_rest(app), "evidence-accuracy")
    assert [trace["name"] for trace in drawn["data"]][1:] == ["balanced random", "ADQ", "k-centre", "margin"]


def test_the_page_says_how_many_seeds_were_run_and_what_the_interval_is_due_to(
    open_app: Open, evidence: Evidence
) -> None:
    app = at_rest(open_app("evidence"))
    seeds, (draws, images) = evidence.accuracy.shape[2], evidence.half_widths(0.1)
    told = next(text for text in captions_of(app) if "seeds were run" in text)
    assert told.startswith(f"{seeds} seeds were run; 16 test images: a fifth of the images of each")
    assert f"± {100 * draws:.1f} points by the draws" in told
    assert f"± {100 * images:.1f} points by the test images" in told
    assert number(app, "seeds") == str(seeds)


def test_seeds_are_added_until_the_draws_matter_less_than_asked_for(open_app: Open, run: Run) -> None:
    before = at_rest(open_app("evidence"))
    seeds = int(number(before, "seeds"))
    half_width = evidence_of(run, budget=evidence_block.BUDGET).half_widths(0.1)[0]
    wanted = round(100 * half_width * 0.8, 1)
    before.number_input(key="evidence_points").set_value(wanted)
    press(before, "Add seeds until the interval is this small")
    after = at_rest(before)
    expected = evidence_of(run, keep_ratios=[0.1], budget=Budget(seeds, evidence_block.MOST_SEEDS, wanted / 100))
    assert int(number(after, "seeds")) == expected.accuracy.shape[2] > seeds
    assert evidence_text.headline(expected, 0.1)[0] in texts_of(after)
    assert [trace["name"] for trace in chart(after, "evidence-accuracy")["data"]], "other keep ratios stay"


def test_the_linear_probe_measures_again(open_app: Open, run: Run) -> None:
    app = at_rest(open_app("evidence"))
    widget(app, "evidence_probe").set_value("linear").run()
    expected = evidence_of(run, probe="linear", budget=evidence_block.BUDGET)
    assert evidence_text.headline(expected, 0.1)[0] in texts_of(at_rest(app))


def test_images_of_another_data_set_are_the_test_images(open_app: Open, run: Run, tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    other = write_stripes(tmp_path / "other.npz")
    with np.load(other) as file:
        images, labels = file["images"][::2], file["labels"][::2]
    np.savez(other, images=np.clip(images + rng.integers(0, 40, images.shape), 0, 255).astype(np.uint8), labels=labels)
    app = at_rest(open_app("evidence"))
    app.text_input(key="evidence_test").set_value(str(other)).run()
    app = at_rest(app)
    assert number(app, "test images") == "40"
    assert any("40 test images: the images of other." in text for text in captions_of(app))
    expected = evidence_of(run, test_set=open_dataset(str(other)), budget=evidence_block.BUDGET)
    assert evidence_text.headline(expected, 0.1)[0] in texts_of(app)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("shapes", "The test set shapes has classes that stripes does not have"),
        ("no/such/set", "no/such/set"),
        ("{self}", "is the data set itself"),
    ],
)
def test_a_test_set_that_cannot_be_used_is_explained(open_app: Open, small_set: Path, name: str, text: str) -> None:
    app = at_rest(open_app("evidence"))
    app.text_input(key="evidence_test").set_value(name.replace("{self}", str(small_set))).run()
    app = at_rest(app)
    assert not app.exception
    assert any(text in element.value for element in app.info)


@pytest.fixture
def tiny_network(monkeypatch: pytest.MonkeyPatch) -> None:
    tiny = NetworkRecipe(steps=3, batch_size=16, widths=(8, 8, 8))
    made = PROBES["network"]._replace(make=lambda material: network_probe(material, tiny))
    monkeypatch.setitem(PROBES, "network", made)
    monkeypatch.setattr("adq_core.run_evidence.RECIPE", tiny)


@pytest.mark.usefixtures("tiny_network")
def test_networks_are_trained_after_their_time_is_told(open_app: Open, run: Run) -> None:
    app = at_rest(open_app("evidence", alpha="0.6"))  # cells of its own
    widget(app, "evidence_probe").set_value("network").run()
    app = at_rest(app)
    app.multiselect(key="evidence_network_strategies_adq").set_value(["k-centre", "herding"]).run()
    app = at_rest(app)
    app.number_input(key="evidence_network_seeds").set_value(2).run()
    app = at_rest(app)
    assert "8 trainings of 3 steps are left: about" in texts_of(app)
    assert "random here" not in texts_of(app), "nothing is trained before the button is pressed"
    app.button(key="evidence_network_start").click().run()
    app = until(app, lambda: "random here" in texts_of(app))
    same = Run(replace(run.settings, alpha=0.6), run.store)
    names = ["balanced", "adq", "k-centre", "herding"]
    expected = evidence_of(same, probe="network", strategies=names, keep_ratios=[0.1], budget=Budget(2, 2))
    assert evidence_text.headline(expected, 0.1)[0] in texts_of(app)
    agreement = rank_agreement(evidence_of(same, budget=evidence_block.BUDGET), expected, 0.1)
    assert agreement is not None
    assert evidence_text.agreement(agreement) in texts_of(app), "ridge regression was measured when the page opened"
    app.number_input(key="evidence_network_seeds").set_value(3).run()
    assert "4 trainings of 3 steps are left" in texts_of(at_rest(app)), "what is measured is not trained again"


def test_vectors_have_no_pixels_for_the_network(open_app: Open, tmp_path: Path) -> None:
    labels = np.arange(60) % 3
    np.savez(tmp_path / "v.npz", vectors=np.eye(3, 4)[labels].astype(np.float32), labels=labels)
    app = at_rest(open_app("evidence", dataset=str(tmp_path / "v.npz"), embeddings="own", n_bins="2"))
    widget(app, "evidence_probe").set_value("network").run()
    app = at_rest(app)
    assert [element.value for element in app.info] == [
        "The network probe is trained on pixels, and v.npz is a set of vectors without images; use ridge or linear."
    ]


def test_one_class_cannot_be_compared_and_the_page_says_what_to_do(open_app: Open, tmp_path: Path) -> None:
    path = tmp_path / "one.npz"
    images = np.random.default_rng(0).integers(0, 256, (30, 8, 8, 3), dtype=np.uint8)
    np.savez(path, images=images, labels=np.zeros(30, np.int64))
    app = at_rest(open_app("evidence", dataset=str(path), n_bins="4"))
    assert not app.exception
    assert ["needs at least two classes" in element.value for element in app.info] == [True]


def test_a_strategy_in_use_that_was_not_compared_is_named(run: Run) -> None:
    few = evidence_of(run, strategies=["balanced", "adq"], keep_ratios=[0.1], budget=evidence_block.BUDGET)
    text, kind = evidence_text.headline(few, 0.1, "k-centre")
    assert text == "**`k-centre` is in use and was not compared here.**"
    assert kind == "same"
    assert evidence_text.headline(few, 0.1, "balanced")[0].startswith("**Balanced random is in use**")
