"""Tiles for vectors that have no image: their numbers as grey cells. No Streamlit in here."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from adq_core.data import ImageDataset
from adq_core.records import Floats, Ints

MOST = 64  # cells a side; a vector of more than 4,096 numbers shows its first ones
SAMPLE = 500  # rows that the scale is taken from
ABSENT = 128  # the grey of cells beyond the last number


class Tiles:
    """Tiles by row, drawn when asked for, with the indexing of an array of thumbnails."""

    def __init__(self, vectors: Floats) -> None:
        self.vectors = vectors
        rows = np.linspace(0, len(vectors) - 1, min(SAMPLE, len(vectors))).astype(int)
        self.low, self.high = np.quantile(np.asarray(vectors[rows], np.float64), [0.01, 0.99])

    def __getitem__(self, rows: int | Ints) -> NDArray[np.uint8]:
        """Return (T, T, 3), or (K, T, T, 3) for K rows: number after number, line by line, dark low and light high.

        T is the smallest square that holds all numbers, 64 at most; the scale is the whole set's, its lowest and
        highest hundredth cut off, so that equal greys are equal numbers in every tile.
        """
        some = np.asarray(self.vectors[np.atleast_1d(rows)], np.float64)  # (K, d)
        side = min(MOST, math.ceil(math.sqrt(some.shape[1])))
        shown = some[:, : side * side]
        span = self.high - self.low
        level = (shown - self.low) / span if span > 0 else np.full_like(shown, 0.5)
        cells = np.full((len(shown), side * side), ABSENT, np.uint8)
        cells[:, : shown.shape[1]] = np.rint(255 * np.clip(level, 0, 1))
        tiles = np.repeat(cells.reshape(-1, side, side, 1), 3, axis=3)
        return tiles if np.ndim(rows) else tiles[0]


def pictures(data: ImageDataset) -> NDArray[np.uint8] | Tiles:
    """Return what stands for each row on the screen: its thumbnail, or where there is no image its vector's tile."""
    return data.thumbnails if data.vectors is None else Tiles(data.vectors)


def explained(data: ImageDataset) -> str:
    """Return how to read a page about vectors without images; nothing for images."""
    if data.vectors is None:
        return ""
    size = data.vectors.shape[1]
    numbers = f"its {size:,} numbers" if size <= MOST**2 else f"the first {MOST**2:,} of its {size:,} numbers"
    return (
        "These are vectors without images: where a page says image it means one vector, and a tile is no picture but "
        f"{numbers}, line by line, dark where low and light where high."
    )
