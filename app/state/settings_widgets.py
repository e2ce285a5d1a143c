"""The only place where widgets become `Settings`. Every widget is bound to the query string, so a link opens the view.

The widgets have the names of the settings as keys; a callback elsewhere moves them by `linked.put(name=value)`.
They must stay where they are: Streamlit loses the query parameter of a bound widget that moves to another container or
page. So a page that is about a setting shows a `mirror` of its widget, and hides the one in the sidebar.
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
from adq_core.patches import FILL
from adq_core.patches import PAINTERS as NETWORKS
from adq_core.quotas import QUOTA_RULES
from adq_core.storage import default_folder

from . import dataset_names, widget_sync
from .link_check import SPECS, refused

DATASET_VARIABLE = "ADQ_DATASET"

LABELS = {
    "dataset": "Data set",
    "labels": "Labels (CSV)",
    "embeddings": "Embeddings",
    "weights": "Weights (file)",
    "projection": "Map drawn by",
    "pool": "Bins are cut",
    "n_bins": "Number of bins",
    "schedule": "Bin sizes",
    "fraction": "Share of a geometric bin",
    "kernel": "Kernel of the bins",
    "softmax": "Softmax in the loss",
    "representativeness": "Representativeness",
    "diversity": "Diversity",
    "normalisation": "Normalisation",
    "rule": "Quota rule",
    "alpha": "alpha",
    "keep_ratio": "Keep ratio",
    "draw_order": "Draw order",
    "patch_ranking": "Patches ranked by",
    "patch_keep_ratio": "Patch keep ratio",
    "patch_image_size": "Image side for patches (px)",
    "patch_size": "Patch side (px)",
    "seed": "Seed",
    "map_seed": "Seed of the map",
}
SLIDERS = {"alpha": (0.01, "%.2f"), "keep_ratio": (0.005, "percent"), "patch_keep_ratio": (0.05, "percent")}
IN_SIDEBAR = ("dataset", "embeddings", "n_bins", "alpha", "keep_ratio")  # in sight; the others are folded away
NO_BIN = -1  # none is picked: the map shows all alike, and a page about one bin shows the first
SWITCHES = {
    "patches": ("painted again", "kept patches", "ranking"),
    "train": ("encoder", "unet", "mae"),
    "images": ("chosen subset", "shuffled", "one bin", "by id"),
    "beside": ("uniform", *(rule for rule in QUOTA_RULES if rule != "uniform")),
}
SIDES = {"a": "now", "b": "uniform"}  # of a comparison, as `choices.read` reads them
NAMES = {  # what a text setting may be, beside a path or another name typed in
    "dataset": tuple(DATASETS),
    "embeddings": tuple(EMBEDDINGS),
}
PAINTERS = (*NETWORKS, FILL)


def default_dataset() -> str:
    """Return the data set to open first: the one named at the start of the server, else the settings' default."""
    named = os.environ.get(DATASET_VARIABLE, "")
    if not named and Path(sys.argv[0]).name == "main.py" and len(sys.argv) > 1:
        named = sys.argv[1]
    return named or Settings().dataset


def controls() -> Settings:
    """Draw the sidebar and return its settings."""
    values: dict[str, Any] = {}
    asked = dict(st.query_params) if widget_sync.is_first_run() else {}
    widget_sync.settle()
    lost = widget_sync.bring_back(defaults())
    with st.sidebar:
        for name in IN_SIDEBAR:
            values[name] = widget(name)
            if name == "dataset" and _takes_labels(values[name]):
                if (told := dataset_names.ending(values[name])) is not None:
                    st.caption(told)
                values["labels"] = widget("labels")
        with st.expander("More settings"):
            for name in SPECS:
                if name not in (*IN_SIDEBAR, "labels"):
                    values[name] = widget(name)
        # What a page shows, rather than what is computed: only ever seen through a mirror.
        # Hidden before they are drawn, else they are seen for a moment.
        hide("bin", "image", "first", "find", "painter", *SWITCHES, *SIDES)
        st.number_input("Bin", NO_BIN, None, NO_BIN, 1, key="bin", bind="query-params")
        st.text_input("Image", "", key="image", bind="query-params")
        for name, options in SWITCHES.items():
            st.selectbox(name, options, key=name, bind="query-params")
        for name, default in SIDES.items():
            st.text_input(name, default, key=name, bind="query-params")
        st.number_input("First image", 0, None, 0, 1, key="first", bind="query-params")
        st.text_input("Id", key="find", bind="query-params")
        _box("painter", "Painter", PAINTERS, PAINTERS[0])
    widget_sync.agree()
    widget_sync.remember(defaults())
    if lost:
        st.rerun()
    for sentence in refused(asked, values, LABELS):
        st.toast(sentence, icon=":material/link_off:", duration="infinite")
    return Settings(**values)


def defaults() -> dict[str, Any]:
    """Return what every widget of the sidebar shows where neither a link nor a hand has said anything."""
    settings = {name: "" if spec.default is None else spec.default for name, spec in SPECS.items()}
    shown = {"bin": NO_BIN, "image": "", "first": 0, "find": "", "painter": PAINTERS[0]}
    return settings | {"dataset": default_dataset()} | shown | SIDES | {name: SWITCHES[name][0] for name in SWITCHES}


def mirror(name: str, options: Sequence[Any] = ()) -> None:
    """Draw a setting's widget in the page instead of the sidebar: a slider, choices, a box of `options`, a number."""
    hide(name)
    (key, value), limits = _mirrored(name), SPECS[name].metadata
    common: dict[str, Any] = {"key": key, "help": limits["help"] + ".", "on_change": _move, "args": (name, key)}
    if name in SLIDERS:
        _slider(name, common | {"value": value})
    elif options:
        known = list(options)
        if value not in known:
            known = sorted([*known, value])
        st.selectbox(LABELS[name], known, known.index(value), **common)
    elif "choices" in limits:
        st.segmented_control(LABELS[name], limits["choices"], default=value, required=True, **common)
    else:
        st.number_input(LABELS[name], limits["low"], limits["high"], value, 1, **common)


