"""How long does the whole path from a folder of JPEG files to the scores take, and how far is each stage from a floor?

    python benchmarks/bench_path.py [--images 20000] [--embeddings small] [--folder FOLDER] [--home]

The images are JPEGs of 64 x 64 pixels, seeded crops of the built-in photographs, one class per photograph. They are
written once, into `--folder` or a folder of temporary files.

*cold*: a fresh process with an empty cache computes every stage in the order of the pipeline. Each row has the wall
time, the CPU time of user and system, the page faults, the peak of the resident memory during the stage, and its
floor. Functions that numba compiled before stay compiled, because they are compiled once per installation.
*warm*: a fresh process opens the same folder again; the time until the data set and the keys of all stages are there,
and until all stored results are open. `--home` also starts the app on the folder in Chromium (see `bench_start.py`):
seconds from the request of the page to the complete Home page.

Floors, each in a process of its own: *listing*: `os.walk` and `os.stat` of each file. *decoding*: reading and decoding
each file with Pillow in as many threads as there are cores. *embeddings* and *views*: the network of the stage on one
fixed batch, repeated, times the number of images that it encoded. *embeddings* `pixels`: its matrix product on one
fixed batch. *projection*: the epochs of umap-learn's layout in the same run. Other stages have no floor.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks import _path_parts as parts
from benchmarks._report import in_fresh_process, peak_memory, write

NETWORK_STAGES = ("embeddings", "views")


def run_of(folder: str, cache: str | None, embeddings: str, **options: Any) -> Any:
    """Return the run with the default settings on this folder."""
    from adq_core import Run, Settings
    from adq_core.storage import Store

    return Run(Settings(dataset=folder, embeddings=embeddings), Store(cache), **options)


@contextmanager
def timed(module: Any, name: str, seconds: dict[str, dict[str, float]]) -> Iterator[None]:
    """Measure all calls of a function of a module in the block."""
    original = getattr(module, name)

    def call(*args: Any, **options: Any) -> Any:
        with parts.cost() as row:
            result = original(*args, **options)
        before = seconds.get(name, {})
        seconds[name] = {key: round(value + before.get(key, 0), 2) for key, value in row.items()}
        return result

    setattr(module, name, call)
    try:
        yield
    finally:
        setattr(module, name, original)


def cold(folder: str, cache: str, embeddings: str) -> list[dict[str, Any]]:
    """Return the rows of all stages, computed in this process."""
    import umap.umap_

    from adq_core.data import open as opening
    from adq_core.data.folders import image_folder as folders
    from adq_core.dependencies import DEPENDENCIES, STAGE_RECORDS

    inner: dict[str, dict[str, float]] = {}
    run = run_of(folder, cache, embeddings)
    with timed(opening, "folder_source", inner), timed(folders, "scan", inner), parts.cost() as row:
        m = len(run.dataset)
    rows: list[dict[str, Any]] = [
        {"stage": "listing", **inner["folder_source"]},
        {"stage": "decoding", **inner["scan"]},
        {"stage": "dataset, with both", **row},
    ]
    for stage in DEPENDENCIES:
        if stage not in STAGE_RECORDS or not run.uses(stage):
            continue
        meter = parts.NetworkMeter()
        inner.clear()
        with timed(umap.umap_, "optimize_layout_euclidean", inner), meter.installed(), parts.cost() as row:
            getattr(run, stage)
        row = {"stage": stage, **row}
        if meter.images:
            row |= {"network_seconds": round(meter.seconds, 2), "network_images": meter.images}
        if inner:
            row["floor_seconds"] = inner["optimize_layout_euclidean"]["seconds"]
        rows.append(row)
    return [{**row, "images": m} for row in rows]


def floor(what: str, folder: str, cache: str, embeddings: str) -> dict[str, float]:
    """Return the seconds of one floor; of a network, the seconds per image."""
    started = time.perf_counter()
    if what in NETWORK_STAGES:
        use_all_cores()
        dataset = run_of(folder, cache, embeddings).dataset
        if what == "embeddings" and embeddings == "pixels":
            return {"seconds": parts.pixels_floor(len(dataset))}
        with parts.NetworkMeter(replay=True).installed() as meter:
            getattr(run_of(folder, None, embeddings, dataset=dataset), what)
        return {} if meter.per_image is None else {"seconds_per_image": meter.per_image}
    {"listing": parts.walk_floor, "decoding": parts.decode_floor}[what](Path(folder))
    return {"seconds": time.perf_counter() - started}


def use_all_cores() -> None:
    """Let networks use all cores: the load average still contains the stage that was measured before."""
    from adq_core.models import threads
    from adq_core.parallel import cpu_count

    threads.idle_cores = cpu_count


def warm(folder: str, cache: str, embeddings: str) -> dict[str, Any]:
    """Return the seconds until the data set, the keys of all stages and their stored results are there."""
    started = time.perf_counter()
    run = run_of(folder, cache, embeddings)
    from adq_core.dependencies import STAGE_RECORDS

    row: dict[str, Any] = {"stage": "warm", "import_seconds": round(time.perf_counter() - started, 2)}
    started = time.perf_counter()
    row["images"] = len(run.dataset)
    row["dataset_seconds"] = round(time.perf_counter() - started, 2)
    stages = [stage for stage in STAGE_RECORDS if run.uses(stage)]
    for stage in stages:
        run.key(stage)
    row["keys_seconds"] = round(time.perf_counter() - started, 2)
    missing = [stage for stage in stages if not run.ready(stage)]
    row["results_seconds"] = round(time.perf_counter() - started, 2)
    assert not missing, f"not stored: {missing}"
    return row | {"peak_mb": round(peak_memory() / 1e6)}


def with_floors(rows: list[dict[str, Any]], arguments: tuple[str, str, str]) -> list[dict[str, Any]]:
    """Return the rows of the stages with their floors and how many times the floor each takes."""
    for row in rows:
        stage = row["stage"]
        if stage in ("listing", "decoding", *NETWORK_STAGES):
            found = in_fresh_process(__file__, "--case", "floor", stage, *arguments)
            seconds = found.get("seconds", found.get("seconds_per_image", 0) * row.get("network_images", 0))
            row["floor_seconds"] = round(seconds, 2)
        if row.get("floor_seconds"):
            row["times_the_floor"] = round(row["seconds"] / row["floor_seconds"], 2)
        print(row, flush=True)
    return rows


def total(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the sums over the stages, the largest peak, and the share of system time."""
    stages = [row for row in rows if row["stage"] not in ("listing", "decoding")]
    sums = {name: sum(row[name] for row in stages) for name in ("seconds", "user_seconds", "system_seconds")}
    share = sums["system_seconds"] / (sums["user_seconds"] + sums["system_seconds"])
    return {
        "stage": "all stages",
        **{name: round(value, 1) for name, value in sums.items()},
        "system_share": round(share, 3),
        "page_faults": sum(row["page_faults"] for row in stages),
        "peak_mb": max(row["peak_mb"] for row in stages),
    }


