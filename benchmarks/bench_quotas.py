"""How long do the quotas for 101 values of alpha take in one call, compared with one call per value?

    python benchmarks/bench_quotas.py

All rules, with 10 bins as published and with 50 bins of unequal size. `table` is one call of `quota_table`, `calls` is
101 calls of `make_quotas` in the same process, which must give the same rows. CPU time, the best of many rounds.
"""

from __future__ import annotations

import json
import sys
import time

import numpy as np
from _report import in_fresh_process, write

PUBLISHED = np.array([1, 0.985, 1.031, 1.182, 1.094, 1.176, 1.083, 1.089, 1.011, 1])
ROUNDS = 30


def bins(count: int) -> tuple[np.ndarray, np.ndarray]:
    if count == 10:
        return PUBLISHED, np.full(10, 5_000)
    rng = np.random.default_rng(0)
    return rng.random(count), rng.integers(100, 5_000, count)


def best_of(call, rounds: int) -> float:
    call()
    spent = []
    for _ in range(rounds):
        started = time.process_time()
        call()
        spent.append(time.process_time() - started)
    return min(spent)


def measure(rule: str, count: int) -> dict:
    from adq_core.quotas import ALPHAS, make_quotas, quota_table

    importance, capacity = bins(count)
    options = {"rule": rule, "keep_ratio": 0.1}

    def calls() -> list[np.ndarray]:
        return [make_quotas(importance, capacity, alpha=float(alpha), **options).quota for alpha in ALPHAS]

    same = bool((quota_table(importance, capacity, **options).quota == np.array(calls())).all())
    table_s = best_of(lambda: quota_table(importance, capacity, **options), ROUNDS)
    calls_s = best_of(calls, 5)
    return {"table_ms": 1e3 * table_s, "calls_ms": 1e3 * calls_s, "times_calls": calls_s / table_s, "same_rows": same}


def main() -> None:
    rows = [
        {"case": rule, "bins": count, "alphas": 101, **in_fresh_process(__file__, rule, str(count))}
        for rule in ("budget", "uniform", "paper", "paper-scaled", "published-code")
        for count in (10, 50)
    ]
    for row in rows:
        print(row)
    print(write("quotas", rows, __doc__.splitlines()[0]))


if __name__ == "__main__":
    if len(sys.argv) > 1:
        print(json.dumps(measure(sys.argv[1], int(sys.argv[2]))))
    else:
        main()
