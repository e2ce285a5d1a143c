"""What are the shipped weights good for? Neighbours of the same class, and dropped patches painted again.

    python benchmarks/bench_weights.py --cifar DIR

DIR holds CIFAR-10 as train_0.npz and test.npz, with images (N, 32, 32, 3) uint8 and labels. Every number in the cards
in assets/weights is printed by this script and lies in results/weights.json. The plain fills need most of the time and
no weights: their scores lie in results/fills.json and are taken from there; `--fills` computes them anew.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.linalg import splu

sys.path.insert(0, str(Path(__file__).parents[1]))

from adq_core.datasets import open_dataset
from adq_core.encoder import encode, small
from adq_core.images import ImageDataset
from adq_core.keys import content_digest
from adq_core.patches import keep_highest
from adq_core.reconstruction import PAINTERS, known_pixels, psnr_dropped, reconstruct
from adq_core.texture import texture_map
from benchmarks import _report

PATCH_SIZE = 4
COUNT = 2000  # test images
SETTINGS = {  # as in the cards: how patches are dropped, and which share
    "random 25 %": ("random", 0.25),
    "texture 25 %": ("texture", 0.25),
    "random 50 %": ("random", 0.5),
    "texture 50 %": ("texture", 0.5),
}
AT_64 = ("random 25 %", "texture 25 %")  # on the photographs


# --- neighbours ---------------------------------------------------------------------------------------------------


def nearest_five(index: np.ndarray, labels: np.ndarray, asked: np.ndarray, truth: np.ndarray) -> float:
    """Percent of the asked vectors whose five nearest by cosine vote for their class; a tie goes to the nearer ones."""
    unit = [rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12) for rows in (index, asked)]
    cosine = unit[1] @ unit[0].T
    nearest = np.argpartition(-cosine, 5, axis=1)[:, :5]
    votes = np.zeros((len(asked), labels.max() + 1))
    for column in nearest.T:
        votes[np.arange(len(asked)), labels[column]] += 1 + 1e-3 * cosine[np.arange(len(asked)), column]
    return float(100 * (votes.argmax(axis=1) == truth).mean())


def floats(images: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(images.transpose(0, 3, 1, 2), np.float32) / np.float32(255)


def in_batches(function: Callable[[np.ndarray], np.ndarray], images: np.ndarray, size: int = 250) -> np.ndarray:
    return np.concatenate([function(images[start : start + size]) for start in range(0, len(images), size)])


def neighbours(index: np.ndarray, labels: np.ndarray, asked: np.ndarray, truth: np.ndarray) -> dict[str, float]:
    """Five nearest neighbours in raw pixels, in their 32 main axes, and in the encoder's vectors."""
    from sklearn.decomposition import PCA

    flat = [images.reshape(len(images), -1).astype(np.float32) / 255 for images in (index, asked)]
    axes = PCA(32, random_state=0).fit(flat[0])
    kinds: dict[str, list[np.ndarray]] = {
        "pixels, cosine": flat,
        "pixels, 32 principal components": [axes.transform(rows) for rows in flat],
        "encoder small": [in_batches(lambda part: encode(floats(part)), images) for images in (index, asked)],
    }
    return {name: nearest_five(one, labels, two, truth) for name, (one, two) in kinds.items()}


def on_photos(photos: ImageDataset) -> dict[str, float]:
    """The same question on the built-in photographs: which photograph is a held-out region from?"""
    from adq_core.embeddings import embed

    held_out = photos.held_out
    kinds = {"embedding pixels": embed(photos, name="pixels").vectors, "encoder small": small(photos)}
    return {
        name: nearest_five(rows[~held_out], photos.labels[~held_out], rows[held_out], photos.labels[held_out])
        for name, rows in kinds.items()
    }


# --- painting -----------------------------------------------------------------------------------------------------


def masks(images: np.ndarray, how: str, dropped: float) -> np.ndarray:
    """Return (K, L) True = kept."""
    cells = images.shape[1] // PATCH_SIZE
    if how == "random":
        ranking = np.random.default_rng(0).random((len(images), cells * cells))
    else:
        maps = np.stack([texture_map(image) for image in images])
        ranking = maps.reshape(len(images), cells, PATCH_SIZE, cells, PATCH_SIZE).mean((2, 4)).reshape(len(images), -1)
    return keep_highest(ranking, 1 - dropped)


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


def fills(images: np.ndarray, photos: np.ndarray) -> dict[str, Any]:
    """Write and return results/fills.json: the scores of the fills that need no weights, on both sets of images."""
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
        "fills",
        [{"method": name, **row} for name, row in table.items()],
        "How well are dropped patches painted without any weights?",
        images=content_digest(images, photos),
        psnr_db=table,
        psnr_db_photos_64=larger,
        biharmonic_difference_to_scikit_image=difference_to_scikit_image(images[:8]),
    )
    written: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return written


def painting(images: np.ndarray, settings: Sequence[str]) -> dict[str, dict[str, float]]:
    """Return the PSNR by painter and setting."""
    table: dict[str, dict[str, float]] = {}
    for setting in settings:
        keep = masks(images, *SETTINGS[setting])
        for model in PAINTERS:
            painted = reconstruct(images, keep, patch_size=PATCH_SIZE, model=model)
            table.setdefault(model, {})[setting] = round(psnr_dropped(images, painted, keep, patch_size=PATCH_SIZE), 2)
    return table


