"""Columns of the image browser: values per image that a tooltip shows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from adq_core.records import Floats


@dataclass(frozen=True, eq=False)
class ImageColumn:
    """One number per image, or with `texts` the index of a text; `is_position`: it counts from 0, and users from 1."""

    label: str
    values: Floats  # (M,) in row order; NaN: the image has no value
    texts: tuple[str, ...] | None = None
    is_position: bool = False

    def text(self, row: int) -> str:
        """Return the value of an image as text; an empty text if the image has no value."""
        value = float(self.values[row])
        if np.isnan(value):
            return ""
        if self.texts is not None:
            return self.texts[int(value)]
        if self.is_position:
            return f"{int(value) + 1:,}"
        return f"{int(value):,}" if value.is_integer() and abs(value) < 1e15 else f"{value:,.4g}"
