"""Do the cheap probes rank the strategies like the network?

    python benchmarks/probe_agreement.py --cifar DIR

DIR holds CIFAR-10 as for evidence_cifar10.py. Spearman's rank correlation over the strategies at a keep ratio of 10 %,
between the network probe and ridge regression or logistic regression on the embedding `small`. Trains no network: it
reads what evidence_cifar10_network.py has measured in .training/evidence, once for the six strategies of the table and
once for all eleven, with the seeds that are measured for all of them.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from adq_core import Run, Settings
from adq_core.evidence import Budget, rank_agreement
from adq_core.run_evidence import evidence_of, seeds_measured
from adq_core.storage import Store
from adq_core.strategies import STRATEGIES
from benchmarks import _report
from benchmarks.evidence_cifar10 import cifar10
from benchmarks.evidence_cifar10_network import STRATEGIES as SIX

KEEP_RATIO = 0.1
SEEDS = {"ridge": 10, "linear": 3}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cifar", type=Path, required=True)
    given = parser.parse_args()
    data = cifar10(given.cifar, 50_000)
    run = Run(Settings(embeddings="small"), Store(Path(__file__).parents[1] / ".training" / "evidence"), dataset=data)
    rows = []
    for names in (SIX, tuple(STRATEGIES)):
        asked: dict[str, Any] = {"strategies": names, "keep_ratios": [KEEP_RATIO]}
        n = seeds_measured(run, probe="network", **asked)
        network = evidence_of(run, probe="network", **asked, budget=Budget(n, n))
        for probe, seeds in SEEDS.items():
            cheap = evidence_of(run, probe=probe, **asked, budget=Budget(seeds, seeds))
            found = rank_agreement(cheap, network, KEEP_RATIO)
            assert found is not None
            rows.append(
                {
                    "probe": probe,
                    "strategies": len(names),
                    "network_seeds": n,
                    "seeds": seeds,
                    "spearman": round(found.spearman, 3),
                    "low": round(found.low, 3),
                    "high": round(found.high, 3),
                    "differences": {
                        name: [round(100 * one.differences(KEEP_RATIO)[name].mean, 2) for one in (cheap, network)]
                        for name in names
                    },
                }
            )
            print(rows[-1], flush=True)
        print(_report.write("probe_agreement", rows, __doc__.splitlines()[0]), flush=True)


if __name__ == "__main__":
    main()
