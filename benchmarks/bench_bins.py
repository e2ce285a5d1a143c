"""How much faster, and in how much memory, are bins computed than by the published algorithm?

Each case runs in its own process with one BLAS thread: ours, the published algorithm as in `tests/oracles.py`,
apricot's GraphCut (its own weights, one call per bin), and our dense algorithm. Ten bins; d = 512 unless stated.
Compilation happens before the measurement and is reported separately. Seconds are CPU seconds of the process, because
the machine may be shared; wall-clock seconds are reported too. Memory is the peak above the memory in use once the
input is loaded. Ratios are within one run.

    python benchmarks/bench_bins.py [case ...]     runs cases (default: all) and writes results/bins.json
    python benchmarks/bench_bins.py --table        prints the README's table from that file
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from _report import RESULTS, in_fresh_process, peak_memory, write

sys.path.insert(0, str(Path(__file__).parents[1]))

N_BINS, D = 10, 512


def relu_like(n: int, d: int = D, seed: int = 0) -> np.ndarray:
    """Return features like those after a ReLU: not negative, with a large common part, in twenty clusters."""
    rng = np.random.default_rng(seed)
    centres = rng.normal(0, 1, (20, d))
    base = rng.normal(0, 1, d)
    x = np.empty((n, d), np.float32)
    for start in range(0, n, 5000):
        rows = slice(start, min(n, start + 5000))
        m = rows.stop - start
        x[rows] = np.maximum(base + 0.6 * centres[rng.integers(0, 20, m)] + 0.7 * rng.normal(0, 1, (m, d)), 0)
    return x


def zero_mean(n: int, d: int = D, seed: int = 0) -> np.ndarray:
    """Return normal vectors: all directions are equally likely, so that no bound helps."""
    return np.random.default_rng(seed).normal(0, 1, (n, d)).astype(np.float32)


def scores(n: int, c: int) -> tuple[np.ndarray, np.ndarray]:
    """Return logits of a classifier that is right for most images, and labels of one class, as in a pool."""
    logits = np.random.default_rng(1).normal(0, 1, (n, c))
    logits[:, 0] += 3
    return logits, np.zeros(n, np.int64)


FEATURES = {"relu": relu_like, "zero": zero_mean}


def measured(work: Callable[[], Any], repeat: int = 1) -> dict[str, Any]:
    """Return the smallest CPU and wall seconds of `repeat` runs, and the peak memory above the memory in use now."""
    Path("/proc/self/clear_refs").write_text("5")  # resets the peak
    before, cpu, wall = peak_memory(), [], []
    for _ in range(repeat):
        started = time.process_time(), time.perf_counter()
        work()
        cpu.append(time.process_time() - started[0])
        wall.append(time.perf_counter() - started[1])
    return {"cpu_seconds": min(cpu), "wall_seconds": min(wall), "added_mb": (peak_memory() - before) / 1e6}


def bins_of(x: np.ndarray, labels: np.ndarray | None = None, **keywords: Any) -> Any:
    from adq_core.bins import make_bins

    return make_bins(x, np.zeros(len(x), np.int64) if labels is None else labels, n_bins=N_BINS, **keywords)


def warmed(kernel: str = "cosine") -> float:
    """Compile both algorithms on a small pool and return the CPU seconds."""
    started = time.process_time()
    x = relu_like(200)
    for algorithm in ("lazy", "dense"):
        bins_of(x, np.arange(200) % 2, pool="all", kernel=kernel, algorithm=algorithm)
    return time.process_time() - started


def ours(features: str, n: int, algorithm: str = "auto", classes: int = 1) -> dict[str, Any]:
    compiled = warmed()
    x = FEATURES[features](n)
    labels = np.repeat(np.arange(classes), n // classes)
    row = measured(lambda: bins_of(x, labels, algorithm=algorithm, n_jobs=1), 3 if n <= 50_000 else 1)
    return row | {"compile_cpu_seconds": compiled, "input_mb": x.nbytes / 1e6}


def published(features: str, n: int) -> dict[str, Any]:
    from tests import oracles

    x = FEATURES[features](n)
    sizes = [n // N_BINS] * N_BINS
    order = np.empty(0)

    def work() -> None:
        nonlocal order
        order = oracles.published_selection(oracles.cosine_similarity(x), n, sizes)

    row = measured(work)
    bins = np.empty(n, int)
    bins[order] = np.repeat(np.arange(N_BINS), sizes)
    return row | {"same_bin_as_ours": float((bins == bins_of(x).bin_of).mean())}


def apricot(features: str, n: int) -> dict[str, Any]:
    from apricot import GraphCutSelection

    def work(x: np.ndarray) -> None:
        unit = x / np.linalg.norm(x, axis=1, keepdims=True)
        left = np.arange(len(x))
        for _ in range(N_BINS - 1):
            kernel = (0.5 + 0.5 * unit[left] @ unit[left].T).astype(np.float64)
            picks = GraphCutSelection(len(x) // N_BINS, metric="precomputed", optimizer="lazy").fit(kernel).ranking
            left = np.delete(left, picks)

    work(relu_like(100))
    x = FEATURES[features](n)
    return measured(lambda: work(x))


def gradient_ours(n: int, c: int, d: int) -> dict[str, Any]:
    compiled = warmed("gradient")
    x, (logits, labels) = relu_like(n, d), scores(n, c)
    row = measured(lambda: bins_of(x, labels, kernel="gradient", softmax="twice", logits=logits), 3)
    return row | {"compile_cpu_seconds": compiled}


def gradient_published(n: int, c: int, d: int) -> dict[str, Any]:
    from adq_core.bins.gradients import loss_gradients
    from tests import oracles

    x, (logits, labels) = relu_like(n, d), scores(n, c)
    b = loss_gradients(logits, labels, double_softmax=True).astype(np.float32)
    gradients = np.concatenate([b, (b[:, :, None] * x[:, None, :]).reshape(n, -1)], axis=1)
    similarity = oracles.cosine_similarity(gradients)
    return measured(lambda: oracles.published_selection(similarity, n, [n // N_BINS] * N_BINS))


def mapped(classes: int, n: int, d: int) -> dict[str, Any]:
    """Read many classes from one memory-mapped file, on two threads; twenty different classes repeat."""
    warmed()
    with tempfile.TemporaryDirectory(prefix="bench-bins-") as folder:
        path = Path(folder) / "vectors.npy"
        kinds = [relu_like(n, d, seed) for seed in range(20)]
        file = np.lib.format.open_memmap(path, "w+", np.float32, (classes * n, d))
        for k in range(classes):
            file[k * n : (k + 1) * n] = kinds[k % 20]
        file.flush()
        del file, kinds
        x = np.load(path, mmap_mode="r")
        Path("/proc/self/clear_refs").write_text("5")
        row = measured(lambda: bins_of(x, np.repeat(np.arange(classes), n), n_jobs=2))
    return row | {"resident_mb": peak_memory() / 1e6, "input_mb": classes * n * d * 4 / 1e6}


ROWS: dict[str, list[tuple[Any, ...]]] = {
    "relu": [
        ("published", "relu", 5000),
        ("ours", "relu", 5000),
        ("ours", "relu", 5000, "dense"),
        ("apricot", "relu", 5000),
    ],
    "zero": [
        ("published", "zero", 5000),
        ("ours", "zero", 5000),
        ("ours", "zero", 5000, "lazy"),
        ("apricot", "zero", 5000),
    ],
    "gradient": [("gradient_published", 5000, 10, 512), ("gradient_ours", 5000, 10, 512)],
    "imagenet": [
        ("gradient_published", 1300, 25, 768),
        ("gradient_published", 1300, 75, 768),
        ("gradient_ours", 1300, 1000, 768),
    ],
    "pool": [("ours", "relu", 50_000, "auto", 10), ("ours", "relu", 50_000)],
    "growth": [("ours", "relu", 20_000), ("ours", "relu", 200_000)],
    "mapped": [("mapped", 1000, 1300, 768)],
}
CASES = {f.__name__: f for f in (ours, published, apricot, gradient_ours, gradient_published, mapped)}


def ratios(case: str, rows: list[dict[str, Any]]) -> dict[str, float]:
    """Return the ratios that answer the question, from the rows of one case."""
    cpu = [row["cpu_seconds"] for row in rows]
    memory = [max(row["added_mb"], 0.1) for row in rows]
    if case in ("relu", "zero"):
        return {
            "times_published": cpu[0] / cpu[1],
            "times_apricot": cpu[3] / cpu[1],
            "times_other_algorithm": cpu[2] / cpu[1],
            "memory_of_published": memory[1] / memory[0],
        }
    if case == "gradient":
        return {"times_published": cpu[0] / cpu[1], "memory_of_published": memory[1] / memory[0]}
    if case == "imagenet":  # the published time grows linearly with the length of a gradient
        slope = (cpu[1] - cpu[0]) / (75 - 25)
        extrapolated = cpu[0] + slope * (1000 - 25)
        return {"published_extrapolated_seconds": extrapolated, "times_published": extrapolated / cpu[2]}
    if case == "pool":
        return {"times_ten_classes": cpu[1] / cpu[0], "added_mb": memory[1]}
    if case == "growth":
        return {"exponent": float(np.log10(cpu[1] / cpu[0])), "added_of_input": memory[1] / rows[1]["input_mb"]}
    return {"wall_seconds": rows[0]["wall_seconds"], "resident_mb": rows[0]["resident_mb"]}


TABLE = {  # case: (first column, format of the second, goal)
    "relu": (
        "5,000 x 512, ReLU-like",
        "{times_published:.0f} x published, {memory_of_published:.3f} of its memory",
        "60 x, 0.1",
    ),
    "zero": ("5,000 x 512, zero-mean", "{times_published:.0f} x published", "25 x"),
    "gradient": ("5,000 gradients of 5,130 values", "{times_published:.0f} x published", "30 x"),
    "imagenet": ("1,300 gradients of 1,000 classes x 768", "{times_published:.0f} x published (extrapolated)", "500 x"),
    "pool": (
        "50,000 in one pool",
        "{times_ten_classes:.1f} x ten classes of 5,000, {added_mb:.0f} MB added",
        "2 x, 300 MB",
    ),
    "growth": (
        "200,000 in one pool",
        "exponent {exponent:.2f} from 20,000, {added_of_input:.2f} x the input added",
        "1.5, 2 x",
    ),
    "mapped": (
        "1,000 classes x 1,300 x 768, memory-mapped, two threads",
        "{wall_seconds:.0f} s, {resident_mb:.0f} MB resident",
        "300 s, 3,000 MB",
    ),
}


def table() -> str:
    """Return the README's table from the results file."""
    report = json.loads((RESULTS / "bins.json").read_text())
    lines = ["| bins, ten of them | measured | goal |", "|---|---|---|"]
    for case, (what, how, least) in TABLE.items():
        found = report["ratios"].get(case)
        lines.append(f"| {what} | {how.format(**found) if found else 'not measured'} | {least} |")
    cores = report["machine"]["cores"]
    lines.append(
        f"\n{report['date'][:10]}, commit {report['commit']}, {report['machine']['processor']}, {cores} cores;"
    )
    lines.append("CPU seconds within one run, one BLAS thread: `benchmarks/results/bins.json`.")
    return "\n".join(lines)


def main() -> None:
    """Run the cases named on the command line; results of other cases stay as they are."""
    path = RESULTS / "bins.json"
    old = json.loads(path.read_text()) if path.exists() else {"rows": [], "ratios": {}}
    for case in sys.argv[1:] or ROWS:
        rows = []
        for function, *arguments in ROWS[case]:
            row = in_fresh_process(__file__, "--case", json.dumps([function, *arguments]))
            rows.append({"case": case, "what": function, "arguments": arguments, **row})
            print(rows[-1], flush=True)
        old["rows"] = [row for row in old["rows"] if row["case"] != case] + rows
        old["ratios"][case] = ratios(case, rows)
        print(case, old["ratios"][case], flush=True)
        write("bins", old["rows"], __doc__.splitlines()[0], ratios=old["ratios"])


if __name__ == "__main__":
    if sys.argv[1:2] == ["--table"]:
        print(table())
    elif sys.argv[1:2] == ["--case"]:
        from threadpoolctl import threadpool_limits

        with threadpool_limits(1, user_api="blas"):
            name, *given = json.loads(sys.argv[2])
            print(json.dumps(CASES[name](*given)))
    else:
        main()
