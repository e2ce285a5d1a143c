"""The sidebar: one widget per setting, and the only place where widgets become `Settings`.

Help texts, limits and choices come from `adq_core/settings.py`, labels from `app/text/setting_names.py`.

Every widget is bound to the query string, so a link restores it. Its key is the name of the setting; a callback
changes it with `widget_sync.set_widgets(name=value)`. The widgets are drawn by the entry script on every page and
always in the same container: Streamlit loses the query parameter of a bound widget that moves to another container.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import streamlit as st

from adq_core import Settings
from adq_core.data import DATASETS
from adq_core.embeddings import EMBEDDINGS
from adq_core.settings import ID_LISTS, NAMES_OF_FILES, possible_patch_sizes
from adq_core.strategies import ADQ
from app import access, trainings
from app.text import strategies
from app.text.markdown import escape
from app.text.setting_names import LABELS

from . import dataset_names, filters, focus, hand_lists, history_widgets, widget_sync
from .link_check import SPECS, infinite_values, replaced_values

DATASET_VARIABLE = "ADQ_DATASET"

SLIDERS = {"alpha": (0.01, "%.2f"), "keep_ratio": (0.005, "percent"), "patch_keep_ratio": (0.05, "percent")}
STEPS = {"diversity_images": 32}  # of the buttons beside a number; every step from the default is a valid value
ALWAYS_VISIBLE = ("dataset", "embeddings", "n_bins", "strategy", "alpha", "keep_ratio")
GROUPS = {  # the other settings, by the stage that they belong to
    "Embeddings and map": ("weights", "vector_columns", "projection", "map_seed"),
    "Bins": ("pool", "schedule", "fraction", "kernel", "softmax"),
    "Scores": ("representativeness", "diversity", "diversity_images", "normalisation"),
    "Selection": ("rule", "draw_order", "seed", "always", "never"),
    "Patches": ("patch_keep_ratio", "patch_image_size", "patch_size", "patch_ranking"),
}
DISABLED = ("alpha", "rule", "draw_order")  # where they have no effect; the seed also decides scores and heads
OPEN_ON = {"bins": "Bins", "scores": "Scores", "quotas": "Selection", "patches": "Patches"}  # page: its group
NAMES = {  # options of a setting that also takes a path or another name
    "dataset": tuple(DATASETS),
    "embeddings": tuple(EMBEDDINGS),
}


def default_dataset() -> str:
    """Return the data set to open first: the one named when the server was started, or else the default setting."""
    named = os.environ.get(DATASET_VARIABLE, "")
    if not named and Path(sys.argv[0]).name == "main.py" and len(sys.argv) > 1:
        named = sys.argv[1]
    return access.shown_name(named) or Settings().dataset


def sidebar(page: str) -> Settings:
    """Draw the sidebar, with the group of settings open that belongs to this page, and return its settings."""
    values: dict[str, Any] = {}
    linked = _link() if widget_sync.is_first_run() else {}
    widget_sync.resend_moved()
    hand_lists.clear_for_another_dataset()
    restored = widget_sync.restore_lost(defaults())
    with st.sidebar:
        history_place = st.container(key="history", horizontal=True, gap="xsmall")
        for name in ALWAYS_VISIBLE:
            values[name] = _decisive_widget(name, values)
            if name == "dataset" and _takes_labels(values[name]):
                if (location := dataset_names.location(values[name])) is not None:
                    st.caption(location)
                values["labels"] = setting_widget("labels")
                values["unlabelled"] = setting_widget("unlabelled")
        for group, names in GROUPS.items():
            with st.expander(group, expanded=OPEN_ON.get(page) == group):
                for name in names:
                    values[name] = _patch_size(values) if name == "patch_size" else _decisive_widget(name, values)
        focus.widgets()
        filters.widget()
    history_widgets.draw(history_place, defaults())  # before an error of the values: undo is a way out of it
    values["weights"] = trainings.weights_file(values["weights"])
    values |= {name: access.real_name(values.get(name)) for name in NAMES_OF_FILES}
    widget_sync.drop_superseded()
    widget_sync.remember_values(defaults())
    hand_lists.remember_dataset()
    if restored:
        st.rerun()
    for sentence in replaced_values(linked, values, LABELS):
        st.toast(escape(sentence), icon=":material/link_off:", duration="infinite")
    values |= {name: hand_lists.setting(name, values[name] or "") for name in ID_LISTS}
    return Settings(**values)


def _link() -> dict[str, str]:
    """Return the parameters of the link; those that Streamlit cannot read are removed, and the page runs again."""
    dropped: dict[str, str] = st.session_state.setdefault("dropped parameters", {})
    infinite = infinite_values(dict(st.query_params))
    for name in infinite:
        dropped[name] = st.query_params[name]
        del st.query_params[name]
    if infinite:
        st.rerun()
    return {**st.query_params, **dropped}


def defaults() -> dict[str, Any]:
    """Return the default value of every widget of the sidebar, used if neither a link nor the user has set it."""
    settings = {name: "" if spec.default is None else spec.default for name, spec in SPECS.items()}
    return settings | {"dataset": default_dataset()} | focus.DEFAULTS | filters.DEFAULTS


def lowest(name: str) -> float:
    """Return the lowest value that the slider of a setting can have."""
    limits = SPECS[name].metadata
    return SLIDERS[name][0] if limits.get("open_low") else float(limits["low"])


def _decisive_widget(name: str, values: dict[str, Any]) -> Any:
    """Draw the widget of one setting and return its value; it is disabled if the strategy makes it without effect."""
    strategy = values.get("strategy", ADQ)
    if name in DISABLED and name in strategies.without_effect(strategy):
        value = setting_widget(name, disabled=True)
        st.caption(strategies.no_effect(strategy, name))
        return value
    value = setting_widget(name)
    if name == "strategy":
        strategy = str(value)
        st.caption(strategies.about(strategy))
    return value


def setting_widget(name: str, *, disabled: bool = False) -> Any:
    """Draw the widget of one setting and return its value. Its kind follows from the field's type and limits."""
    spec = SPECS[name]
    limits, label = spec.metadata, LABELS[name]
    common: dict[str, Any] = {"key": name, "help": limits["help"] + ".", "bind": "query-params", "disabled": disabled}
    if name in NAMES:
        default = default_dataset() if name == "dataset" else str(spec.default)
        return name_or_path(label, NAMES[name], default, **common)
    if "choices" in limits:
        options = list(limits["choices"])
        return st.selectbox(label, options, index=options.index(spec.default), **common)
    if name in SLIDERS:
        step, number_format = SLIDERS[name]
        high = float(limits["high"])
        return st.slider(label, lowest(name), high, spec.default, step=step, format=number_format, **common)
    default_value: Any = spec.default
    if str(spec.type) == "int":
        step = STEPS.get(name, 1)
        return int(st.number_input(label, limits["low"], limits.get("high"), default_value, step, **common))
    if str(spec.type) == "float":
        return float(st.number_input(label, limits["low"], limits.get("high"), default_value, 0.05, **common))
    return str(st.text_input(label, default_value or "", **common)).strip() or default_value


