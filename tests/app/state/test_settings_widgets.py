"""Widgets and settings: one widget per setting, with the default and the value of the setting."""

from __future__ import annotations

import sys
from dataclasses import asdict, fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from adq_core import Run, Settings
from adq_core.data import open as datasets
from adq_core.settings import ID_LISTS
from app.state import link_check, settings_widgets
from app.text import worked_quotas
from app.text.markdown import escape
from tests.app.conftest import QUICK
from tests.app.pages import Open, captions_of, number, texts_of, widget


def test_every_setting_has_a_label() -> None:
    assert list(settings_widgets.LABELS)
    assert set(settings_widgets.LABELS) == {spec.name for spec in fields(Settings)}


def test_defaults_are_those_of_the_settings(open_app: Open, small_set: Path) -> None:
    shown = asdict(open_app("bins").session_state["settings"])
    assert shown == asdict(Settings()) | {"dataset": str(small_set), **QUICK}


def test_built_in_sets_are_offered(open_app: Open, small_set: Path) -> None:
    options = open_app("bins").selectbox(key="dataset").options
    assert options[: len(datasets.DATASETS)] == list(datasets.DATASETS)
    assert str(small_set) in options


@pytest.mark.parametrize("spec", [s for s in fields(Settings) if "choices" in s.metadata], ids=lambda s: s.name)
def test_every_option_reaches_the_settings(open_app: Open, spec) -> None:
    for choice in spec.metadata["choices"]:
        app = open_app("dataset", **{spec.name: choice})
        assert getattr(app.session_state["settings"], spec.name) == choice


def test_the_box_for_labels_is_drawn_where_labels_can_be_used(open_app: Open) -> None:
    assert [w.key for w in open_app("dataset").sidebar.text_input if w.key == "labels"] == ["labels"]
    assert not [w for w in open_app("dataset", dataset="digits").sidebar.text_input if w.key == "labels"]


def test_the_first_data_set_is_named_by_environment_or_command_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ADQ_DATASET", raising=False)
    monkeypatch.setattr(sys, "argv", ["pytest", "digits"])
    assert settings_widgets.default_dataset() == Settings().dataset
    monkeypatch.setattr(sys, "argv", ["app/main.py", "digits"])
    assert settings_widgets.default_dataset() == "digits"
    monkeypatch.setenv("ADQ_DATASET", "shapes")
    assert settings_widgets.default_dataset() == "shapes"


def test_a_ratio_is_a_number_not_a_text(open_app: Open) -> None:
    app = open_app("dataset", fraction="0.3")
    assert not app.error
    assert app.session_state["settings"].fraction == 0.3


def another(name: str, value: Any) -> Any:
    """Return another value of a setting that its widget accepts while a data set is open."""
    limits = link_check.SPECS[name].metadata
    if name == "strategy":
        return "adq+margin"  # with all other widgets enabled
    if "choices" in limits:
        return next((choice for choice in limits["choices"] if choice != value), value)
    values = {"embeddings": "small", "weights": "/nowhere/mine.safetensors", "patch_image_size": 128, "patch_size": 16}
    values |= {"diversity_images": 64, "vector_columns": "f0:f3"}
    return values.get(name, 0.35 if isinstance(value, float) else 7)


def test_every_widget_changes_its_setting_and_no_other(open_app: Open) -> None:
    app = open_app("dataset")
    settings = asdict(app.session_state["settings"])
    for name in [name for name in settings if name not in ("dataset", "labels", *ID_LISTS)]:
        value = another(name, settings[name])
        widget(app, name).set_value(value).run()
        assert not app.exception
        settings[name] = value
        assert asdict(app.session_state["settings"]) == settings


def test_a_page_computes_with_the_settings_of_the_sidebar(open_app: Open, run: Run) -> None:
    app = open_app("method")
    widget(app, "n_bins").set_value(5).run()
    widget(app, "alpha").set_value(0.3).run()
    widget(app, "keep_ratio").set_value(0.5).run()
    widget(app, "rule").set_value("uniform").run()
    names = ("m, bins", "alpha", "rho, keep ratio", "quota rule")
    assert [number(app, name) for name in names] == ["5", "0.30", "50.0%", "uniform"]
    made = Run(replace(run.settings, n_bins=5, alpha=0.3, keep_ratio=0.5, rule="uniform"), run.store)
    assert worked_quotas.worked_quota(made, 0) in texts_of(app)


def test_another_data_set_and_its_labels_are_opened(open_app: Open, tmp_path: Path) -> None:
    app = open_app("dataset")
    widget(app, "dataset").set_value("digits").run()
    assert (number(app, "images"), number(app, "classes")) == ("1,797", "10")
    assert not [caption for caption in captions_of(app) if "digits" in caption], "a built-in set is not a file"
    (tmp_path / "flat").mkdir()
    for name in range(6):
        Image.fromarray(np.full((8, 8, 3), 40 * name, np.uint8)).save(tmp_path / "flat" / f"{name}.png")
    table = "file,label\n" + "".join(f"{name}.png,{'ab'[name % 2]}\n" for name in range(6))
    (tmp_path / "labels.csv").write_text(table)
    app = open_app("dataset", dataset=str(tmp_path / "flat"))
    assert number(app, "classes") == "1"
    assert f"**flat** in {escape(tmp_path.name)}" in captions_of(app), "the box shows only the beginning of the path"
    widget(app, "labels").set_value(str(tmp_path / "labels.csv")).run()
    assert number(app, "classes") == "2"
