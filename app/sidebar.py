"""The only place where widgets become `Settings`. Every widget is bound to the query string, so a link opens the view.

The widgets have the names of the settings as keys; a callback elsewhere moves one by `st.session_state[name] = value`.
"""

from __future__ import annotations

import os
import sys
from dataclasses import fields
from pathlib import Path
from typing import Any

import streamlit as st

from adq_core import Settings, datasets

DATASET_VARIABLE = "ADQ_DATASET"
SPECS = {spec.name: spec for spec in fields(Settings)}

LABELS = {
    "dataset": "Data set",
    "labels": "Labels (CSV)",
    "embeddings": "Embeddings",
    "weights": "Weights (file)",
    "projection": "Map drawn by",
    "pool": "Bins are cut",
    "n_bins": "Number of bins",
    "schedule": "Bin sizes",
    "diversity": "Diversity",
    "normalisation": "Normalisation",
    "rule": "Quota rule",
    "alpha": "alpha",
    "keep_ratio": "Keep ratio",
    "draw_order": "Draw order",
    "patch_ranking": "Patches ranked by",
    "patch_keep_ratio": "Patch keep ratio",
    "seed": "Seed",
}
SLIDERS = {"alpha": (0.01, "%.2f"), "keep_ratio": (0.005, "percent"), "patch_keep_ratio": (0.05, "percent")}
IN_PAGE = {"Quotas": ("alpha", "keep_ratio"), "Patches": ("patch_keep_ratio",)}  # in the page that is about them
IN_SIDEBAR = ("dataset", "embeddings", "n_bins", "alpha", "keep_ratio")  # in sight; the others are folded away
NAMES = {  # what a text setting may be, beside a path or another name typed in
    "dataset": tuple(datasets.DATASETS),
    "embeddings": ("pixels", "resnet18", "resnet50", "vit_b_16"),
}


def default_dataset() -> str:
    """Return the data set to open first: the one named at the start of the server, else the settings' default."""
    named = os.environ.get(DATASET_VARIABLE, "")
    if not named and Path(sys.argv[0]).name == "main.py" and len(sys.argv) > 1:
        named = sys.argv[1]
    return named or Settings().dataset


def controls(page: str) -> Settings:
    """Draw the sidebar, and above the page of this title the widgets it is about; return the settings of all."""
    values: dict[str, Any] = {}
    in_page = IN_PAGE.get(page, ())
    with st.sidebar:
        for name in IN_SIDEBAR:
            if name not in in_page:
                values[name] = widget(name)
            if name == "dataset" and _takes_labels(values[name]):
                values["labels"] = widget("labels")
        with st.expander("More settings"):
            for name in SPECS:
                if name not in (*IN_SIDEBAR, *in_page, "labels"):
                    values[name] = widget(name)
    for name, column in zip(in_page, st.columns(2, gap="large"), strict=False):
        with column:
            values[name] = widget(name)
    return Settings(**values)


def _takes_labels(dataset: str) -> bool:
    """Return whether a labels file can go with this data set: it is no built-in one."""
    return dataset not in NAMES["dataset"] and not dataset.startswith("torchvision:")


def widget(name: str) -> Any:
    """Draw the widget of one setting and return its value. Its kind follows from the field's type and limits."""
    spec = SPECS[name]
    limits = spec.metadata
    common: dict[str, Any] = {"key": name, "help": limits["help"] + ".", "bind": "query-params"}
    label = LABELS.get(name, name.replace("_", " "))
    if name in NAMES:
        return _name(name, label, common)
    if "choices" in limits:
        options = list(limits["choices"])
        return st.selectbox(label, options, index=options.index(spec.default), **common)
    if name in SLIDERS:
        step, shown = SLIDERS[name]
        low = step if limits.get("open_low") else float(limits["low"])
        return st.slider(label, low, float(limits["high"]), spec.default, step, format=shown, **common)
    default: Any = spec.default
    if str(spec.type) == "int":
        return int(st.number_input(label, limits["low"], limits.get("high"), default, 1, **common))
    return str(st.text_input(label, default or "", **common)).strip() or default


def _name(name: str, label: str, common: dict[str, Any]) -> str:
    """Draw a box of known names that takes any other text, such as a path."""
    default = default_dataset() if name == "dataset" else str(SPECS[name].default)
    options = list(NAMES[name])
    for extra in (default, st.session_state.get(name)):
        if extra and extra not in options:
            options.append(extra)
    chosen = st.selectbox(label, options, index=options.index(default), accept_new_options=True, **common)
    return str(chosen or default).strip()