def _patch_size(values: dict[str, Any]) -> int:
    """Draw the box of the patch side, with the sides that divide the image side, and return the selected side."""
    options = possible_patch_sizes(values["patch_image_size"])
    usual = int(Settings().patch_size)
    nearest = min(options, key=lambda size: abs(size - usual))
    limits = SPECS["patch_size"].metadata
    selected = st.selectbox(
        LABELS["patch_size"],
        options,
        options.index(nearest),
        key="patch_size",
        help=limits["help"].replace("patch_image_size", "the image side") + ".",
        bind="query-params",
    )
    return int(selected)


def name_or_path(label: str, names: Sequence[str], default: str, *, key: str, **common: Any) -> str:
    """Draw a box with known names that also accepts any other text, such as a path, and return its value."""
    options = list(names)
    for extra in (default, st.session_state.get(key), st.query_params.get(key)):
        if extra and str(extra) not in options:
            options.append(str(extra))
    selected = st.selectbox(
        label,
        options,
        index=options.index(default),
        accept_new_options=True,
        key=key,
        **common,
    )
    return str(selected or default).strip()


def _takes_labels(dataset: str) -> bool:
    """Return whether a labels file can be used with this data set: not with a built-in one."""
    return dataset not in NAMES["dataset"] and not dataset.startswith("torchvision:")
