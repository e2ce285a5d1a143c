"""Positions of labels on the map, and the order of the images in the playback."""

from __future__ import annotations

import numpy as np

from adq_core.records import Floats, Ints


def label_places(xy: Floats, bin_of: Ints, n_bins: int, *, cells: int = 48) -> Floats:
    """Return (n_bins, 2) the position of each bin's label: the densest place of the bin that is still free.

    Density is counted on a grid of `cells` x `cells` and smoothed over 3 x 3 cells. A place is free if it is further
    than an eighth of the map's width or a twentieth of its height from all labels so far; a bin without a free place
    gets its densest place.
    """
    low = xy.min(0)
    span = np.maximum(xy.max(0) - low, 1e-9)
    cell = np.minimum(((xy - low) / span * cells).astype(np.int64), cells - 1)  # (M, 2)
    flat = bin_of.astype(np.int64) * cells * cells + cell[:, 1] * cells + cell[:, 0]
    count = np.bincount(flat, minlength=n_bins * cells * cells).reshape(n_bins, cells, cells).astype(np.float64)
    padded = np.pad(count, ((0, 0), (1, 1), (1, 1)))
    dense = np.sum([padded[:, i : i + cells, j : j + cells] for i in range(3) for j in range(3)], axis=0)
    free = np.ones((cells, cells), bool)
    rows, cols = np.mgrid[:cells, :cells]
    places = np.empty((n_bins, 2))
    for n in range(n_bins):
        density = np.where(free & (dense[n] > 0), dense[n], -1.0)
        best = int(np.argmax(density if density.max() > 0 else dense[n]))
        row, col = divmod(best, cells)
        places[n] = low + (np.array([col, row]) + 0.5) / cells * span
        free &= (abs(cols - col) > cells / 8) | (abs(rows - row) > cells / 20)
    return places


def greedy_order(bin_of: Ints, rank: Ints, labels: Ints) -> Ints:
    """Return (M,) the position of each image when the order of the greedy selection is played bin after bin.

    The greedy algorithm fills a bin class by class; played that way, half of the map would stay dark for a long time.
    So within a bin the classes alternate: images are sorted by (r + 1/2) / s, where s is the number of images of the
    class in the bin and r the rank among them. Within a class the order is that of the greedy algorithm.
    """
    m = len(bin_of)
    by_rank = np.lexsort((rank, labels, bin_of))
    group = bin_of[by_rank].astype(np.int64) * (int(labels.max()) + 1) + labels[by_rank]
    size = np.bincount(group)
    turn = (np.arange(m) - (np.cumsum(size) - size)[group] + 0.5) / size[group]
    order = by_rank[np.lexsort((labels[by_rank], turn, bin_of[by_rank]))]
    place = np.empty(m, np.int64)
    place[order] = np.arange(m)
    return place
