"""Positions of labels on a map: at the densest place of each group."""

from __future__ import annotations

import numpy as np

from ..records import Floats, Ints


def label_places(xy: Floats, group_of: Ints, n_groups: int, *, cells: int = 48) -> Floats:
    """Return (n_groups, 2) the position of each group's label: the densest place of the group that is still free.

    Density is counted on a grid of `cells` x `cells` and smoothed over 3 x 3 cells. A place is free if it is further
    than an eighth of the map's width or a twentieth of its height from all labels so far; a group without a free place
    gets its densest place.
    """
    low = xy.min(0)
    span = np.maximum(xy.max(0) - low, 1e-9)
    cell = np.minimum(((xy - low) / span * cells).astype(np.int64), cells - 1)  # (M, 2)
    flat = group_of.astype(np.int64) * cells * cells + cell[:, 1] * cells + cell[:, 0]
    count = np.bincount(flat, minlength=n_groups * cells * cells).reshape(n_groups, cells, cells).astype(np.float64)
    padded = np.pad(count, ((0, 0), (1, 1), (1, 1)))
    dense = np.sum([padded[:, i : i + cells, j : j + cells] for i in range(3) for j in range(3)], axis=0)
    free = np.ones((cells, cells), bool)
    rows, cols = np.mgrid[:cells, :cells]
    places = np.empty((n_groups, 2))
    for n in range(n_groups):
        density = np.where(free & (dense[n] > 0), dense[n], -1.0)
        best = int(np.argmax(density if density.max() > 0 else dense[n]))
        row, col = divmod(best, cells)
        places[n] = low + (np.array([col, row]) + 0.5) / cells * span
        free &= (abs(cols - col) > cells / 8) | (abs(rows - row) > cells / 20)
    return places
