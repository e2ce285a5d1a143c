"""Maps of all images without controls for the selection: coloured by class, and with the groups of a comparison."""

from __future__ import annotations

import numpy as np
import streamlit as st

from adq_core import Run
from adq_core.digests import derive_key
from adq_core.records import Bools, Projection
from adq_core.selection import BOTH, ONLY_A, ONLY_B, Comparison
from app import session
from app.charts import comparison as comparison_charts
from app.charts.theme import DARK, LIGHT
from app.components.bin_map import SHAPES, Column, Group, GroupView, MapStore, build_store, group_map
from app.images import vector_tiles

CLASS_VIEW = "class view"  # data set and groups of the last map of classes, in the session state
MAX_LABELS = 30  # classes whose names stand on the map
NEITHER = 3  # after BOTH, ONLY_A and ONLY_B
GLYPHS = {BOTH: ("disc", 1.0), ONLY_A: ("triangle", 1.35), ONLY_B: ("square", 1.1)}  # shape and relative size


def class_map(run: Run, projection: Projection, shown: Bools | None = None) -> None:
    """Draw the map with one colour and shape per class; up to 30 classes have their names on it."""
    store = _store(run, projection, "class map", {})
    group_map(store, _class_view(run), key="home-map", shown=shown)


def _class_view(run: Run) -> GroupView:
    """Return the groups of the classes, the same object as in the last run of the page."""
    data = run.dataset
    known: tuple[str, GroupView] | None = st.session_state.get(CLASS_VIEW)
    if known is None or known[0] != data.key:
        labelled = 1 < data.n_classes <= MAX_LABELS
        view = GroupView(
            class_groups(data.class_names), data.labels, has_labels=labelled, title="Class", noun=data.kind
        )
        known = st.session_state[CLASS_VIEW] = data.key, view
    return known[1]


def class_groups(class_names: tuple[str, ...]) -> list[Group]:
    """Return the look of each class: colours repeat after eight classes and shapes after five, so forty differ."""
    n = len(class_names)
    looks = zip(class_names, LIGHT.classes(n), DARK.classes(n), strict=True)
    return [
        Group(name, (light, dark), SHAPES[number % len(SHAPES)]) for number, (name, light, dark) in enumerate(looks)
    ]


def comparison_map(
    run: Run,
    projection: Projection,
    comparison: Comparison,
    shown: Bools | None = None,
    *,
    names: tuple[str, str] = ("A", "B"),
) -> None:
    """Draw the map with the groups of a comparison: in both selections, only in A, only in B, in neither.

    shown: which images match the filter, (N,); None without a filter.
    names: of A and B in the legend.
    """
    data, bins = run.dataset, run.bins
    columns = {
        "class": Column("Class", data.labels, names=data.class_names),
        "bin": Column("Bin", bins.bin_of, names=tuple(str(number) for number in range(bins.n_bins))),
    }
    store = _store(run, projection, "comparison map", columns, run.key("bins"))
    group_map(store, comparison_view(comparison, data.kind, names), key="compare-map", shown=shown)


def comparison_view(comparison: Comparison, noun: str, names: tuple[str, str] = ("A", "B")) -> GroupView:
    """Return the four groups. Smaller groups are drawn above larger ones, so that many points do not cover few."""
    rows = {BOTH: comparison.both, ONLY_A: comparison.only_a, ONLY_B: comparison.only_b}
    group_of = np.full(comparison.n_images, NEITHER, np.int64)
    for group, of_group in rows.items():
        group_of[of_group] = group
    largest_first = sorted(rows, key=lambda group: -len(rows[group]))
    titles = {BOTH: comparison_charts.NAMES[BOTH], ONLY_A: f"only in {names[0]}", ONLY_B: f"only in {names[1]}"}
    light, dark = comparison_charts.colours(LIGHT), comparison_charts.colours(DARK)
    groups = [
        Group(
            titles[group],
            (light[group], dark[group]),
            *GLYPHS[group],
            layer=1 + largest_first.index(group),
        )
        for group in rows
    ]
    groups.append(Group("in neither", (LIGHT.unselected, DARK.unselected), size=0.7))
    return GroupView(groups, group_of, has_legend=True, height=460, noun=noun)


def _store(run: Run, projection: Projection, name: str, columns: dict[str, Column], *keys: str) -> MapStore:
    """Return the encoded map in row order, cached."""
    data = run.dataset
    key = derive_key(name, data.key, projection.key, *keys)

    def encode() -> MapStore:
        return build_store(
            projection.xy,
            np.zeros(len(data), np.int32),
            np.arange(len(data)),
            n_bins=1,
            key=key,
            columns=columns,
            thumbnails=vector_tiles.thumbnails_or_tiles(data),
            images=data.key,
        )

    store: MapStore = session.compute_cached(key, "Preparing the map", lambda progress: encode())
    return store
