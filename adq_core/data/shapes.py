"""The built-in set `shapes`: 10,000 images drawn by us, about which everything is known.

Ten kinds of shape, a thousand images each, on a plain ground, with a grain over the whole picture whose strength is the
texture dial; some are near duplicates of each other and some are outliers. `shapes_truth` says which.

Pixels follow from the parameters by sums, products and comparisons of float32 alone, which every machine rounds in the
same way, so the data set has the same key everywhere.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adq_core.records import Floats, Ints

from .arrays import chunks, dataset_from_arrays
from .dataset import ImageDataset

SIDE = 32  # pixels
PER_CLASS = 1000
SEED = 20250
GRAIN = 40.0  # grey levels: the greatest swing of the grain at texture dial 1
GROUPS = ((200, 2), (60, 5), (20, 10))  # (how many, of how many images each): the planted near duplicates
JITTER = 3  # grey levels by which a pixel of a near duplicate differs at most from the next one
PER_OUTLIER = 40  # outliers of each kind

NORMAL, MISLABELLED, NOISE, BLANK = 0, 1, 2, 3
OUTLIER_KINDS = ("", "mislabelled", "noise", "blank")  # what the numbers in `ShapesTruth.outlier` mean

Plane = NDArray[Any]  # float32


@dataclass(frozen=True, eq=False)
class ShapesTruth:
    """What is known of each image of `shapes`, in row order."""

    texture_dial: Floats  # (10000,) 0..1, the strength of the grain; NaN for noise and blank images
    duplicate_group: Ints  # (10000,) number of the group of near duplicates, or -1; groups stay within a class
    outlier: Ints  # (10000,) 0, or a place in OUTLIER_KINDS; outliers are never near duplicates
    drawn_kind: Ints  # (10000,) which shape is to be seen: the label, but for the mislabelled


@dataclass(frozen=True, eq=False)
class Drawing:
    """The parameters of images that are not drawn yet; every array has one row an image."""

    kind: Ints  # (n,) a place in SHAPES
    centre: Plane  # (n, 2) y, x in pixels
    radius: Plane  # (n,) pixels
    turn: Plane  # (n, 2) cosine and sine of the angle
    paint: Plane  # (n, 3) RGB of the shape
    ground: Plane  # (n, 3) RGB of what is behind it
    dial: Plane  # (n,) 0..1
    grain: NDArray[np.int8]  # (n, 32, 32) -1 or 1


def shapes(about: str = "") -> ImageDataset:
    """Return 10,000 drawn 32 x 32 images in ten classes, shuffled, always the same ones."""
    images, labels, _ = _made()
    return dataset_from_arrays(images, labels, tuple(SHAPES), name="shapes", about=about)


def shapes_truth() -> ShapesTruth:
    """Return what is known of the images of `shapes`: texture, near duplicates, outliers."""
    return _made()[2]


def draw(drawing: Drawing) -> NDArray[np.uint8]:
    """Return the (n, 32, 32, 3) images of these parameters.

    All else equal, a higher dial gives an image with more texture (mean absolute Sobel response): the grain adds
    dial * 40 grey levels to some pixels and takes them from the others, and colours keep that distance from 0 and 255.
    """
    pictures = np.empty((len(drawing.kind), SIDE, SIDE, 3), dtype=np.uint8)
    y, x = np.mgrid[:SIDE, :SIDE].astype(np.float32)
    outlines = list(SHAPES.values())
    for kind in np.unique(drawing.kind):
        of_kind = np.flatnonzero(drawing.kind == kind)
        for part in chunks(len(of_kind), 500):
            rows = of_kind[part]
            dy, dx = (drawing.centre[rows, k][:, None, None] for k in (0, 1))
            cos, sin = (drawing.turn[rows, k][:, None, None] for k in (0, 1))
            r = drawing.radius[rows][:, None, None]
            v, u = ((y - dy) * cos + (x - dx) * sin) / r, ((x - dx) * cos - (y - dy) * sin) / r
            cover = np.clip(np.float32(0.5) - outlines[kind](v, u) * r, 0, 1)[..., None]  # soft by one pixel
            colour = (
                drawing.ground[rows][:, None, None, :] * (1 - cover) + drawing.paint[rows][:, None, None, :] * cover
            )
            grain = drawing.grain[rows] * (drawing.dial[rows] * np.float32(GRAIN))[:, None, None]
            pictures[rows] = np.clip(np.rint(colour + grain[..., None]), 0, 255).astype(np.uint8)
    return pictures


def random_drawing(kind: Ints, rng: np.random.Generator) -> Drawing:
    """Return random parameters for shapes of these kinds; paint and ground differ by 60 or more in one channel."""
    n = len(kind)
    angle = rng.uniform(0, 2 * np.pi, n)
    ground = rng.integers(45, 211, (n, 3))
    paint = rng.integers(45, 211, (n, 3))
    channel = np.arange(n) % 3
    far = (ground[np.arange(n), channel] + rng.integers(60, 107, n) - 45) % 166 + 45
    paint[np.arange(n), channel] = far
    turn = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return Drawing(
        kind=kind,
        centre=rng.integers(13 * 8, 18 * 8 + 1, (n, 2)).astype(np.float32) / 8,
        radius=rng.integers(8 * 8, 11 * 8 + 1, n).astype(np.float32) / 8,
        turn=(np.rint(turn * 1024) / 1024).astype(np.float32),  # rounded: libraries differ in a cosine's last digit
        paint=paint.astype(np.float32),
        ground=ground.astype(np.float32),
        dial=rng.permutation(n).astype(np.float32) / np.float32(max(n - 1, 1)),
        grain=rng.integers(0, 2, (n, SIDE, SIDE), dtype=np.int8) * np.int8(2) - np.int8(1),
    )


@lru_cache(maxsize=1)
def _made() -> tuple[NDArray[np.uint8], Ints, ShapesTruth]:
    rng = np.random.default_rng(SEED)
    c, m = len(SHAPES), len(SHAPES) * PER_CLASS
    labels = rng.permutation(m) % c
    free = {label: list(rng.permutation(np.flatnonzero(labels == label))) for label in range(c)}

    group = np.full(m, -1)
    members_of = [members for count, members in GROUPS for _ in range(count)]
    for number, members in enumerate(members_of):
        group[[free[number % c].pop() for _ in range(members)]] = number
    outlier = np.zeros(m, dtype=np.int64)
    for kind in (MISLABELLED, NOISE, BLANK):
        for i in range(PER_OUTLIER):
            outlier[free[i % c].pop()] = kind

    drawn = np.where(outlier == MISLABELLED, (labels + rng.integers(1, c, m)) % c, labels)
    drawing = random_drawing(drawn, rng)
    images = draw(drawing)
    dial = drawing.dial.astype(np.float64)

    for number in range(len(members_of)):
        first, *others = np.flatnonzero(group == number)
        jitter = rng.integers(-JITTER, JITTER + 1, (len(others), SIDE, SIDE, 3))
        images[others] = np.clip(images[first].astype(np.int64) + jitter, 0, 255)
        dial[others] = dial[first]
    noise, blank = np.flatnonzero(outlier == NOISE), np.flatnonzero(outlier == BLANK)
    images[noise] = rng.integers(0, 256, (len(noise), SIDE, SIDE, 3))
    images[blank] = rng.integers(0, 256, (len(blank), 1, 1, 3))
    dial[noise] = dial[blank] = np.nan
    for array in (images, labels, dial, group, outlier, drawn):
        array.flags.writeable = False
    return images, labels, ShapesTruth(dial, group, outlier, drawn)


# Each outline is a function of (v, u), the place in units of the radius with the shape upright, v downwards: negative
# inside, positive outside, and about the distance to the edge near it.
def _disc(v: Plane, u: Plane) -> Plane:
    edge: Plane = (v * v + u * u - 1) / 2
    return edge


def _ring(v: Plane, u: Plane) -> Plane:
    return np.maximum(_disc(v, u), -_disc(v / np.float32(0.6), u / np.float32(0.6)) * np.float32(0.6))


def _crescent(v: Plane, u: Plane) -> Plane:
    return np.maximum(_disc(v, u), -_disc(v / np.float32(0.8), (u - np.float32(0.5)) / np.float32(0.8)))


def _box(v: Plane, u: Plane, height: float, width: float) -> Plane:
    return np.maximum(np.abs(v) - np.float32(height), np.abs(u) - np.float32(width))


def _square(v: Plane, u: Plane) -> Plane:
    return _box(v, u, 0.8, 0.8)


def _frame(v: Plane, u: Plane) -> Plane:
    return np.maximum(_box(v, u, 0.85, 0.85), -_box(v, u, 0.5, 0.5))


def _bar(v: Plane, u: Plane) -> Plane:
    return _box(v, u, 0.3, 1.0)


def _cross(v: Plane, u: Plane) -> Plane:
    return np.minimum(_box(v, u, 0.3, 1.0), _box(v, u, 1.0, 0.3))


def _triangle(v: Plane, u: Plane) -> Plane:
    return np.maximum(v - np.float32(0.6), np.abs(u) * np.float32(0.87) - v * np.float32(0.5) - np.float32(0.55))


def _star(v: Plane, u: Plane) -> Plane:
    return np.minimum(_triangle(v, u), _triangle(-v, u))


def _dots(v: Plane, u: Plane) -> Plane:
    small = np.float32(0.45)
    return np.minimum(
        _disc(v / small, (u - np.float32(0.55)) / small), _disc(v / small, (u + np.float32(0.55)) / small)
    )


SHAPES: dict[str, Callable[[Plane, Plane], Plane]] = {
    "bar": _bar,
    "crescent": _crescent,
    "cross": _cross,
    "disc": _disc,
    "dots": _dots,
    "frame": _frame,
    "ring": _ring,
    "square": _square,
    "star": _star,
    "triangle": _triangle,
}
