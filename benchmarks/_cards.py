"""Write the scores of results/weights.json into the cards of the pretrained models and into scores.json beside them.

`bench_weights.py` calls `update`. The app reads scores.json.
"""

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
    """Return the files whose scores differ from the results; with `write`, replace their scores."""
    results = json.loads((_report.RESULTS / "weights.json").read_text(encoding="utf-8"))
    differing = []
    for name in ("small", *results["least_gain_over_mean_of_fills_db"]):
        path = CARDS / f"{name}.md"
        card = path.read_text(encoding="utf-8")
        block = f"{BEGIN}\n{(neighbours if name == 'small' else reconstruction)(results, name)}{END}"
        updated, count = BLOCK.subn(lambda _, text=block: text, card)
        if count != 1:
            raise SystemExit(f"{path} must have one block between {BEGIN} and {END}.")
        if updated != card:
            differing.append(path)
            if write:
                path.write_text(updated, encoding="utf-8")
    scores = json.dumps({name: results[name] for name in ("images", "psnr_db")}, indent=1) + "\n"
    path = CARDS / "scores.json"
    if not path.exists() or path.read_text(encoding="utf-8") != scores:
        differing.append(path)
        if write:
            path.write_text(scores, encoding="utf-8")
    return differing


def neighbours(results: dict[str, Any], name: str) -> str:
    """Return the table of the encoder: accuracy by data set and vectors."""
    del name
    rows = [
        f"| {data} | {vectors} | {value:.1f} % |"
        for data, scores in results["knn_percent"].items()
        for vectors, value in scores.items()
    ]
    return "\n".join(["| data | vectors | accuracy |", "|---|---|---|", *rows, "", measured(results)]) + "\n"


def reconstruction(results: dict[str, Any], name: str) -> str:
    """Return the tables of a reconstruction network: dB by method and way of dropping, per set of images."""
    fill = results["psnr_db"]["mean of harmonic and biharmonic"]
    gains = {way: value - fill[way] for way, value in results["psnr_db"][name].items()}
    worst = min(gains, key=lambda way: gains[way])
    lines = [
        *table(results["psnr_db"]),
        "",
        f"Smallest difference to the mean of the two fills: {gains[worst]:.2f} dB ({worst}).",
        "",
    ]
    if "psnr_db_photos_64" in results:
        lines += ["The same on the held-out regions of the built-in photographs, 64 x 64 pixels, patches of 4:", ""]
        lines += [*table(results["psnr_db_photos_64"]), ""]
    return "\n".join([*lines, measured(results)]) + "\n"


def table(rows: dict[str, dict[str, float]]) -> list[str]:
    """Return a Markdown table with one row per method and one column per way of dropping."""
    ways = list(next(iter(rows.values())))
    head = ["| | " + " | ".join(ways) + " |", "|" + "---|" * (1 + len(ways))]
    return head + [f"| {name} | " + " | ".join(f"{row[way]:.2f}" for way in ways) + " |" for name, row in rows.items()]


def measured(results: dict[str, Any]) -> str:
    """Return the sentence that names the source of the numbers."""
    note = f"; {results['note']}" if "note" in results else ""
    return f"Measured by `benchmarks/bench_weights.py`, `benchmarks/results/weights.json` ({results['date']}{note})."
