"""Figures of the evidence: differences to balanced random, and accuracy over the keep ratio."""

from __future__ import annotations

import numpy as np

from adq_core.evidence import Evidence
from adq_core.strategies import BASELINE

from .figure import Figure, Trace, make_figure, titled
from .theme import Theme

WORSE = {"light": "#b42318", "dark": "#f97066"}


def differences(evidence: Evidence, keep_ratio: float, theme: Theme) -> Figure:
    """Return one row per strategy: its difference to balanced random in points, with the 95 % interval."""
    found = {name: one for name, one in evidence.differences(keep_ratio).items() if name != BASELINE}
    names = sorted(found, key=lambda name: found[name].mean)
    colours = [_colour(found[name].mean, found[name].distinguishable, theme) for name in names]
    hover = [
        f"{name}: {100 * found[name].mean:+.2f} ± {100 * found[name].half_width:.2f} points, "
        f"p {found[name].p:.2g} (Holm), {found[name].n_seeds} seeds"
        for name in names
    ]
    trace: Trace = {
        "type": "scatter",
        "mode": "markers",
        "x": [100 * found[name].mean for name in names],
        "y": list(range(len(names))),
        "marker": {"color": colours, "size": [14 if name == "adq" else 9 for name in names], "symbol": "circle"},
        "error_x": {"array": [100 * found[name].half_width for name in names], "color": theme.muted, "thickness": 1.5},
        "customdata": hover,
        "hovertemplate": "%{customdata}<extra></extra>",
        "showlegend": False,
    }
    x = titled("points of accuracy above or below balanced random", zeroline=True, zerolinecolor=theme.text)
    y = {"tickmode": "array", "tickvals": list(range(len(names))), "range": [-0.6, len(names) - 0.4]}
    y["ticktext"] = ["<b>ADQ</b>" if name == "adq" else name for name in names]
    return make_figure([trace], theme, 90 + 28 * len(names), x, y)


def _colour(mean: float, distinguishable: bool, theme: Theme) -> str:
    if not distinguishable:
        return theme.muted
    return theme.accent if mean > 0 else WORSE[theme.name]


def accuracy(evidence: Evidence, shown: list[str], theme: Theme) -> Figure:
    """Return accuracy over the keep ratio: these strategies as lines, single subsets of balanced random as a band."""
    x = [100 * ratio for ratio in evidence.keep_ratios]
    base = evidence.strategies.index(BASELINE)
    mean = 100 * evidence.mean
    spread = 2 * 100 * evidence.accuracy[base].std(axis=1)
    band: Trace = {
        "type": "scatter", "mode": "lines", "x": [*x, *x[::-1]], "fill": "toself", "hoverinfo": "skip",
        "y": [*(mean[base] + spread), *(mean[base] - spread)[::-1]], "line": {"width": 0},
        "fillcolor": _translucent(theme.muted), "name": "95% of balanced random subsets",
    }  # fmt: skip
    palette = dict(zip([name for name in shown if name not in ("adq", BASELINE)], theme.class_cycle[1:], strict=False))
    traces = [band]
    for name in dict.fromkeys([BASELINE, *shown]):
        colour = {"adq": theme.accent, BASELINE: theme.text}.get(name) or palette.get(name, theme.muted)
        line = {"color": colour, "width": 3 if name == "adq" else 1.8, "dash": "dot" if name == BASELINE else "solid"}
        traces.append(
            {
                "type": "scatter", "mode": "lines+markers", "x": x, "y": mean[evidence.strategies.index(name)].tolist(),
                "name": {"adq": "ADQ", BASELINE: "balanced random"}.get(name, name), "line": line,
                "hovertemplate": "%{x:g}% kept: %{y:.1f}%<extra>%{fullData.name}</extra>",
            }
        )  # fmt: skip
    axis = titled("images kept, %", type="log", tickmode="array", tickvals=x, ticktext=[f"{value:g}" for value in x])
    low = float(np.nanmin(mean[[evidence.strategies.index(name) for name in dict.fromkeys([BASELINE, *shown])]]))
    y = titled("accuracy on test images, %", range=[max(0.0, low - 5), min(100.0, float(np.nanmax(mean)) + 3)])
    return make_figure(traces, theme, 420, axis, y)


def _translucent(colour: str) -> str:
    red, green, blue = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
    return f"rgba({red},{green},{blue},0.22)"
