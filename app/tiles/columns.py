"""Columns of the image browser: values per image, by which the images are sorted, and which a tooltip shows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from adq_core.records import Floats, Ints


@dataclass(frozen=True, eq=False)
class ImageColumn:
    """One value per image: a number, or with `names` the index of a name."""

    label: str
    values: Floats | Ints  # (M,) in row order; NaN: the image has no value
    names: tuple[str, ...] | None = None

    def text(self, row: int) -> str:
        """Return the value of an image as text; an empty text if the image has no value."""
        value = self.values[row]
        if self.names is not None:
            return self.names[int(value)]
        if np.issubdtype(self.values.dtype, np.integer) or np.issubdtype(self.values.dtype, np.bool_):
            return f"{int(value):,}"
        return "" if np.isnan(value) else f"{float(value):,.4g}"


def order_by(values: Floats | Ints, rows: Ints, *, descending: bool = False) -> Ints:
    """Return `rows` sorted by their values; equal values stay in the order of `rows`, and NaN comes last."""
    wanted = np.asarray(values)[rows]
    is_missing = np.isnan(wanted) if np.issubdtype(wanted.dtype, np.floating) else np.zeros(len(rows), np.bool_)
    present = np.flatnonzero(~is_missing)
    keys = wanted[present]
    if descending:  # ranks instead of values: a negated unsigned number would wrap
        _, ranks = np.unique(keys, return_inverse=True)
        keys = -ranks.astype(np.int64)
    ordered = present[np.argsort(keys, kind="stable")]
    return np.asarray(rows[np.concatenate([ordered, np.flatnonzero(is_missing)])], np.int64)
