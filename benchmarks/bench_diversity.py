"""How much faster is diversity by sums than by the whole matrix of cosines, and with how much less memory?

    python benchmarks/bench_diversity.py

`matrix` is the published form: all (2 N)^2 cosines, then 1 / their mean. `sums` is `inverse_mean_cosine`, once as it is
called (with its interval of half-samples) and once for the mean alone. `vendi` is the Vendi score with its jackknife.
Each case runs in a process of its own on the same vectors: two views of N images, 128 values each.
"""

from __future__ import annotations

import json
import sys
import time

import numpy as np
from _report import in_fresh_process, peak_memory, write

IMAGES = (1_000, 10_000)
ROUNDS = {"matrix": 1, "vendi": 1}


def vectors(count: int) -> np.ndarray:
    return np.random.default_rng(0).normal(0.3, 1, (2, count, 128)).astype(np.float32)


def measure(case: str, count: int) -> dict:
    from adq_core.records import AugmentedFeatures
    from adq_core.scores import diversity

    made = vectors(count)
    seen, bin_of = AugmentedFeatures(vectors=made, name="made up", key="made up"), np.zeros(count, np.int64)

    def matrix() -> float:
        flat = made.reshape(-1, made.shape[2])
        unit = flat / np.linalg.norm(flat, axis=1, keepdims=True)
        return float(1 / (unit @ unit.T).mean())

    def sums() -> float:
        sums, n = diversity._summed(seen, bin_of == 0)
        return 1 / (float((sums.sum(axis=0) ** 2).sum()) / n**2)

    calls = {
        "matrix": matrix,
        "sums": sums,
        "sums and interval": lambda: float(diversity.inverse_mean_cosine(seen, bin_of, 1).diversity[0]),
        "vendi": lambda: float(diversity.vendi(seen, bin_of, 1).diversity[0]),
    }
    before = peak_memory()
    best, cpu_best, value = np.inf, np.inf, 0.0
    for _ in range(ROUNDS.get(case, 7)):
        wall, cpu = time.perf_counter(), time.process_time()
        value = calls[case]()
        best, cpu_best = min(best, time.perf_counter() - wall), min(cpu_best, time.process_time() - cpu)
    return {"best_s": best, "cpu_s": cpu_best, "extra_mb": (peak_memory() - before) / 1e6, "diversity": value}


def main() -> None:
    rows = []
    for count in IMAGES:
        cases = ("matrix", "sums", "sums and interval", "vendi")
        found = {case: in_fresh_process(__file__, case, str(count)) for case in cases}
        for case, result in found.items():
            rows.append(
                {
                    "case": case,
                    "images": count,
                    **result,
                    "times_matrix": found["matrix"]["best_s"] / result["best_s"],
                    "times_matrix_cpu": found["matrix"]["cpu_s"] / result["cpu_s"],
                }
            )
            print(rows[-1])
    print(write("diversity", rows, __doc__.splitlines()[0]))


if __name__ == "__main__":
    if len(sys.argv) > 1:
        print(json.dumps(measure(sys.argv[1], int(sys.argv[2]))))
    else:
        main()
