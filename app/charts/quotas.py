"""Figures and the table of quotas, and the sensitivity to alpha."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from adq_core.records import Ints, Quotas, QuotaTable
from app.text.quotas import ALPHA_STEP, changes_per_step

from .figure import Figure, Trace, bin_axis, labels_above, make_figure, titled, vertical_line, whole_ticks
from .theme import Theme

if TYPE_CHECKING:
    import pandas as pd


def quotas_by_bin(quotas: Quotas, other: Quotas) -> pd.DataFrame:
    """Return one row per bin: capacity, target, surplus capped and received, quota, and the quota of another rule."""
    import pandas as pd

    table = pd.DataFrame({"bin": np.arange(len(quotas.quota)), "capacity": quotas.capacity})
    if np.isfinite(quotas.r).all():  # a strategy without quotas has no target
        table["target"] = quotas.target
    if quotas.capped.any():
        table = table.assign(capped=quotas.capped, received=quotas.reallocated)
    table["quota" if "target" in table else "selected"] = quotas.quota
    table["share of bin"] = 100 * quotas.quota / quotas.capacity
    table[other.rule if other.rule != quotas.rule else f"{other.rule} again"] = other.quota
    table["difference"] = quotas.quota - other.quota
    return table


def sensitivity_bars(table: QuotaTable, alpha: float, theme: Theme) -> Figure:
    """Return how many images change per step of 0.05 of alpha, with the present alpha marked."""
    changed = changes_per_step(table)[1]
    starts = np.arange(len(changed)) * ALPHA_STEP
    bars: Trace = {
        "type": "bar",
        "x": starts + ALPHA_STEP / 2,
        "y": changed,
        "width": ALPHA_STEP * 0.85,
        "marker": {"color": theme.accent},
        "customdata": np.stack([starts, starts + ALPHA_STEP], axis=1),
        "hovertemplate": "alpha %{customdata[0]:.2f} to %{customdata[1]:.2f}: %{y:,} images change<extra></extra>",
        "showlegend": False,
    }
    most = int(changed.max(initial=0))
    y = titled(f"images that change per {ALPHA_STEP}", rangemode="tozero", **whole_ticks(most))
    y["range"] = [0, max(4, 1.15 * most)]
    return make_figure([bars], theme, 300, titled("alpha", range=[0, 1]), y, {"shapes": [vertical_line(alpha, theme)]})


def quota_bars(quotas: Quotas, other: Quotas, theme: Theme) -> Figure:
    """Return one bar per bin, its quota, and as dashes the quotas of another rule."""
    m = len(quotas.quota)
    at = list(range(m))
    bars: Trace = {
        "type": "bar",
        "x": at,
        "y": quotas.quota,
        "name": "quota",
        "marker": {"color": theme.bins(m)},
        "showlegend": False,
        "customdata": quotas.capacity,
        "hovertemplate": "bin %{x}: %{y:,} of %{customdata:,}<extra></extra>",
    }
    dashes: Trace = {
        "type": "scatter",
        "x": at,
        "y": other.quota,
        "mode": "markers",
        "name": f"rule {other.rule}",
        "hovertemplate": f"bin %{{x}} by {other.rule}: %{{y:,}}<extra></extra>",
        "marker": {"symbol": "line-ew", "size": 16, "line": {"width": 2, "color": theme.text}},
    }
    height = other.quota - quotas.quota  # of the dash above the bar: a near dash would cross the number
    most = max(int(quotas.quota.max()), int(other.quota.max()))
    room = 0.1 * max(1, most)
    label_y = np.where((height > -0.1 * room) & (height < room), other.quota, quotas.quota)
    numbers = labels_above(at, label_y, [f"{q:,}" for q in quotas.quota])
    return make_figure([bars, dashes, numbers], theme, 300, bin_axis(m), titled("images selected", **whole_ticks(most)))


def quota_lines(table: QuotaTable, alpha: float, theme: Theme) -> Figure:
    """Return the quotas over alpha, one line per bin, with the present alpha marked."""
    lines: list[Trace] = [
        {
            "type": "scatter",
            "x": table.alpha,
            "y": table.quota[:, number],
            "mode": "lines",
            "line": {"color": colour, "width": 2, "shape": "hv"},
            "name": f"bin {number}",
            "showlegend": False,
            "hovertemplate": f"bin {number} at alpha %{{x:.2f}}: %{{y:,}}<extra></extra>",
        }
        for number, colour in enumerate(theme.bins(table.quota.shape[1]))
    ]
    last = table.quota[-1]
    apart = 0.06 * max(1, int(np.ptp(table.quota)))
    ends = [  # bins whose lines end too close for separate labels share one
        {
            "x": 1,
            "y": float(last[near].mean()),
            "text": ", ".join(str(number) for number in sorted(near)),
            "showarrow": False,
            "xanchor": "left",
            "xshift": 4,
        }
        for near in _groups(last, apart)
    ]
    most = int(table.quota.max())
    layout = {"annotations": ends, "shapes": [vertical_line(alpha, theme)], "margin": {"r": 56}}
    y = titled("images selected", **whole_ticks(most))
    return make_figure(lines, theme, 300, titled("alpha", range=[0, 1]), y, layout)


def _groups(values: Ints, apart: float) -> list[list[int]]:
    """Return the indices of values in groups, from the highest; the first values of two groups differ by `apart`."""
    groups: list[list[int]] = []
    for number in np.argsort(-values, kind="stable").tolist():
        if groups and values[groups[-1][0]] - values[number] < apart:
            groups[-1].append(number)
        else:
            groups.append([number])
    return groups
