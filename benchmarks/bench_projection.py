"""How long does a large map take, by our loops and by umap-learn, and how many neighbours does each map preserve?

    python benchmarks/bench_projection.py                    # 20,000, 50,000 and 100,000 vectors; some minutes
    python benchmarks/bench_projection.py 50000 FILE.npy     # one size, the first rows of a file of vectors

Vectors of 256 values: 200 groups of different sizes and widths in 40 of the dimensions, with noise in the others. Each
case runs in a process of its own. *first* is a process in which nothing has run, as a command line sees it: it contains
what numba compiles in every process; the compiled functions of this project are on disk. *again* is the same map
computed a second time. CPU seconds are reported too, because other work on the machine affects them less. `recall` is
the share of the ten nearest neighbours that are preserved. `umap-learn` is the method before: nearest-neighbour descent
and umap-learn's optimisation in one thread, 100 epochs.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
from _report import in_fresh_process, peak_memory, write

SIZES = (20_000, 50_000, 100_000)


def grouped_vectors(m: int) -> np.ndarray:
    rng = np.random.default_rng(0)
    group = rng.choice(200, m, p=(share := rng.uniform(0.2, 1, 200)) / share.sum())
    vectors = rng.normal(scale=0.15, size=(m, 256)).astype(np.float32)
    vectors[:, :40] += rng.normal(size=(200, 40))[group]
    vectors[:, :40] += rng.normal(size=(m, 40)) * rng.uniform(0.2, 0.9, 200)[group, None]
    return vectors


def case(way: str, m: int, file: str = "") -> dict[str, Any]:
    from adq_core.projection import mean_knn_recall, project, umap

    if way == "umap-learn":
        umap.SMALL_MAP, umap.EXACT_KNN_MAX, umap.EPOCHS = m, 10_000, 100
    vectors = np.load(file, mmap_mode="r")[:m] if file else grouped_vectors(m)
    row: dict[str, Any] = {"map": way, "vectors": m}
    for name in ("first", "again"):
        phases: dict[str, float] = {}
        last = [time.perf_counter(), time.process_time()]
        began = list(last)

        def progress(done: int, total: int, what: str, phases: dict[str, float] = phases, last: Any = last) -> None:
            now = time.process_time()
            phases[what] = phases.get(what, 0.0) + now - last[1]
            last[1] = now

        xy = project(vectors, progress=progress).xy
        row[f"{name}_s"] = round(time.perf_counter() - began[0], 2)
        row[f"{name}_cpu_s"] = round(time.process_time() - began[1], 2)
        row[f"{name}_cpu_by_phase_s"] = {what: round(seconds, 2) for what, seconds in phases.items()}
    row["peak_mb"] = round(peak_memory() / 1e6)
    row["recall"] = round(mean_knn_recall(vectors, xy), 4)
    return row


def main(sizes: list[int], file: str = "") -> None:
    in_fresh_process(Path(__file__), "case", "ours", "12000", file)  # compiles the loops of this project
    rows = []
    for m in sizes:
        for way in ("ours", "umap-learn"):
            rows.append(in_fresh_process(Path(__file__), "case", way, str(m), file))
            print(json.dumps(rows[-1]), flush=True)
    for ours, other in zip(rows[::2], rows[1::2], strict=True):
        ours["times_faster_first"] = round(other["first_s"] / ours["first_s"], 1)
        ours["times_faster_again"] = round(other["again_s"] / ours["again_s"], 1)
    print(write("projection", rows, __doc__.splitlines()[0]))


if __name__ == "__main__":
    if sys.argv[1:2] == ["case"]:
        print(json.dumps(case(sys.argv[2], int(sys.argv[3]), *sys.argv[4:])))
    elif sys.argv[1:]:
        main([int(sys.argv[1])], *sys.argv[2:])
    else:
        main(list(SIZES))
