"""How often do five nearest neighbours have the class of an image, by embedding and by the input side of `lite0`?

    python benchmarks/bench_neighbours.py --clothing DIR --cifar DIR [--quick]

`--clothing` holds a folder `train` (the index) and a folder `test` (the queries) with one folder per class; `--cifar`
holds CIFAR-10 as train_0.npz and test.npz, of which 10,000 images are the index and 2,000 the queries. Of the built-in
photographs, the held-out regions are the queries. `lite0` is also measured with the whole image squeezed into a square,
and without its reduction to principal components. Rows are written as they are measured, and a row that a run of the
same commit has measured is not measured again. Seconds are those of the whole embedding, decoding included, and depend
on what else the machine does: compare them within one file only. `--quick` uses a tenth of the images, as a test.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from PIL import Image

from adq_core.data import ImageDataset, open_dataset
from adq_core.embeddings import embed, neural
from adq_core.models import BACKBONES, device_and_precision
from benchmarks import _report
from benchmarks.bench_weights import nearest_five

INDEX, QUERIES = 10_000, 2_000  # images of CIFAR-10
SIDES = (96, 128, 160, 192, 224)
RESULT = "neighbours"


def joined(index: ImageDataset, queries: ImageDataset, rows: tuple[np.ndarray, np.ndarray]) -> ImageDataset:
    """Return these rows of two data sets with the same classes as one, the queries marked as held out."""
    n = len(rows[0])
    reads = [(index, int(row)) for row in rows[0]] + [(queries, int(row)) for row in rows[1]]
    assert index.class_names == queries.class_names
    return ImageDataset(
        name=index.name,
        ids=tuple(map(str, range(len(reads)))),
        labels=np.concatenate([index.labels[rows[0]], queries.labels[rows[1]]]),
        class_names=index.class_names,
        read=lambda row: reads[row][0].read(reads[row][1]),
        thumbnails=np.concatenate([index.thumbnails[rows[0]], queries.thumbnails[rows[1]]]),
        sizes=np.concatenate([index.sizes[rows[0]], queries.sizes[rows[1]]]),
        skipped=(),
        key="benchmark",
        held_out=np.arange(len(reads)) >= n,
    )


def datasets(clothing: Path, cifar: Path, share: float) -> dict[str, ImageDataset]:
    """Return the data sets by name, each with its queries held out, cut to this share of the images."""

    def some(count: int, most: int | None = None) -> np.ndarray:
        order = np.random.default_rng(0).permutation(count)
        return np.sort(order[: int((most or count) * share)])

    train, test = open_dataset(str(clothing / "train")), open_dataset(str(clothing / "test"))
    index, queries = open_dataset(str(cifar / "train_0.npz")), open_dataset(str(cifar / "test.npz"))
    photos = open_dataset("photos")
    return {
        "clothing": joined(train, test, (some(len(train)), some(len(test)))),
        "photos": joined(photos, photos, (np.flatnonzero(~photos.held_out), np.flatnonzero(photos.held_out))),
        "cifar-10": joined(index, queries, (some(len(index), INDEX), some(len(queries), QUERIES))),
    }


def accuracy(data: ImageDataset, name: str, side: int | None) -> dict[str, Any]:
    """Return the accuracy in percent and the cost of an embedding; `side` is the input side of `lite0`."""
    usual = BACKBONES["lite0"]
    if side is not None:
        BACKBONES["lite0"] = replace(usual, input=replace(usual.input, side=side))
    try:
        started = time.perf_counter()
        vectors = embed(data, name=name).vectors
        seconds = time.perf_counter() - started
    finally:
        BACKBONES["lite0"] = usual
    out = data.held_out
    right = nearest_five(vectors[~out], data.labels[~out], vectors[out], data.labels[out])
    return {"percent": round(right, 1), "values": vectors.shape[1], "seconds": round(seconds, 1)}


def squeezed(image: np.ndarray, image_input: Any, side: int) -> list[np.ndarray]:
    """Return the whole image squeezed into a square, in place of `neural.image_squares`."""
    whole = Image.fromarray(image)
    return [np.asarray(whole.resize((side, side), Image.Resampling.BICUBIC, reducing_gap=2.0))]


def alternatives(data: ImageDataset) -> dict[str, dict[str, Any]]:
    """Return the accuracy of `lite0` with the whole image squeezed into a square, and with all 1,280 features."""
    usual, squares = BACKBONES["lite0"], neural.image_squares
    try:
        neural.image_squares = squeezed
        found = {"whole image squeezed": accuracy(data, "lite0", None)}
        neural.image_squares = squares
        BACKBONES["lite0"] = replace(usual, n_components=None)
        found["all features"] = accuracy(data, "lite0", None)
    finally:
        BACKBONES["lite0"], neural.image_squares = usual, squares
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clothing", type=Path, required=True)
    parser.add_argument("--cifar", type=Path, required=True)
    parser.add_argument("--quick", action="store_true")
    given = parser.parse_args()
    name = RESULT + ("_quick" if given.quick else "")
    file = _report.RESULTS / f"{name}.json"
    earlier = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {"rows": []}
    rows: list[dict[str, Any]] = earlier["rows"] if earlier.get("commit") == _report.commit() else []
    for data_name, data in datasets(given.clothing, given.cifar, 0.1 if given.quick else 1.0).items():
        default = BACKBONES["lite0"].input.side_for(data.sizes)
        cases = [("pixels", None), ("small", None), *(("lite0", side) for side in SIDES)]
        for embedding, side in cases:
            case = {"data": data_name, "embedding": embedding, "side": side, "default": side in (None, default)}
            if any(case.items() <= row.items() for row in rows):
                continue
            counts = {"index": int((~data.held_out).sum()), "queries": int(data.held_out.sum())}
            rows.append({**case, **accuracy(data, embedding, side), **counts})
            print(rows[-1], flush=True)
            _report.write(name, rows, __doc__.splitlines()[0], runs_on=device_and_precision())
        if any({"data": data_name, "embedding": "lite0, all features"}.items() <= row.items() for row in rows):
            continue
        for label, found in alternatives(data).items():
            rows.append({"data": data_name, "embedding": f"lite0, {label}", "side": default, **found})
            print(rows[-1], flush=True)
        _report.write(name, rows, __doc__.splitlines()[0], runs_on=device_and_precision())


if __name__ == "__main__":
    main()
