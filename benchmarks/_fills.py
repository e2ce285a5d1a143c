"""Dropped patches filled without any weights, for `bench_weights.py` to compare with; not a benchmark by itself."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.linalg import splu

sys.path.insert(0, str(Path(__file__).parents[1]))

from adq_core.digests import content_digest
from adq_core.patches import known_pixels, psnr_dropped, top_patches
from adq_core.texture import texture_map
from benchmarks import _report

PATCH_SIZE = 4
SETTINGS = {  # as in the cards: how patches are dropped, and which share
    "random 25 %": ("random", 0.25),
    "texture 25 %": ("texture", 0.25),
    "random 50 %": ("random", 0.5),
    "texture 50 %": ("texture", 0.5),
}
AT_64 = ("random 25 %", "texture 25 %")  # on the photographs


def masks(images: np.ndarray, how: str, dropped: float) -> np.ndarray:
    """Return (K, L) True = kept."""
    cells = images.shape[1] // PATCH_SIZE
    if how == "random":
        ranking = np.random.default_rng(0).random((len(images), cells * cells))
    else:
        maps = np.stack([texture_map(image) for image in images])
        ranking = maps.reshape(len(images), cells, PATCH_SIZE, cells, PATCH_SIZE).mean((2, 4)).reshape(len(images), -1)
    return top_patches(ranking, 1 - dropped)


def operator(side: int, radius: int, times: int) -> csr_array:
    """The Laplacian, `times` times, as a matrix (pixels, pixels); at the border as scikit-image has it."""
    from scipy.ndimage import laplace

    matrix = np.zeros((side, side, side, side))
    for y in range(side):
        for x in range(side):
            top, left = max(y - radius, 0), max(x - radius, 0)
            impulse = np.zeros((min(y + radius + 1, side) - top, min(x + radius + 1, side) - left))
            impulse[y - top, x - left] = 1
            for _ in range(times):
                impulse = laplace(impulse)
            matrix[y, x, top : top + impulse.shape[0], left : left + impulse.shape[1]] = impulse
    return csr_array(matrix.reshape(side * side, side * side))


def solved(images: np.ndarray, known: np.ndarray, matrix: csr_array) -> np.ndarray:
    """Fill every image so that the operator is zero at its unknown pixels; clipped to the known values' range."""
    filled = images.astype(np.float64) / 255
    for image, mask in zip(filled, known.reshape(len(images), -1), strict=True):
        values = image.reshape(-1, 3)
        rows = matrix[np.flatnonzero(~mask)]
        inner, outer = rows[:, np.flatnonzero(~mask)].tocsc(), rows[:, np.flatnonzero(mask)]
        answer = splu(inner).solve(-(outer @ values[mask]))
        values[~mask] = np.clip(answer, values[mask].min(0), values[mask].max(0))
    return filled


def nearest_patch(images: np.ndarray, keep: np.ndarray) -> np.ndarray:
    """Copy the nearest kept patch into every dropped one; the earlier one where two are as near."""
    cells = images.shape[1] // PATCH_SIZE
    places = np.stack(np.divmod(np.arange(cells * cells), cells), 1)
    distance = ((places[:, None] - places) ** 2).sum(2)
    patches = images.reshape(len(images), cells, PATCH_SIZE, cells, PATCH_SIZE, 3).swapaxes(2, 3)
    patches = patches.reshape(len(images), cells * cells, PATCH_SIZE, PATCH_SIZE, 3)
    source = np.where(keep[:, None], distance, 10**6).argmin(2)  # (K, L); a kept patch is its own nearest
    filled = patches[np.arange(len(images))[:, None], source]
    return filled.reshape(len(images), cells, cells, PATCH_SIZE, PATCH_SIZE, 3).swapaxes(2, 3).reshape(images.shape)


def fills(images: np.ndarray, photos: np.ndarray, file: str = "fills") -> dict[str, Any]:
    """Write and return results/<file>.json: the scores of the fills that need no weights, on both sets of images."""
    matrices = {"harmonic": operator(32, 1, 1), "biharmonic": operator(32, 2, 2)}
    table: dict[str, dict[str, float]] = {}
    for setting, how in SETTINGS.items():
        keep = masks(images, *how)
        known = known_pixels(images, keep, patch_size=PATCH_SIZE)
        found = {name: solved(images, known, matrix) for name, matrix in matrices.items()}
        found["mean of harmonic and biharmonic"] = (found["harmonic"] + found["biharmonic"]) / 2
        painted = {"nearest patch": nearest_patch(images, keep)}
        painted |= {name: (255 * filled).round().astype(np.uint8) for name, filled in found.items()}
        for name, result in painted.items():
            table.setdefault(name, {})[setting] = round(psnr_dropped(images, result, keep, patch_size=PATCH_SIZE), 2)
    larger: dict[str, dict[str, float]] = {"harmonic": {}}
    for setting in AT_64:
        keep = masks(photos, *SETTINGS[setting])
        filled = solved(photos, known_pixels(photos, keep, patch_size=PATCH_SIZE), operator(64, 1, 1))
        result = (255 * filled).round().astype(np.uint8)
        larger["harmonic"][setting] = round(psnr_dropped(photos, result, keep, patch_size=PATCH_SIZE), 2)
    path = _report.write(
        file,
        [{"method": name, **row} for name, row in table.items()],
        "How well are dropped patches painted without any weights?",
        images=content_digest(images, photos),
        psnr_db=table,
        psnr_db_photos_64=larger,
        biharmonic_difference_to_scikit_image=difference_to_scikit_image(images[:8]),
    )
    written: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return written


def difference_to_scikit_image(images: np.ndarray) -> float:
    """The largest difference, in grey levels, between our biharmonic fill and scikit-image's on a few images."""
    from skimage.restoration import inpaint_biharmonic

    keep = masks(images, "random", 0.5)
    known = known_pixels(images, keep, patch_size=PATCH_SIZE)
    ours = solved(images, known, operator(images.shape[1], 2, 2))
    theirs = [inpaint_biharmonic(i / 255, ~k, channel_axis=-1) for i, k in zip(images, known, strict=True)]
    return float(np.abs(ours - np.stack(theirs)).max() * 255)
