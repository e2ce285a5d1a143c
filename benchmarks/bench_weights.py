"""How accurate are the nearest neighbours of the bundled encoder and the reconstructions of the bundled networks?

    python benchmarks/bench_weights.py --cifar DIR     # measure, some minutes
    python benchmarks/bench_weights.py --cards         # then write the numbers into the cards and scores.json

DIR holds CIFAR-10 as train_0.npz and test.npz, with images (N, 32, 32, 3) uint8 and labels. Every score in the cards of
the pretrained models comes from results/weights.json, which this script writes. The fills without a network take most
of the time: their scores are read from results/fills.json; `--fills` computes them again. `--images N` uses only N
images, as a test of the script, and writes results/*_quick.json. bench_patches.py measures the first use of the weights
and a step in the app.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from adq_core.data import ImageDataset, open_dataset
from adq_core.digests import content_digest
from adq_core.models import encode, torch_threads
from adq_core.patches import INPAINTING_NETWORKS, psnr_dropped, reconstruct
from benchmarks import _cards, _report
from benchmarks._fills import AT_64, PATCH_SIZE, SETTINGS, fills, masks

COUNT, INDEX = 2000, 10_000  # test images, and training images among which their neighbours are searched


def nearest_five(index: np.ndarray, labels: np.ndarray, queries: np.ndarray, truth: np.ndarray) -> float:
    """Return the accuracy in percent of five nearest neighbours by cosine; a tie goes to the class with nearer ones."""
    unit = [rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12) for rows in (index, queries)]
    cosine = unit[1] @ unit[0].T
    nearest = np.argpartition(-cosine, 5, axis=1)[:, :5]
    votes = np.zeros((len(queries), labels.max() + 1))
    for column in nearest.T:
        votes[np.arange(len(queries)), labels[column]] += 1 + 1e-3 * cosine[np.arange(len(queries)), column]
    return float(100 * (votes.argmax(axis=1) == truth).mean())


def floats(images: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(images.transpose(0, 3, 1, 2), np.float32) / np.float32(255)


def in_batches(function: Callable[[np.ndarray], np.ndarray], images: np.ndarray, size: int = 250) -> np.ndarray:
    return np.concatenate([function(images[start : start + size]) for start in range(0, len(images), size)])


def neighbours(index: np.ndarray, labels: np.ndarray, queries: np.ndarray, truth: np.ndarray) -> dict[str, float]:
    """Return the accuracy of five nearest neighbours for raw pixels, their 32 principal components and the encoder."""
    from sklearn.decomposition import PCA

    flat = [images.reshape(len(images), -1).astype(np.float32) / 255 for images in (index, queries)]
    axes = PCA(32, random_state=0).fit(flat[0])
    kinds: dict[str, list[np.ndarray]] = {
        "pixels, cosine": flat,
        "pixels, 32 principal components": [axes.transform(rows) for rows in flat],
        "encoder small": [in_batches(lambda part: encode(floats(part)), images) for images in (index, queries)],
    }
    return {name: nearest_five(one, labels, two, truth) for name, (one, two) in kinds.items()}


def on_photos(photos: ImageDataset) -> dict[str, float]:
    """Return these accuracies on the built-in photographs, where the class of a held-out region is its photograph."""
    from adq_core.embeddings import embed

    held_out = photos.held_out
    embeddings = {"embedding pixels": "pixels", "encoder small": "small"}
    kinds = {name: embed(photos, name=embedding).vectors for name, embedding in embeddings.items()}
    return {
        name: nearest_five(rows[~held_out], photos.labels[~held_out], rows[held_out], photos.labels[held_out])
        for name, rows in kinds.items()
    }


def reconstruction(images: np.ndarray, settings: Sequence[str]) -> dict[str, dict[str, float]]:
    """Return the PSNR by network and setting."""
    table: dict[str, dict[str, float]] = {}
    for setting in settings:
        keep = masks(images, *SETTINGS[setting])
        for model in INPAINTING_NETWORKS:
            result = reconstruct(images, keep, patch_size=PATCH_SIZE, model=model)
            table.setdefault(model, {})[setting] = round(psnr_dropped(images, result, keep, patch_size=PATCH_SIZE), 2)
    return table


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cifar", type=Path, help="folder with train_0.npz and test.npz")
    parser.add_argument("--fills", action="store_true", help="compute the fills again too, results/fills.json")
    parser.add_argument("--images", type=int, help="number of test images, for a test of this script")
    parser.add_argument(
        "--cards", action="store_true", help="write the measured scores into adq_core/models/pretrained/*.md"
    )
    parser.add_argument("--check", action="store_true", help="only print which cards differ from the measured scores")
    given = parser.parse_args()
    if given.cards or given.check:
        differing = _cards.update(write=given.cards)
        print(
            "\n".join(f"{path}: {'written' if given.cards else 'differs'}" for path in differing) or "all cards agree"
        )
        return 0 if given.cards else min(1, len(differing))
    if given.cifar is None:
        parser.error("name the folder with CIFAR-10: --cifar DIR")
    with torch_threads():
        measure(given.cifar, given.images or COUNT, anew=given.fills, suffix="_quick" if given.images else "")
    return 0


def measure(folder: Path, count: int, *, anew: bool, suffix: str) -> None:
    started = time.perf_counter()

    def note(what: str) -> None:
        print(f"{time.perf_counter() - started:6.0f} s  {what}", flush=True)

    index, test = np.load(folder / "train_0.npz"), np.load(folder / "test.npz")
    images, truth = test["images"][:count], test["labels"][:count].astype(int)
    known = INDEX * count // COUNT
    photos = open_dataset("photos")
    larger = np.ascontiguousarray(photos.thumbnails[photos.held_out])[:count]
    plain = _report.RESULTS / f"fills{suffix}.json"
    if anew or not plain.exists():
        fills(images, larger, plain.stem)
        note("plain fills")
    without = json.loads(plain.read_text(encoding="utf-8"))
    if without["images"] != content_digest(images, larger):
        raise SystemExit(f"{plain.name} is of other images: add --fills.")
    knn = {"cifar-10": neighbours(index["images"][:known], index["labels"][:known].astype(int), images, truth)}
    note("neighbours in CIFAR-10")
    knn["photos"] = on_photos(photos)
    note("neighbours among the photographs")
    scores = reconstruction(images, list(SETTINGS))
    note("CIFAR-10 reconstructed")
    scores_64 = reconstruction(larger, AT_64)
    note("photographs reconstructed")
    for data, accuracies in knn.items():
        for name, value in accuracies.items():
            print(f"5-NN {data:<9} {name:<32} {value:5.1f} %")
    table, table_64 = without["psnr_db"] | scores, without["psnr_db_photos_64"] | scores_64
    show("PSNR over the dropped pixels, dB", table)
    show("the same, photos at 64 x 64", table_64)
    fill = table["mean of harmonic and biharmonic"]
    gain = {model: round(min(table[model][s] - fill[s] for s in SETTINGS), 2) for model in INPAINTING_NETWORKS}
    print("least gain over the mean of the fills, dB", gain)
    path = _report.write(
        f"weights{suffix}",
        [{"method": name, **row} for name, row in table.items()],
        __doc__.splitlines()[0],
        images=count,
        knn_percent={data: {key: round(value, 1) for key, value in row.items()} for data, row in knn.items()},
        psnr_db=table,
        psnr_db_photos_64=table_64,
        least_gain_over_mean_of_fills_db=gain,
        fills_measured={key: without[key] for key in ("date", "commit", "biharmonic_difference_to_scikit_image")},
        seconds=round(time.perf_counter() - started),
    )
    print(path)


def show(title: str, table: dict[str, dict[str, float]]) -> None:
    columns = list(next(iter(table.values())))
    print(f"\n{title}\n{'':<34}" + "".join(f"{name:>14}" for name in columns))
    for name, row in table.items():
        print(f"{name:<34}" + "".join(f"{row[key]:14.2f}" for key in columns))


if __name__ == "__main__":
    raise SystemExit(main())
