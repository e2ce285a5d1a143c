"""Can a data set of 100,000 images of 64 x 64 be read with less than 2 GB of memory, and how long does it take?

Each case runs in a process of its own: open a data set for the first time, open it again from the cache, read all
images in batches. The baseline is the size of all images in one array, which a reader that holds all images needs at
least. `python benchmarks/bench_datasets.py [images]`
"""

from __future__ import annotations

import io
import json
import sys
import tempfile
import time
import zipfile
from pathlib import Path

import numpy as np
from _report import in_fresh_process, peak_memory, write
from PIL import Image

SIDE = 64
CLASSES = 10
DIFFERENT = 1000  # different images


def make_npz(path: Path, m: int, compressed: bool) -> None:
    """Write an `.npz` of m images without holding all of them in memory."""
    some = pictures().tobytes()
    how = zipfile.ZIP_DEFLATED if compressed else zipfile.ZIP_STORED
    with zipfile.ZipFile(path, "w", how, compresslevel=1) as archive:
        with archive.open("labels.npy", "w") as file:
            np.lib.format.write_array(file, np.arange(m) % CLASSES)
        with archive.open("images.npy", "w", force_zip64=True) as file:
            header = {"descr": "|u1", "fortran_order": False, "shape": (m, SIDE, SIDE, 3)}
            np.lib.format.write_array_header_1_0(file, header)
            for start in range(0, m, DIFFERENT):
                file.write(some[: min(DIFFERENT, m - start) * SIDE * SIDE * 3])


def make_folder(path: Path, m: int) -> None:
    """Write m JPEG files into ten class folders."""
    for label in range(CLASSES):
        (path / str(label)).mkdir(parents=True)
    encoded = []
    for picture in pictures():
        file = io.BytesIO()
        Image.fromarray(picture).save(file, "JPEG", quality=90)
        encoded.append(file.getvalue())
    for i in range(m):
        (path / str(i % CLASSES) / f"{i:06d}.jpg").write_bytes(encoded[i % DIFFERENT])


def pictures() -> np.ndarray:
    """Return smooth random images, at most `DIFFERENT`: repeated images need the same memory and time."""
    coarse = np.random.default_rng(0).integers(20, 230, (DIFFERENT, 8, 8, 3), dtype=np.uint8)
    return coarse.repeat(8, axis=1).repeat(8, axis=2)


def measure(what: str, path: str, cache: str) -> dict[str, float]:
    """Return seconds and peak memory of one case, in this process."""
    started = time.perf_counter()
    from adq_core.data import open_dataset

    imported, before = time.perf_counter() - started, peak_memory()
    started = time.perf_counter()
    data = open_dataset(path, cache=Path(cache) if cache else None)
    seconds = time.perf_counter() - started
    total = 0
    if what == "walk":
        started = time.perf_counter()
        for _, images in data.batches(256):
            total += sum(int(image[0, 0, 0]) for image in images)
        seconds = time.perf_counter() - started
    return {
        "images": len(data),
        "seconds": round(seconds, 2),
        "import_seconds": round(imported, 2),
        "peak_mb": round(peak_memory() / 1e6),
        "peak_mb_before": round(before / 1e6),
    }


def main(m: int) -> None:
    """Run all cases with m images and write the results."""
    rows = []
    with tempfile.TemporaryDirectory(prefix="bench-datasets-") as work:
        folder = Path(work)
        make_npz(folder / "stored.npz", m, compressed=False)
        make_npz(folder / "packed.npz", m, compressed=True)
        make_folder(folder / "files", m)
        for name in ("stored.npz", "packed.npz", "files"):
            for cached in (True, False) if name != "files" else (True,):
                cache = str(folder / f"cache-{name}") if cached else ""
                for what in ("open", "open again", "walk") if cached else ("open",):
                    row = in_fresh_process(__file__, what, str(folder / name), cache)
                    rows.append({"data": name, "what": what, "cache": cached, **row})
                    print(rows[-1], flush=True)
    array = m * SIDE * SIDE * 3 / 1e6
    question = f"Do {m:,} images of 64 x 64 pass with less than 2 GB resident?"
    most = max(row["peak_mb"] for row in rows)
    write("datasets", rows, question, images_as_one_array_mb=round(array), largest_peak_mb=most, holds=most < 2000)


if __name__ == "__main__":
    if len(sys.argv) > 2:
        print(json.dumps(measure(*sys.argv[1:4])))
    else:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
