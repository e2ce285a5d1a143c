"""How long does an export of 5,000 images take beside `cp` of the same files, and does its memory grow with the images?

    python benchmarks/bench_export.py

The images are 5,000 JPEG files of about 10 kB in ten class folders, and all of them are selected. `cp -r` of their
folder and the export as `imagefolder` alternate in one process, `ROUNDS` times each into a new folder of the same disk,
after one round that is not counted; the export also computes the digest of every file and writes the tables. `ratio`
is the least time of the export divided by the least time of `cp`: other processes only add to a time. The other formats
are written once, in the same process. Memory: `zip` and `webdataset` of 1,250 and of 5,000 images, each in a fresh
process; `added_mb` is what the export adds to the peak of the process, `largest_mb` the size of the largest file. What
grows with the images is their names and digests, about 1 kB per image.
"""

from __future__ import annotations

import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from _report import in_fresh_process, peak_memory, write
from PIL import Image

ROUNDS = 7
N_IMAGES, N_FEW, N_CLASSES, SIDE = 5_000, 1_250, 10, 160
QUICK = {"embeddings": "pixels", "projection": "pca", "diversity": "vectors", "keep_ratio": 1.0}
LINKED = ("hard", "symbolic")
OTHERS = ("zip", "webdataset", "hf-parquet", "fiftyone")


def write_images(folder: Path, count: int) -> None:
    """Write JPEG files whose content compresses like a photograph: smooth colours and noise."""
    rng = np.random.default_rng(0)
    for number in range(count):
        small = Image.fromarray(rng.integers(0, 256, (12, 12, 3), dtype=np.uint8)).resize((SIDE, SIDE))
        pixels = np.asarray(small).astype(np.int16) + rng.integers(-24, 24, (SIDE, SIDE, 3))
        path = folder / f"class {number % N_CLASSES}" / f"{number:05d}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels.clip(0, 255).astype(np.uint8)).save(path, quality=85)


def subset_of(folder: Path, cache: Path) -> Any:
    """Return the subset of all images, with its tables in memory, as it is after `run`."""
    from adq_core import Run, Settings
    from adq_core.storage import Store

    subset = Run(Settings(dataset=str(folder), **QUICK), Store(cache)).subset()
    assert len(subset.table) == len(subset.rows)
    return subset


def seconds(work: Any) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def measure_speed(folder: Path, cache: Path) -> list[dict[str, Any]]:
    from adq_core.export import ExportOptions, write_export

    subset, place = subset_of(folder, cache), folder.parent
    copied: list[float] = []
    exported: list[float] = []
    for turn in range(ROUNDS + 1):
        targets = place / f"cp-{turn}", place / f"export-{turn}"
        copy = seconds(lambda to=targets[0]: subprocess.run(["cp", "-r", str(folder), str(to)], check=True))
        export = seconds(lambda to=targets[1]: write_export(subset, "imagefolder", to))
        for target in targets:
            shutil.rmtree(target)
        if turn:
            copied.append(copy)
            exported.append(export)
    least = min(copied)
    cp_s, ours_s = statistics.median(copied), statistics.median(exported)
    size = sum(file.stat().st_size for file in folder.rglob("*.jpg"))
    rows = [
        {"case": "cp", "images": len(subset), "mb": size / 1e6, "s": cp_s, "least_s": least},
        {
            "case": "imagefolder",
            "images": len(subset),
            "s": ours_s,
            "least_s": min(exported),
            "ratio": min(exported) / min(copied),
        },
    ]
    for links in LINKED:
        target, options = place / links, ExportOptions(links=links)
        spent = seconds(lambda to=target, options=options: write_export(subset, "imagefolder", to, options=options))
        rows.append({"case": f"imagefolder, {links} links", "images": len(subset), "s": spent, "ratio": spent / least})
        shutil.rmtree(target)
    for name in OTHERS:
        target = place / (f"{name}.zip" if name == "zip" else name)
        spent = seconds(lambda to=target, name=name: write_export(subset, name, to))
        rows.append({"case": name, "images": len(subset), "s": spent, "ratio": spent / least})
    return rows


def measure_memory(name: str, folder: Path, cache: Path, count: int) -> dict[str, Any]:
    from adq_core.export import write_export

    subset = subset_of(folder, cache).sample(count)
    target = folder.parent / (f"memory-{count}" + (".zip" if name == "zip" else ""))
    few = subset.sample(64)
    write_export(few, name, target.with_name(f"few-{target.name}"))  # loads the modules and fills the buffers
    before = peak_memory()
    write_export(subset, name, target)
    files = [target] if target.is_file() else list(target.iterdir())
    largest = max(file.stat().st_size for file in files)
    return {"images": len(subset), "added_mb": (peak_memory() - before) / 1e6, "largest_mb": largest / 1e6}


def main() -> None:
    with tempfile.TemporaryDirectory() as place:
        folder, cache = Path(place) / "images", Path(place) / "cache"
        write_images(folder, N_IMAGES)
        rows = in_fresh_process(__file__, "speed", str(folder), str(cache))
        for name in ("zip", "webdataset"):
            for count in (N_FEW, N_IMAGES):
                found = in_fresh_process(__file__, "memory", name, str(folder), str(cache), str(count))
                rows.append({"case": f"memory of {name}", **found})
    for row in rows:
        print(row)
    print(write("export", rows, __doc__.splitlines()[0]))


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["speed", images, store]:
            print(json.dumps(measure_speed(Path(images), Path(store))))
        case ["memory", kind, images, store, number]:
            print(json.dumps(measure_memory(kind, Path(images), Path(store), int(number))))
        case _:
            main()
