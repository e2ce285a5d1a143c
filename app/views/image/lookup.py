"""One image among all: found by id, stepped through in its bin and class, and what is looked up about it."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st

from adq_core import Run
from adq_core.data import ImageDataset
from adq_core.digests import derive_key
from adq_core.progress import Progress
from adq_core.records import Bools, Floats, Ints
from adq_core.selection import (
    cosines_to,
    most_similar_rows,
    near_duplicate_threshold,
    nearest_cosine_sample,
    random_pair_cosines,
    same_pixels,
)
from adq_core.texture import texture_map
from app import session
from app.blocks import layout
from app.charts import palette
from app.images import sheet, vector_tiles
from app.images.sheet import Tile
from app.state import focus
from app.text import summaries

KEPT = 48  # looks that the server remembers: a row of M cosines each
SAME = 0.999  # identical pixels have this cosine at least, in whatever batch a network saw them
MOST_TWINS = 200  # whose pixels are compared
SUGGESTED = 8


@dataclass(frozen=True, eq=False)
class Look:
    """What was looked up about one image."""

    cosines: Floats  # (M,) to every image
    texture: Floats  # (H, W), of one pixel where there is no image
    twins: Ints  # rows with the very same pixels, ascending


@dataclass(frozen=True, eq=False)
class Ground:
    """How alike images of this set are in general."""

    pairs: Floats  # ascending cosines of random pairs
    duplicate: float  # cosine above which two images may be duplicates

    def more_alike(self, cosine: float) -> float:
        """Return the share of random pairs that are more alike than this."""
        return float((self.pairs > cosine + 1e-9).mean()) if self.pairs.size else 0.0  # the last digits are noise


def first_shown(run: Run, number: int) -> int:
    """Return the row that is shown when none is named: the last that this bin gives, or its first."""
    rows = draw_order_of(run, number)
    return int(rows[max(0, int(run.quotas.quota[number]) - 1)])


def draw_order_of(run: Run, number: int) -> Ints:
    """Return the rows of a bin in its draw order."""
    rows = np.flatnonzero(run.bins.bin_of == number)
    return np.asarray(rows[np.argsort(run.draw_order.draw_position[rows], kind="stable")])


def class_order_of(run: Run, row: int) -> Ints:
    """Return the rows of an image's class, or of its pool, in the order in which the greedy took them."""
    pooled = run.settings.pool == "all"
    rows = np.arange(len(run.dataset)) if pooled else np.flatnonzero(run.dataset.labels == run.dataset.labels[row])
    return np.asarray(rows[np.argsort(run.bins.rank[rows], kind="stable")])


def beside(rows: Ints, row: int) -> tuple[int | None, int | None]:
    """Return the rows before and after this one, None at an end."""
    at = int(np.flatnonzero(rows == row)[0])
    return (int(rows[at - 1]) if at else None), (int(rows[at + 1]) if at + 1 < len(rows) else None)


def percentile(values: Floats, value: float) -> float:
    """Return the share of values below this one, equal ones counted half, 0 to 1."""
    return float(((values < value).sum() + 0.5 * (values == value).sum()) / len(values))


def step(label: str, row: int | None, data: ImageDataset, icon: str, shortcut: str | None = None) -> None:
    """Draw a button that goes to another image; it is at rest where there is none."""
    st.button(
        label,
        key=f"step-{icon}",
        icon=f":material/{icon}:",
        disabled=row is None,
        shortcut=shortcut,
        on_click=focus.focus_image,
        args=("" if row is None else data.ids[row],),
    )


def suggest(data: ImageDataset, rows: Ints) -> None:
    """Draw the first ids that a part of an id has led to, as buttons."""
    st.caption(f"{len(rows):,} ids contain it; this is the first.")
    with st.container(horizontal=True):
        for row in rows[:SUGGESTED].tolist():
            st.button(
                data.ids[row],
                key=f"suggested-{row}",
                type="tertiary",
                on_click=focus.focus_image,
                args=(data.ids[row],),
            )


def alike(run: Run, rows: Ints, seen: Look) -> None:
    """Draw images with their cosines to the one that is shown."""
    data, bins = run.dataset, run.bins
    colours = palette.bin_colours(bins.n_bins, session.is_dark())
    same, names = set(seen.twins.tolist()), [summaries.class_word(name) for name in data.class_names]
    tiles = [
        Tile(
            caption=f"{'same' if row in same else f'{seen.cosines[row]:.3f}'} · {names[data.labels[row]]}",
            title=f"cosine {seen.cosines[row]:.4f} · {layout.describe(run, row, with_bin=True)}",
            edge=colours[bins.bin_of[row]],
            faded=not run.selection.selected[row],
            image=data.ids[row],
        )
        for row in rows.tolist()
    ]
    st.html(sheet.gallery(np.ascontiguousarray(vector_tiles.pictures(data)[rows]), tiles, 96))


def look(run: Run, row: int) -> Look:
    """Return what is looked up about one image, shown with a bar while it takes time and then remembered."""
    key = derive_key("look", run.key("embeddings"), row)
    found: Look = _remembered(key, "Looking for images like this one", lambda progress: _look(run, row, progress))
    return found


def ground(run: Run) -> Ground:
    """Return how alike images of this set are, looked up once for a set and its embedding."""
    found: Ground = _remembered(
        derive_key("ground", run.key("embeddings")), "Seeing how alike images are here", lambda progress: _ground(run)
    )
    return found


def duplicates(seen: Look, limit: float, row: int) -> Ints:
    """Return the rows that may be duplicates of this one: the same pixels first, then the nearest above the limit."""
    others = np.ones(len(seen.cosines), bool)
    others[row] = False
    others[seen.twins] = False
    return np.concatenate([seen.twins, most_similar_rows(seen.cosines, others & (seen.cosines >= limit), len(others))])


def stand_ins(seen: Look, selected: Bools, row: int, most: int) -> Ints:
    """Return the kept rows nearest to this one, itself left out."""
    kept = selected.copy()
    kept[row] = False
    return most_similar_rows(seen.cosines, kept, most)


def _look(run: Run, row: int, progress: Progress) -> Look:
    cosines = cosines_to(run.embeddings.vectors, row, progress)
    others = cosines >= SAME
    others[row] = False
    candidates = np.sort(most_similar_rows(cosines, others, MOST_TWINS))
    return Look(
        cosines=cosines,
        texture=texture_map(run.dataset.read(row)) if run.dataset.has_images else np.zeros((1, 1)),
        twins=candidates[same_pixels(run.dataset, row, candidates)],
    )


def _ground(run: Run) -> Ground:
    vectors = run.embeddings.vectors
    return Ground(random_pair_cosines(vectors), near_duplicate_threshold(nearest_cosine_sample(vectors)))


@st.cache_resource(show_spinner=False)
def _shelf() -> OrderedDict[str, Any]:
    return OrderedDict()


def _remembered(key: str, title: str, work: Callable[[Progress], Any]) -> Any:
    """Return what `work` makes; kept apart from the jobs, whose few places are for larger things."""
    shelf = _shelf()
    found = shelf.pop(key, None)
    if found is None:
        found = session.compute_cached(key, title, work)
        session.jobs().forget(key)
    shelf[key] = found
    while len(shelf) > KEPT:
        shelf.popitem(last=False)
    return found
