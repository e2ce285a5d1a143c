"""Do other strategies teach a network more than class-balanced random images do, on CIFAR-10?

    python benchmarks/evidence_cifar10_network.py --cifar DIR [--keep-ratios 0.1] [--seeds 5] [--minutes 10]

DIR holds CIFAR-10 as for evidence_cifar10.py. A small convolutional network is trained from scratch on each subset,
with the same number of steps for all, and tested on the 10,000 test images of the data set. Difficulty, bins and scores
are computed with the embedding `small`. On one CPU core a training takes about half a minute; with a GPU,
`--keep-ratios 0.05 0.1 0.2 --minutes 10` measures as many seeds of all three as fit into ten minutes. All strategies of
a seed are measured before the next seed, and every training is kept in .training/evidence: an interrupted run goes on,
and the results are written after each seed.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from adq_core import Run, Settings
from adq_core.evidence import Budget, content_of, table_of
from adq_core.probes import network_device
from adq_core.run_evidence import evidence_of
from adq_core.storage import Store
from benchmarks import _report
from benchmarks.evidence_cifar10 import README, cifar10

STRATEGIES = ("balanced", "uniform-bins", "adq", "margin", "ccs", "window")
BEGIN, END = "<!-- network:begin -->\n", "<!-- network:end -->"


def readme_table(content: dict[str, Any]) -> str:
    """Return the table of the README: one line per strategy, two columns per keep ratio."""
    ratios = sorted({row["keep_ratio"] for row in content["rows"]})
    rows = {(row["keep_ratio"], row["strategy"]): row for row in content["rows"]}
    head = "".join(f" accuracy, {100 * ratio:g} % | difference |" for ratio in ratios)
    lines = [f"| strategy |{head}", "|---" * (1 + 2 * len(ratios)) + "|"]
    for strategy in content["accuracy"]:
        cells = []
        for ratio in ratios:
            row = rows[ratio, strategy]
            star = "**" if row["distinguishable"] else ""
            change = f"{star}{row['difference']:+.1f} ± {row['half_width']:.1f}{star}"
            cells += [f"{row['accuracy']:.1f}", "" if strategy == "balanced" else change]
        lines.append(f"| {strategy} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def write(content: dict[str, Any]) -> None:
    """Write the results and the table of the README."""
    print(_report.write("evidence_cifar10_network", [content], __doc__.splitlines()[0]), flush=True)
    text = README.read_text(encoding="utf-8")
    if BEGIN in text:
        before, rest = text.split(BEGIN)
        README.write_text(f"{before}{BEGIN}{readme_table(content)}{END}{rest.split(END)[1]}", encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cifar", type=Path, required=True)
    parser.add_argument("--keep-ratios", nargs="+", type=float, default=[0.1])
    parser.add_argument("--strategies", nargs="+", default=list(STRATEGIES))
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--minutes", type=float, default=float("inf"))
    parser.add_argument("--threads", type=int, help="trainings at the same time on a CPU (one per core)")
    given = parser.parse_args()
    data = cifar10(given.cifar, 50_000)
    run = Run(Settings(embeddings="small"), Store(Path(__file__).parents[1] / ".training" / "evidence"), dataset=data)
    started = time.perf_counter()
    run.scores  # noqa: B018  (computed before the clock of the trainings starts)
    print(f"embedding and scores: {time.perf_counter() - started:.0f} s; network on {network_device()}", flush=True)
    started = time.perf_counter()
    for seeds in range(2, given.seeds + 1):
        left = 60 * given.minutes - (time.perf_counter() - started)
        if left <= 0:
            break
        evidence = evidence_of(
            run,
            probe="network",
            strategies=given.strategies,
            keep_ratios=given.keep_ratios,
            budget=Budget(seeds, seeds),
            at_once=given.threads,
            progress=_print_progress(started),
        )
        print(table_of(evidence), flush=True)
        write({"embeddings": "small", "device": network_device(), **content_of(evidence)})
    print(json.dumps(content_of(evidence)["verdicts"], indent=1))


def _print_progress(started: float) -> Any:
    last = [-1]

    def progress(done: int, total: int, what: str) -> None:
        part = 100 * done // total
        if part != last[0]:
            last[0] = part
            print(f"{time.perf_counter() - started:6.0f} s {done:,} of {total:,} steps", flush=True)

    return progress


if __name__ == "__main__":
    main()
