"""Evidence as rows, as text for a terminal, and as a figure."""

from __future__ import annotations

from typing import Any

from adq_core.strategies import BASELINE, STRATEGIES

from .protocol import Evidence
from .verdicts import verdict_sentence

POINTS = 100  # accuracy in points


def rows_of(evidence: Evidence) -> list[dict[str, Any]]:
    """Return one row per keep ratio and strategy: mean accuracy, and the difference to balanced random, in points."""
    rows = []
    for column, keep_ratio in enumerate(evidence.keep_ratios):
        for index, (name, difference) in enumerate(evidence.differences(keep_ratio).items()):
            rows.append(
                {
                    "keep_ratio": keep_ratio,
                    "strategy": name,
                    "n_selected": int(evidence.n_selected[index, column]),
                    "n_seeds": difference.n_seeds,
                    "accuracy": round(POINTS * float(evidence.mean[index, column]), 3),
                    "difference": round(POINTS * difference.mean, 3),
                    "half_width": _finite(POINTS * difference.half_width),
                    "p": difference.p,
                    "detectable": _finite(POINTS * difference.detectable),
                    "distinguishable": difference.distinguishable,
                    "reference": STRATEGIES[name].reference if name in STRATEGIES else "",
                }
            )
    return rows


def _finite(value: float) -> float | None:
    return round(value, 3) if abs(value) < float("inf") else None


def content_of(evidence: Evidence) -> dict[str, Any]:
    """Return the evidence as it is written to JSON: verdicts in words, numbers, and every single accuracy."""
    return {
        "verdicts": {str(ratio): verdict_sentence(evidence, ratio) for ratio in evidence.keep_ratios},
        "baseline": BASELINE,
        "probe": evidence.probe,
        "n_train": evidence.n_train,
        "n_test": evidence.n_test,
        "tested_on": evidence.tested_on,
        "complete": evidence.complete,
        "rows": rows_of(evidence),
        "accuracy": {
            name: {str(ratio): evidence.accuracy[i, j].tolist() for j, ratio in enumerate(evidence.keep_ratios)}
            for i, name in enumerate(evidence.strategies)
        },
    }


def table_of(evidence: Evidence) -> str:
    """Return a table of accuracies and differences in points, one line per strategy, one column per keep ratio.

    A star marks a difference that is distinguishable from 0.
    """
    head = ["strategy", *(f"{100 * ratio:.3g} %" for ratio in evidence.keep_ratios)]
    lines = [head]
    by_ratio = [evidence.differences(ratio) for ratio in evidence.keep_ratios]
    for index, name in enumerate(evidence.strategies):
        cells = []
        for column, differences in enumerate(by_ratio):
            one, accuracy = differences[name], POINTS * evidence.mean[index, column]
            star = "*" if one.distinguishable else " "
            change = f"{POINTS * one.mean:+.1f} ± {POINTS * one.half_width:.1f}{star}"
            cells.append(f"{accuracy:.1f}" if name == BASELINE else f"{accuracy:.1f} ({change})")
        lines.append([name, *cells])
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines
    )


def figure_of(evidence: Evidence) -> dict[str, Any]:
    """Return a Plotly figure as a plain dict: accuracy over the keep ratio with the band of balanced random."""
    baseline = evidence.strategies.index(BASELINE)
    x = [100 * ratio for ratio in evidence.keep_ratios]
    traces: list[dict[str, Any]] = []
    for index, name in enumerate(evidence.strategies):
        y = (POINTS * evidence.mean[index]).tolist()
        if index == baseline:
            spread = POINTS * evidence.accuracy[index].std(axis=1)
            low, high = (
                [a - 2 * b for a, b in zip(y, spread, strict=True)],
                [a + 2 * b for a, b in zip(y, spread, strict=True)],
            )
            traces.insert(0, _band(x, low, high))
        line = {"width": 3} if index == baseline or name == "adq" else {"width": 1}
        traces.append({"type": "scatter", "mode": "lines+markers", "name": name, "x": x, "y": y, "line": line})
    return {
        "data": traces,
        "layout": {
            "xaxis": {"title": {"text": "images kept, %"}, "type": "log"},
            "yaxis": {"title": {"text": f"accuracy of the probe on {evidence.n_test:,} test images, %"}},
            "template": "plotly_white",
        },
    }


def _band(x: list[float], low: list[float], high: list[float]) -> dict[str, Any]:
    """Return the filled area in which 95 % of the single subsets of balanced random lie, about."""
    return {
        "type": "scatter", "x": [*x, *x[::-1]], "y": [*high, *low[::-1]], "fill": "toself", "hoverinfo": "skip",
        "line": {"width": 0}, "fillcolor": "rgba(128, 128, 128, 0.25)", "name": "balanced: single subsets",
    }  # fmt: skip
