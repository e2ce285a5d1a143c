"""Widgets and settings: one widget a setting, its default the setting's, its value in the settings."""

from __future__ import annotations

import sys
from dataclasses import asdict, fields
from pathlib import Path

import pytest

from adq_core import Settings, datasets
from app import sidebar

from .conftest import QUICK
from .pages import Open


def test_every_setting_has_a_label() -> None:
    assert list(sidebar.LABELS)
    assert set(sidebar.LABELS) == {spec.name for spec in fields(Settings)}


def test_defaults_are_those_of_the_settings(open_app: Open, small_set: Path) -> None:
    shown = asdict(open_app("bins").session_state["settings"])
    assert shown == asdict(Settings()) | {"dataset": str(small_set), **QUICK}


def test_built_in_sets_are_offered(open_app: Open, small_set: Path) -> None:
    options = open_app("bins").selectbox(key="dataset").options
    assert options[: len(datasets.DATASETS)] == list(datasets.DATASETS)
    assert str(small_set) in options


@pytest.mark.parametrize("spec", [s for s in fields(Settings) if "choices" in s.metadata], ids=lambda s: s.name)
def test_every_choice_reaches_the_settings(open_app: Open, spec) -> None:
    for choice in spec.metadata["choices"]:
        app = open_app("dataset", **{spec.name: choice})
        assert getattr(app.session_state["settings"], spec.name) == choice


def test_labels_are_asked_for_where_they_can_be_used(open_app: Open) -> None:
    assert [w.key for w in open_app("dataset").sidebar.text_input if w.key == "labels"] == ["labels"]
    assert not [w for w in open_app("dataset", dataset="digits").sidebar.text_input if w.key == "labels"]


def test_the_first_data_set_is_named_by_environment_or_command_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ADQ_DATASET", raising=False)
    monkeypatch.setattr(sys, "argv", ["pytest", "digits"])
    assert sidebar.default_dataset() == Settings().dataset
    monkeypatch.setattr(sys, "argv", ["app/main.py", "digits"])
    assert sidebar.default_dataset() == "digits"
    monkeypatch.setenv("ADQ_DATASET", "shapes")
    assert sidebar.default_dataset() == "shapes"


def test_a_share_is_a_number_not_a_text(open_app: Open) -> None:
    app = open_app("dataset", fraction="0.3")
    assert not app.error
    assert app.session_state["settings"].fraction == 0.3
