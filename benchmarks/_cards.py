"""Write the scores of results/weights.json into the cards of the pretrained models; called by `bench_weights.py`."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from benchmarks import _report

CARDS = _report.ROOT / "adq_core" / "models" / "pretrained"
BEGIN, END = "<!-- scores:begin -->", "<!-- scores:end -->"
BLOCK = re.compile(f"{BEGIN}\n.*{END}", re.DOTALL)


def update(*, write: bool) -> list[Path]:
    """Return the cards whose scores are not those of the results; with `write`, put the results in."""
    results = json.loads((_report.RESULTS / "weights.json").read_text(encoding="utf-8"))
    differing = []
    for name in ("small", *results["least_gain_over_mean_of_fills_db"]):
        path = CARDS / f"{name}.md"
        card = path.read_text(encoding="utf-8")
        wanted = f"{BEGIN}\n{(neighbours if name == 'small' else painting)(results, name)}{END}"
        made, count = BLOCK.subn(lambda _, text=wanted: text, card)
        if count != 1:
            raise SystemExit(f"{path} must have one block between {BEGIN} and {END}.")
        if made != card:
            differing.append(path)
            if write:
                path.write_text(made, encoding="utf-8")
    return differing


def neighbours(results: dict[str, Any], name: str) -> str:
    """Return the encoder's table: share of right answers by data and vectors."""
    del name
    rows = [
        f"| {data} | {vectors} | {value:.1f} % |"
        for data, found in results["knn_percent"].items()
        for vectors, value in found.items()
    ]
    return "\n".join(["| data | vectors | right |", "|---|---|---|", *rows, "", measured(results)]) + "\n"


def painting(results: dict[str, Any], name: str) -> str:
    """Return a painter's tables: dB by painter and way of dropping, on CIFAR-10 and, where measured, on photographs."""
    fill = results["psnr_db"]["mean of harmonic and biharmonic"]
    gains = {way: value - fill[way] for way, value in results["psnr_db"][name].items()}
    worst = min(gains, key=lambda way: gains[way])
    lines = [
        *table(results["psnr_db"]),
        "",
        f"Least gain over the mean of the two fills: {gains[worst]:.2f} dB ({worst}).",
        "",
    ]
    if "psnr_db_photos_64" in results:
        lines += ["The same on the held-out regions of the built-in photographs, 64 x 64 pixels, patches of 4:", ""]
        lines += [*table(results["psnr_db_photos_64"]), ""]
    return "\n".join([*lines, measured(results)]) + "\n"


def table(rows: dict[str, dict[str, float]]) -> list[str]:
    """Return a Markdown table, painters down and ways of dropping across."""
    ways = list(next(iter(rows.values())))
    head = ["| | " + " | ".join(ways) + " |", "|" + "---|" * (1 + len(ways))]
    return head + [f"| {name} | " + " | ".join(f"{row[way]:.2f}" for way in ways) + " |" for name, row in rows.items()]


def measured(results: dict[str, Any]) -> str:
    """Return where the numbers come from."""
    note = f"; {results['note']}" if "note" in results else ""
    return f"Measured by `benchmarks/bench_weights.py`, `benchmarks/results/weights.json` ({results['date']}{note})."
