"""Find an image by its id, step to its neighbours, and compute its similarity to the other images."""

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
    rows_of_bin,
    same_pixels,
)
from adq_core.texture import texture_map
from app import session
from app.blocks import layout
from app.images import sheet, vector_tiles
from app.images.sheet import Tile
from app.state import focus
from app.text.format import class_label
from app.text.markdown import escape

CACHE_SIZE = 48  # results on the server, with M cosines each
IDENTICAL_COSINE = 0.999  # least cosine of images with the same pixels; batches change a network's output slightly
MAX_PIXEL_COMPARISONS = 200
MAX_SUGGESTIONS = 8


@dataclass(frozen=True, eq=False)
class ImageFacts:
    """The similarity of one image to all others, and its texture map."""

    cosines: Floats  # (M,) to every image
    texture: Floats  # (H, W); (1, 1) zeros if the set has no images
    identical: Ints  # other rows with the same pixels, ascending


@dataclass(frozen=True, eq=False)
class SimilarityBaseline:
    """The usual similarity of images of a set."""

    pairs: Floats  # cosines of random pairs, ascending
    duplicate: float  # cosine from which two images may be duplicates

    def share_more_similar(self, cosine: float) -> float:
        """Return the share of random pairs with a larger cosine, from 0 to 1."""
        return float((self.pairs > cosine + 1e-9).mean()) if self.pairs.size else 0.0  # ignores rounding errors


def default_row(run: Run, number: int) -> int:
    """Return the last selected row of a bin, or its first row if none is selected."""
    rows = rows_of_bin(run.bins.bin_of, run.draw_order.draw_position, number)
    return int(rows[max(0, int(run.quotas.quota[number]) - 1)])


def greedy_order_of(run: Run, row: int) -> Ints:
    """Return the rows of an image's class, or of the whole set if it is one pool, in greedy order."""
    pooled = run.settings.pool == "all"
    rows = np.arange(len(run.dataset)) if pooled else np.flatnonzero(run.dataset.labels == run.dataset.labels[row])
    return np.asarray(rows[np.argsort(run.bins.rank[rows], kind="stable")])


def with_row(shown: Ints, rows: Ints, row: int) -> Ints:
    """Return the rows that are shown, in the order of `rows`, and this row even if it does not match the filter."""
    return shown if row in shown else np.asarray(rows[np.isin(rows, shown) | (rows == row)])


def neighbours(rows: Ints, row: int) -> tuple[int | None, int | None]:
    """Return the rows before and after `row`, None at an end."""
    at = int(np.flatnonzero(rows == row)[0])
    return (int(rows[at - 1]) if at else None), (int(rows[at + 1]) if at + 1 < len(rows) else None)


def percentile(values: Floats, value: float) -> float:
    """Return the share of values below this one, from 0 to 1; equal values count half."""
    return float(((values < value).sum() + 0.5 * (values == value).sum()) / len(values))


def step(label: str, row: int | None, data: ImageDataset, icon: str, shortcut: str | None = None) -> None:
    """Draw a button that opens another image; it is disabled if `row` is None."""
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
    """Draw the first ids that contain the search text, as buttons."""
    st.caption(f"{len(rows):,} ids contain this text; the page shows the first.")
    with st.container(horizontal=True):
        for row in rows[:MAX_SUGGESTIONS].tolist():
            st.button(
                escape(data.ids[row]),
                key=f"suggested-{row}",
                type="tertiary",
                on_click=focus.focus_image,
                args=(data.ids[row],),
            )


def similar_images(run: Run, rows: Ints, facts: ImageFacts) -> None:
    """Draw images with their cosines to the image of the page."""
    data, bins = run.dataset, run.bins
    colours = layout.current_theme().bins(bins.n_bins)
    identical, names = set(facts.identical.tolist()), [class_label(name) for name in data.class_names]
    tiles = [
        Tile(
            caption=f"{'same' if row in identical else f'{facts.cosines[row]:.3f}'} · {names[data.labels[row]]}",
            title=f"cosine {facts.cosines[row]:.4f} · {layout.describe(run, row, with_bin=True)}",
            edge=colours[bins.bin_of[row]],
            faded=not run.selection.selected[row],
            image=data.ids[row],
        )
        for row in rows.tolist()
    ]
    st.html(sheet.gallery(np.ascontiguousarray(vector_tiles.thumbnails_or_tiles(data)[rows]), tiles, 96))


def facts_of(run: Run, row: int) -> ImageFacts:
    """Return the similarity and the texture of one image from the cache, or compute them with a progress bar."""
    key = derive_key("look", run.key("embeddings"), row)
    facts: ImageFacts = _cached(key, "Searching for similar images", lambda progress: _facts(run, row, progress))
    return facts


def baseline_of(run: Run) -> SimilarityBaseline:
    """Return the usual similarity of images of this set and embedding, computed once."""
    key = derive_key("ground", run.key("embeddings"))
    title = "Measuring the similarity of random pairs"
    baseline: SimilarityBaseline = _cached(key, title, lambda progress: _baseline(run))
    return baseline


def possible_duplicates(facts: ImageFacts, threshold: float, row: int) -> Ints:
    """Return the rows with the same pixels, then the others with a cosine of at least `threshold`, highest first."""
    others = facts.cosines >= threshold
    others[row] = False
    others[facts.identical] = False
    return np.concatenate([facts.identical, most_similar_rows(facts.cosines, others, len(others))])


def similar_selected(facts: ImageFacts, selected: Bools, row: int, max_rows: int) -> Ints:
    """Return the selected rows most similar to this one, without itself."""
    others = selected.copy()
    others[row] = False
    return most_similar_rows(facts.cosines, others, max_rows)


def _facts(run: Run, row: int, progress: Progress) -> ImageFacts:
    cosines = cosines_to(run.embeddings.vectors, row, progress)
    others = cosines >= IDENTICAL_COSINE
    others[row] = False
    candidates = np.sort(most_similar_rows(cosines, others, MAX_PIXEL_COMPARISONS))
    return ImageFacts(
        cosines=cosines,
        texture=texture_map(run.dataset.read(row)) if run.dataset.has_images else np.zeros((1, 1)),
        identical=candidates[same_pixels(run.dataset, row, candidates)],
    )


def _baseline(run: Run) -> SimilarityBaseline:
    vectors = run.embeddings.vectors
    return SimilarityBaseline(random_pair_cosines(vectors), near_duplicate_threshold(nearest_cosine_sample(vectors)))


@st.cache_resource(show_spinner=False)
def _cache() -> OrderedDict[str, Any]:
    return OrderedDict()


def _cached(key: str, title: str, work: Callable[[Progress], Any]) -> Any:
    return session.compute_remembered(_cache(), CACHE_SIZE, key, title, work)
