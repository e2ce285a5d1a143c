"""Does ADQ select better training images than class-balanced random draws do, on CIFAR-10?

    python benchmarks/evidence_cifar10.py --cifar DIR [--embeddings lite0 small] [--train N] [--seeds 10]

DIR holds CIFAR-10 as train_0.npz to train_4.npz and test.npz. All strategies select 5, 10 and 20 % of the training
images; a closed-form ridge probe on the embedding is trained on each subset and tested on the 10,000 test images of the
data set. Measured cells are kept in .training/evidence, so an interrupted run goes on. The table of the README is
written anew from the results of all embeddings.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from adq_core import Run, Settings
from adq_core.data import ImageDataset
from adq_core.digests import content_digest
from adq_core.evidence import Budget, content_of, table_of
from adq_core.run_evidence import evidence_of
from adq_core.storage import Store
from benchmarks import _report

KEEP_RATIOS = (0.05, 0.1, 0.2)
README = Path(__file__).parents[1] / "README.md"
BEGIN, END = "<!-- evidence:begin -->\n", "<!-- evidence:end -->"


def cifar10(folder: Path, n_train: int) -> ImageDataset:
    """Return CIFAR-10 as one data set whose test images are held out."""
    files = [np.load(folder / f"{name}.npz") for name in (*(f"train_{i}" for i in range(5)), "test")]
    images = np.concatenate([file["images"] for file in files])
    labels = np.concatenate([file["labels"] for file in files])
    rows = np.concatenate([np.arange(n_train), np.arange(50_000, 60_000)])
    images, labels = images[rows], labels[rows]
    return ImageDataset(
        name="CIFAR-10",
        ids=tuple(f"{row:05d}" for row in rows),
        labels=labels,
        class_names=tuple(str(name) for name in files[0]["class_names"]),
        read=lambda row: images[row],
        thumbnails=images,
        sizes=np.full((len(rows), 2), 32),
        skipped=(),
        key=content_digest(images, labels),
        held_out=rows >= 50_000,
    )


def readme_table(results: dict[str, Any]) -> str:
    """Return the table of the README: one line per strategy, one column per embedding and keep ratio."""
    names = list(results)
    head = "| strategy | " + " | ".join(f"{name}, {100 * r:g} %" for name in names for r in KEEP_RATIOS) + " |"
    lines = [head, "|---" * (1 + len(names) * len(KEEP_RATIOS)) + "|"]
    rows = {(name, row["keep_ratio"], row["strategy"]): row for name in names for row in results[name]["rows"]}
    for strategy in results[names[0]]["accuracy"]:
        cells = []
        for name in names:
            for ratio in KEEP_RATIOS:
                row = rows[name, ratio, strategy]
                star = "**" if row["distinguishable"] else ""
                change = f"{star}{row['difference']:+.1f} ± {row['half_width']:.1f}{star}"
                cells.append(f"{row['accuracy']:.1f}" if strategy == "balanced" else change)
        lines.append(f"| {strategy} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def write_readme(results: dict[str, Any]) -> None:
    text = README.read_text(encoding="utf-8")
    before, rest = text.split(BEGIN)
    after = rest.split(END)[1]
    README.write_text(f"{before}{BEGIN}{readme_table(results)}{END}{after}", encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cifar", type=Path, required=True)
    parser.add_argument("--embeddings", nargs="+", default=["lite0", "small"])
    parser.add_argument("--train", type=int, default=50_000, help="training images, the first ones of the data set")
    parser.add_argument("--seeds", type=int, default=10)
    given = parser.parse_args()
    data = cifar10(given.cifar, given.train)
    store = Store(Path(__file__).parents[1] / ".training" / "evidence")
    results: dict[str, Any] = {}
    for name in given.embeddings:
        run = Run(Settings(embeddings=name), store, dataset=data)
        started = time.perf_counter()
        run.scores  # noqa: B018  (computed before the clock of the evidence starts)
        scored = time.perf_counter()
        evidence = evidence_of(run, keep_ratios=KEEP_RATIOS, budget=Budget(given.seeds, given.seeds))
        print(name, f"scores {scored - started:.0f} s, evidence {time.perf_counter() - scored:.0f} s")
        print(table_of(evidence), flush=True)
        results[name] = content_of(evidence) | {"seconds": round(time.perf_counter() - scored, 1)}
    if given.train == 50_000:
        rows = [{"embeddings": name, **content} for name, content in results.items()]
        print(_report.write("evidence_cifar10", rows, __doc__.splitlines()[0]))
        write_readme(results)
    print(json.dumps({name: content["verdicts"] for name, content in results.items()}, indent=1))


if __name__ == "__main__":
    main()
