"""Tiles for vectors without images: their numbers as grey cells."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from adq_core.data import ImageDataset
from adq_core.records import Floats, Ints

MAX_CELLS = 64  # per side; of a vector of more than 4,096 numbers the first are shown
SAMPLE = 500  # rows from which the grey scale is estimated
EMPTY = 128  # grey of cells after the last number


class Tiles:
    """Tiles by row, computed on access; indexed like an array of thumbnails."""

    def __init__(self, vectors: Floats) -> None:
        self.vectors = vectors
        rows = np.linspace(0, len(vectors) - 1, min(SAMPLE, len(vectors))).astype(int)
        self.low, self.high = np.quantile(np.asarray(vectors[rows], np.float64), [0.01, 0.99])

    def __getitem__(self, rows: int | Ints) -> NDArray[np.uint8]:
        """Return (T, T, 3), or (K, T, T, 3) for K rows: the numbers of a vector line by line, dark low and light high.

        T is the smallest side that holds all numbers, at most 64. All tiles share one scale, from the 1st to the 99th
        percentile of the set, so equal greys are equal numbers in all tiles.
        """
        vectors = np.asarray(self.vectors[np.atleast_1d(rows)], np.float64)  # (K, d)
        side = min(MAX_CELLS, math.ceil(math.sqrt(vectors.shape[1])))
        shown = vectors[:, : side * side]
        span = self.high - self.low
        level = (shown - self.low) / span if span > 0 else np.full_like(shown, 0.5)
        cells = np.full((len(shown), side * side), EMPTY, np.uint8)
        cells[:, : shown.shape[1]] = np.rint(255 * np.clip(level, 0, 1))
        tiles = np.repeat(cells.reshape(-1, side, side, 1), 3, axis=3)
        return tiles if np.ndim(rows) else tiles[0]


def thumbnails_or_tiles(data: ImageDataset) -> NDArray[np.uint8] | Tiles:
    """Return the picture of each row: its thumbnail, or the tile of its vector if the set has no images."""
    return data.thumbnails if data.vectors is None else Tiles(data.vectors)


def tile_note(data: ImageDataset) -> str:
    """Return how to read a page about vectors without images; empty for images."""
    if data.vectors is None:
        return ""
    size = data.vectors.shape[1]
    numbers = f"{size:,} numbers" if size <= MAX_CELLS**2 else f"first {MAX_CELLS**2:,} of {size:,} numbers"
    return (
        "This data set has vectors without images. On every page, *image* means one vector, and a tile shows its "
        f"{numbers} line by line: dark is low, light is high."
    )