def difference_to_scikit_image(images: np.ndarray) -> float:
    """The largest difference, in grey levels, between our biharmonic fill and scikit-image's on a few images."""
    from skimage.restoration import inpaint_biharmonic

    keep = masks(images, "random", 0.5)
    known = known_pixels(images, keep, patch_size=PATCH_SIZE)
    ours = solved(images, known, operator(images.shape[1], 2, 2))
    theirs = [inpaint_biharmonic(i / 255, ~k, channel_axis=-1) for i, k in zip(images, known, strict=True)]
    return float(np.abs(ours - np.stack(theirs)).max() * 255)


# --- time ---------------------------------------------------------------------------------------------------------

FIRST_USE = """
import time
import numpy as np
import torch
started = time.perf_counter()
{use}
print(time.perf_counter() - started)
"""
USES = {
    "encoder small": "from adq_core.encoder import encode; encode(np.zeros((1, 3, 32, 32), np.float32))",
    **{
        model: "from adq_core.reconstruction import reconstruct; "
        f"reconstruct(np.zeros((1, 64, 64, 3), np.uint8), np.zeros((1, 64), bool), patch_size=8, model={model!r})"
        for model in PAINTERS
    },
}


def first_use() -> dict[str, float]:
    """Seconds from the first call to its answer in a fresh process that has torch imported."""
    found = {}
    for name, use in USES.items():
        done = subprocess.run(
            [sys.executable, "-c", FIRST_USE.format(use=use)],
            cwd=_report.ROOT,
            capture_output=True,
            text=True,
            check=True,
        )
        found[name] = round(float(done.stdout), 3)
    return found


def step() -> dict[str, float]:
    """Milliseconds for painting 12 images of 64 x 64 anew, as a slider step in the app does; the median of nine."""
    images = np.random.default_rng(0).integers(0, 256, (12, 64, 64, 3), dtype=np.uint8)
    keep = np.random.default_rng(1).random((12, 64)) < 0.75
    found = {}
    for model in PAINTERS:
        spent = []
        for _ in range(10):
            started = time.perf_counter()
            reconstruct(images, keep, patch_size=8, model=model)
            spent.append(time.perf_counter() - started)
        found[model] = round(1000 * float(np.median(spent[1:])), 1)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cifar", type=Path, required=True, help="folder with train_0.npz and test.npz")
    parser.add_argument("--fills", action="store_true", help="only compute the fills, and write results/fills.json")
    given = parser.parse_args()
    index, test = np.load(given.cifar / "train_0.npz"), np.load(given.cifar / "test.npz")
    images, truth = test["images"][:COUNT], test["labels"][:COUNT].astype(int)
    photos = open_dataset("photos")
    larger = np.ascontiguousarray(photos.thumbnails[photos.held_out])
    if given.fills:
        show("PSNR over the dropped pixels, dB", fills(images, larger)["psnr_db"])
        return

    knn = {
        "cifar-10": neighbours(index["images"], index["labels"].astype(int), images, truth),
        "photos": on_photos(photos),
    }
    for data, found in knn.items():
        for name, value in found.items():
            print(f"5-NN {data:<9} {name:<32} {value:5.1f} %")
    painted, painted_64 = painting(images, list(SETTINGS)), painting(larger, AT_64)
    times: dict[str, Any] = {"first_use_s": first_use(), "slider_step_ms": step()}
    plain = _report.RESULTS / "fills.json"
    without = json.loads(plain.read_text(encoding="utf-8")) if plain.exists() else fills(images, larger)
    assert without["images"] == content_digest(images, larger), "other images: run with --fills first"
    table, table_64 = without["psnr_db"] | painted, without["psnr_db_photos_64"] | painted_64
    show("PSNR over the dropped pixels, dB", table)
    show("the same, photos at 64 x 64", table_64)
    fill = table["mean of harmonic and biharmonic"]
    gain = {model: round(min(table[model][s] - fill[s] for s in SETTINGS), 2) for model in PAINTERS}
    for name, numbers in (times | {"least gain over the mean of the fills, dB": gain}).items():
        print(name, numbers)
    _report.write(
        "weights",
        [{"method": name, **row} for name, row in table.items()],
        "How near are the encoder's neighbours, and how well are dropped patches painted?",
        images=COUNT,
        knn_percent={data: {key: round(value, 1) for key, value in found.items()} for data, found in knn.items()},
        psnr_db=table,
        psnr_db_photos_64=table_64,
        least_gain_over_mean_of_fills_db=gain,
        fills_measured={key: without[key] for key in ("date", "commit", "biharmonic_difference_to_scikit_image")},
        **times,
    )


def show(title: str, table: dict[str, dict[str, float]]) -> None:
    columns = list(next(iter(table.values())))
    print(f"\n{title}\n{'':<34}" + "".join(f"{name:>14}" for name in columns))
    for name, row in table.items():
        print(f"{name:<34}" + "".join(f"{row[key]:14.2f}" for key in columns))


if __name__ == "__main__":
    main()