def home(folder: str, top: Path, embeddings: str) -> dict[str, Any]:
    """Return the seconds from the request of the Home page to its completion, with everything stored."""
    from benchmarks import bench_start

    query = "?" + urlencode({"dataset": folder, "embeddings": embeddings})
    laps = bench_start.measure(top, "", query)
    since = laps["server_up"]["seconds"]
    return {
        "stage": "warm Home page",
        "first_picture_seconds": round(laps["first_picture"]["seconds"] - since, 2),
        "seconds": round(laps["nothing_left"]["seconds"] - since, 2),
        "server_cpu_seconds": laps["nothing_left"]["cpu_seconds"],
        "peak_mb": laps["peak_mb"],
    }


def main() -> None:
    """Measure all cases and write the results."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--images", type=int, default=20_000)
    parser.add_argument("--embeddings", default="small")
    parser.add_argument("--folder", help="where the images are, or are written if it does not exist")
    parser.add_argument("--home", action="store_true", help="also measure the Home page in Chromium")
    given = parser.parse_args()
    folder = Path(given.folder or os.path.join(tempfile.gettempdir(), f"adq-path-{given.images}"))
    if not folder.is_dir():
        parts.make_images(folder, given.images)
    with tempfile.TemporaryDirectory(prefix="bench-path-") as top:
        arguments = (str(folder), os.path.join(top, "store"), given.embeddings)
        rows = in_fresh_process(__file__, "--case", "cold", *arguments)
        rows = [*with_floors(rows, arguments), total(rows)]
        rows.append(in_fresh_process(__file__, "--case", "warm", *arguments))
        if given.home:
            rows.append(home(str(folder), Path(top), given.embeddings))
    print(*rows[len(rows) - (3 if given.home else 2) :], sep="\n")
    name = f"path_{given.embeddings.replace(':', '_')}_{rows[0]['images']}"
    print(write(name, rows, __doc__.splitlines()[0], embeddings=given.embeddings))


CASES = {"cold": cold, "floor": floor, "warm": warm}
if __name__ == "__main__":
    if sys.argv[1:2] == ["--case"]:
        print(json.dumps(CASES[sys.argv[2]](*sys.argv[3:])))
    else:
        main()
