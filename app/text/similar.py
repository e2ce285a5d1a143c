"""Sentences about the images most similar to another one."""

from __future__ import annotations

import numpy as np

from adq_core.data import ImageDataset
from adq_core.records import Bools, Floats, Ints

from .format import MAX_NAME, class_label, percent, shorten
from .markdown import escape


def nearest_numbers(
    cosines: Floats, rows: Ints, data: ImageDataset, label: int | None, selected: Bools
) -> dict[str, str]:
    """Return the numbers of the page, by their names; `rows` is not empty."""
    numbers = {"highest cosine": f"{cosines[rows[0]]:.3f}", "lowest cosine shown": f"{cosines[rows[-1]]:.3f}"}
    if label is not None:
        numbers["of its class"] = f"{int((data.labels[rows] == label).sum()):,} of {len(rows):,}"
    return numbers | {"selected": f"{int(selected[rows].sum()):,} of {len(rows):,}"}


def nearest_sentence(cosines: Floats, rows: Ints, pairs: Floats) -> str:
    """Return how similar the nearest of these rows is, compared with random pairs of the set."""
    if not rows.size:
        return "There is no other image to compare with."
    cosine = float(cosines[rows[0]])
    text = f"The nearest image has a cosine of {cosine:.3f}, a distance of {1 - cosine:.3f}."
    if pairs.size:
        text += f" {percent(float((pairs > cosine + 1e-9).mean()))} of random pairs of this set are more similar."
    return text


def classes_sentence(rows: Ints, data: ImageDataset, label: int | None, selected: Bools) -> str:
    """Return the classes of these rows, or how many have the class `label`; and how many are selected. Markdown."""
    if not rows.size:
        return ""
    count = len(rows)
    if label is not None and data.n_classes > 1:
        same = int((data.labels[rows] == label).sum())
        share = percent(float(data.class_counts[label] / len(data)))
        name = escape(class_label(data.class_names[label]))
        text = f"{same:,} of the {count:,} images below are of its class, {name}; in the set {share} are."
    else:
        counts = np.bincount(data.labels[rows], minlength=data.n_classes)
        largest = int(np.argmax(counts))
        name = escape(class_label(data.class_names[largest]))
        text = f"{int(counts[largest]):,} of the {count:,} images below are of {name}."
    return f"{text} {int(selected[rows].sum()):,} are selected."


def caption(cosine: float, name: str, *, is_selected: bool) -> str:
    """Return the caption of one similar image: its cosine, a tick if it is selected, and its class."""
    return f"{cosine:.3f}{' ✓' if is_selected else ''} · {shorten(name, MAX_NAME)}"