def text(name: str, wanted: str) -> str:
    """Draw a line of text that is in the link, and return it."""
    key, value = _mirrored(name)
    common: dict[str, Any] = {"key": key, "on_change": _move, "args": (name, key)}
    typed = st.text_input(wanted, value, placeholder=wanted, label_visibility="collapsed", width=300, **common)
    return str(typed).strip()


def page_through(name: str, count: int, step: int) -> int:
    """Draw the way forth and back through `count` things, so many at once, and return the first one's number."""
    first = min(int(st.session_state[name]), max(0, count - 1)) // step * step
    with st.container(horizontal=True, vertical_alignment="center", width="content"):
        for label, icon, to in (("Previous", "chevron_left", first - step), ("Next", "chevron_right", first + step)):
            off = not 0 <= to < count
            icon, where = f":material/{icon}:", {name: max(0, to)}
            st.button(label, icon=icon, disabled=off, key=f"{name}_{label}", on_click=widget_sync.put, kwargs=where)
        st.markdown(f"{first + 1:,} to {min(first + step, count):,} of {count:,}" if count else "none")
    return first


def painter_picker(more: Sequence[str]) -> str:
    """Draw the choice of the painter, a shipped one or a file, and return it."""
    key, value = _mirrored("painter")
    known = [*PAINTERS, *(name for name in more if name not in PAINTERS)]
    if value not in known:
        known.append(value)
    chosen = st.selectbox(
        "Painter",
        known,
        known.index(value),
        key=key,
        accept_new_options=True,
        help="One of the shipped ones, or a .safetensors file trained here.",
        on_change=_move,
        args=("painter", key),
    )
    return str(chosen or PAINTERS[0])


def bin_picker(n_bins: int) -> int:
    """Draw the choice of one bin and return it; the same one in every view and in the link."""
    key, value = _mirrored("bin", max(0, min(int(st.session_state["bin"]), n_bins - 1)))
    common: dict[str, Any] = {"key": key, "on_change": _move, "args": ("bin", key)}
    if n_bins <= 20:
        chosen = st.segmented_control("Bin", range(n_bins), default=value, required=True, **common)
    else:
        chosen = st.number_input("Bin", 0, n_bins - 1, value, **common)
    return int(chosen or 0)


def picked_bin(n_bins: int) -> int | None:
    """Return the bin that was picked anywhere, or None while none is."""
    number = int(st.session_state["bin"])
    return min(number, n_bins - 1) if number >= 0 else None


def image_search(current: str) -> str:
    """Draw the box that finds an image by its id and return what it holds; the same image in the link."""
    key, value = _mirrored("image", str(st.session_state["image"]) or current)
    return str(
        st.text_input(
            "Image",
            value,
            key=key,
            on_change=_move,
            args=("image", key),
            help="An id, a part of one, or a row number.",
            placeholder="id, part of an id, or row number",
        )
    )


def switch(name: str) -> str:
    """Draw the choice between the ways in which a page shows its subject, and return the one taken."""
    key, value = _mirrored(name)
    chosen = st.segmented_control(
        name,
        SWITCHES[name],
        default=value,
        key=key,
        required=True,
        label_visibility="collapsed",
        on_change=_move,
        args=(name, key),
    )
    return str(chosen)


def _mirrored(name: str, value: Any = None) -> tuple[str, Any]:
    return widget_sync.mirrored(name, st.session_state[name] if value is None else value)


def _move(name: str, key: str) -> None:
    if (value := widget_sync.told(name, key)) is not None:
        widget_sync.put(**{name: value})


def hide(*names: str) -> None:
    """Hide widgets of the sidebar that the page shows itself; they stay mounted and keep their query parameter."""
    st.html(f"<style>{','.join(f'.st-key-{name}' for name in names)}{{display:none}}</style>")


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
        return _slider(name, common | {"value": spec.default})
    default: Any = spec.default
    if str(spec.type) == "int":
        return int(st.number_input(label, limits["low"], limits.get("high"), default, 1, **common))
    if str(spec.type) == "float":
        return float(st.number_input(label, limits["low"], limits.get("high"), default, 0.05, **common))
    return str(st.text_input(label, default or "", **common)).strip() or default


def _slider(name: str, common: dict[str, Any]) -> Any:
    step, shown = SLIDERS[name]
    limits = SPECS[name].metadata
    low = step if limits.get("open_low") else float(limits["low"])
    return st.slider(LABELS[name], low, float(limits["high"]), step=step, format=shown, **common)


def _name(name: str, label: str, common: dict[str, Any]) -> str:
    """Draw a box of known names that takes any other text, such as a path."""
    default = default_dataset() if name == "dataset" else str(SPECS[name].default)
    return _box(name, label, NAMES[name], default, **common)


def _box(name: str, label: str, names: Sequence[str], default: str, **common: Any) -> str:
    options = list(names)
    common = {"key": name, "bind": "query-params"} | common
    folder = default_folder()
    for extra in (default, st.session_state.get(name), st.query_params.get(name)):
        if extra and (extra := dataset_names.found(str(extra), folder)) not in options:
            options.append(extra)
    chosen = st.selectbox(
        label, options, index=options.index(default), format_func=dataset_names.label, accept_new_options=True, **common
    )
    return dataset_names.found(str(chosen or default).strip(), folder)
