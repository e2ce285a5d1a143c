"""Columns of a run: one value per image, by name, for filters, sorting, colours and histograms.

The columns of the stages are there when their stage is. `SLOW` columns are computed when they are first read, and kept
in the store.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple
from weakref import WeakKeyDictionary

import numpy as np

from adq_core.checks import find_duplicates, image_hashes
from adq_core.data import ImageDataset, is_numeric
from adq_core.embeddings import same_class_share
from adq_core.pipeline import Run
from adq_core.probes import out_of_fold_margins, probe_features

from .digests import derive_key
from .errors import InputError
from .progress import Progress
from .records import Floats, ImageScores, Ints

VERSION = 1  # of the slow columns


class ColumnInfo(NamedTuple):
    """A column of numbers: its name on the screen, the stages that it needs, and what it means."""

    label: str
    stages: tuple[str, ...]
    about: str


NUMBERS: dict[str, ColumnInfo] = {
    "texture": ColumnInfo("texture", ("texture",), "Mean strength of the edges in the grey image."),
    "gain": ColumnInfo("gain", ("bins",), "Gain of the greedy algorithm when it took the image."),
    "margin": ColumnInfo(
        "margin",
        ("embeddings",),
        "Score of the own class minus the largest other score, by a probe that has not seen the image. Below 0: the "
        "image is hard, ambiguous or has a wrong label.",
    ),
    "agreement": ColumnInfo(
        "neighbour agreement",
        ("embeddings",),
        "Share of the ten nearest images (of at most 20,000) that have the class of the image.",
    ),
    "rank": ColumnInfo("greedy position", ("bins",), "Position in its class at which the greedy algorithm took it."),
    "draw_position": ColumnInfo("draw position", ("draw_order",), "Position in the draw order of its bin."),
    "width": ColumnInfo("width", (), "Width of the image in pixels."),
    "height": ColumnInfo("height", (), "Height of the image in pixels."),
}
OTHERS = ("id", "class", "bin", "selected")  # columns for sorting that are no numbers
SLOW = {  # column: its title while it is computed
    "margin": "Measuring the margins",
    "agreement": "Comparing neighbours",
    "duplicate": "Looking for near duplicates",
}

OWN = "A column of the data set's own table."
_codes: WeakKeyDictionary[ImageDataset, dict[str, tuple[Ints, tuple[str, ...]]]] = WeakKeyDictionary()
_folded: WeakKeyDictionary[ImageDataset, tuple[str, ...]] = WeakKeyDictionary()


def number_columns(run: Run) -> dict[str, ColumnInfo]:
    """Return the columns of numbers that this run has, by name; computes nothing."""
    data = run.dataset
    lacking = set() if data.has_images else {"texture", "width", "height"}
    if not has_margins(data):
        lacking |= {"margin", "agreement"}
    own = {name: ColumnInfo(name, (), OWN) for name, values in data.columns.items() if is_numeric(values)}
    return {name: info for name, info in NUMBERS.items() if name not in lacking} | own


def text_columns(run: Run) -> tuple[str, ...]:
    """Return the names of the own columns of texts."""
    return tuple(name for name, values in run.dataset.columns.items() if not is_numeric(values))


def texts_of(run: Run, name: str) -> tuple[Ints, tuple[str, ...]]:
    """Return an own column of texts as (codes (M,), texts): `texts[codes[i]]` is the text of image i, "" is missing.

    The texts are in alphabetical order, the missing one last. Computed once per open data set.

    Raises
    ------
    InputError
        If the data set has no column of texts with this name.
    """
    if name not in text_columns(run):
        raise InputError(f"{run.dataset.name} has no column of texts {name!r:.60}.")
    known = _codes.setdefault(run.dataset, {})
    if name not in known:
        values = run.dataset.columns[name].tolist()
        texts = tuple(sorted(set(values), key=lambda text: (text == "", text)))
        place = {text: code for code, text in enumerate(texts)}
        known[name] = np.array([place[text] for text in values], np.int64), texts
    return known[name]


def column_names(run: Run) -> tuple[str, ...]:
    """Return the names of all columns by which images can be sorted; computes nothing."""
    return (*OTHERS, *number_columns(run), *text_columns(run))


def has_margins(data: ImageDataset) -> bool:
    """Return whether images can have margins: two classes and five images are needed."""
    return data.n_classes >= 2 and len(data) >= 5


def numbers_of(run: Run, name: str) -> Floats:
    """Return the numbers of a column, (M,); computes them, and the stages before them, if they are not there.

    Raises
    ------
    InputError
        If the run has no column of numbers with this name.
    """
    if name not in number_columns(run):
        raise InputError(f"{run.dataset.name} has no column of numbers {name!r:.60}.")
    if name in SLOW:
        return slow_column(run, name)
    data = run.dataset
    if name in data.columns:
        return data.columns[name]
    read: dict[str, Callable[[], Floats | Ints]] = {
        "texture": lambda: run.texture.values,
        "gain": lambda: run.bins.gain,
        "rank": lambda: run.bins.rank,
        "draw_position": lambda: run.draw_order.draw_position,
        "width": lambda: data.sizes[:, 1],
        "height": lambda: data.sizes[:, 0],
    }
    return np.asarray(read[name](), np.float64)


def sort_values(run: Run, name: str) -> Floats:
    """Return numbers that sort the images by a column, (M,); nan is a missing value."""
    data = run.dataset
    if name == "id":
        return _order_of(np.array(data.ids, object))
    if name == "class":
        return _order_of(np.array(data.class_names, object))[data.labels]
    if name == "bin":
        return np.asarray(run.bins.bin_of, np.float64)
    if name == "selected":
        return np.asarray(run.selection.selected, np.float64)
    if name in text_columns(run):
        codes, texts = texts_of(run, name)
        return np.where(codes == texts.index("") if "" in texts else False, np.nan, codes)
    return numbers_of(run, name)


def sorted_rows(run: Run, rows: Ints, name: str, *, descending: bool = False) -> Ints:
    """Return these rows sorted by a column; equal values in the order of the rows, missing values at the end."""
    values = sort_values(run, name)[rows]
    return np.asarray(rows[np.argsort(-values if descending else values, kind="stable")])


def slow_key(run: Run, name: str) -> str:
    """Return the key of a slow column in the store."""
    if name == "duplicate":
        return derive_key("column", name, VERSION, run.dataset.key)
    return derive_key("column", name, VERSION, run.key("embeddings"), run.settings.seed if name == "margin" else 0)


def slow_ready(run: Run, name: str) -> bool:
    """Return whether a slow column is in the store."""
    return run.store.get(ImageScores, slow_key(run, name)) is not None


def slow_column(run: Run, name: str, progress: Progress | None = None) -> Floats:
    """Return a slow column, (M,), from the store, or compute it.

    margin: see `out_of_fold_margins`. agreement: see `same_class_share`. duplicate: the number of the group of images
    that look alike, -1 where none does; see `find_duplicates`.
    """
    key, report = slow_key(run, name), progress or run.progress

    def compute() -> ImageScores:
        return ImageScores(_computed(run, name, report), name, key)

    record = run.store.get_or_compute(ImageScores, key, compute, waiting=lambda: report(0, 1, SLOW[name]))
    return record.values


def _computed(run: Run, name: str, progress: Progress) -> Floats:
    data = run.dataset
    progress(0, 1, SLOW[name].lower())
    if name == "duplicate":
        if not data.has_images:
            return np.full(len(data), -1.0)
        return find_duplicates(data, image_hashes(data, progress=progress)).group_of.astype(np.float64)
    if not has_margins(data):
        raise InputError(f"{data.name} has no margins: two classes and five images are needed.")
    vectors = run.embeddings.vectors
    if name == "agreement":
        return same_class_share(vectors, data.labels, progress=progress)
    margin, _ = out_of_fold_margins(probe_features(vectors), data.labels, data.n_classes, seed=run.settings.seed)
    return margin


def folded_ids(data: ImageDataset) -> tuple[str, ...]:
    """Return the ids, casefolded; computed once per open data set."""
    if data not in _folded:
        _folded[data] = tuple(name.casefold() for name in data.ids)
    return _folded[data]


def _order_of(texts: np.ndarray) -> Floats:
    """Return the position of each text in alphabetical order, equal texts at the same position."""
    return np.unique(texts, return_inverse=True)[1].astype(np.float64)
