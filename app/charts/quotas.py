"""Quotas as a table and as figures, and how much alpha matters. No Streamlit in here."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from adq_core.records import Ints, Quotas, QuotaTable

from .figure import Figure, Trace, above, bin_axis, dress, titled, upright
from .palette import ACCENT, TEXT, bin_colours

if TYPE_CHECKING:
    import pandas as pd

STEP = 0.05  # of alpha


def accounts(quotas: Quotas, other: Quotas) -> pd.DataFrame:
    """Return a row a bin: what it has, what it would give, what was capped and came here, and what it gives."""
    import pandas as pd

    table = pd.DataFrame({"bin": np.arange(len(quotas.quota)), "has": quotas.capacity, "target": quotas.target})
    if quotas.capped.any():
        table = table.assign(**{"capped": quotas.capped, "came here": quotas.moved})
    table["gives"] = quotas.quota
    table["of the bin"] = 100 * quotas.quota / quotas.capacity
    table[other.rule if other.rule != quotas.rule else f"{other.rule} too"] = other.quota
    table["difference"] = quotas.quota - other.quota
    return table


def surplus(quotas: Quotas) -> str:
    """Return which bins would give more than they have and where the surplus went; nothing where none does."""
    over = np.flatnonzero(quotas.capped > 0)
    if not len(over):
        return ""
    told = ", ".join(f"bin {n} ({quotas.capped[n]:.1f})" for n in over)
    came = [n for n in np.argsort(-quotas.moved, kind="stable") if quotas.moved[n] > 0]
    if not came:
        return f"Capped at what the bin has: {told}; this surplus is lost."
    shown = ", ".join(f"bin {n} (+{quotas.moved[n]:.1f})" for n in came[:5])
    rest = f" and {len(came) - 5} more" if len(came) > 5 else ""
    return f"Capped at what the bin has: {told}; this surplus went to {shown}{rest}."


def per_step(table: QuotaTable) -> tuple[Ints, Ints]:
    """Return the rows of the table at alpha = 0, 0.05 ... 1 and how many images change from each to the next.

    Subsets are prefixes, so the images that leave are told by the quotas alone: a bin that gives k fewer loses k. Of
    those that leave and those that come the larger number counts, which are the same where the total is held.
    """
    wanted = np.arange(0, 1 + STEP / 2, STEP)
    rows = np.array([int(np.abs(table.alpha - alpha).argmin()) for alpha in wanted])
    return rows, _changed(np.asarray(table.quota)[rows])


def _changed(quota: Ints) -> Ints:
    step = np.diff(quota, axis=0)
    return np.asarray(np.maximum(np.maximum(step, 0).sum(axis=1), np.maximum(-step, 0).sum(axis=1)))


def alpha_matters(table: QuotaTable) -> str:
    """Return how much alpha matters at this rule and keep ratio, in a sentence."""
    rows, changed = per_step(table)
    quota = np.asarray(table.quota)[rows]
    kept = int(quota.sum(axis=1).max())
    whole = int(_changed(quota[[0, -1]])[0])
    if not changed.any():
        return f"Alpha changes nothing here: under the rule {table.rule} the same images are kept at every alpha."
    share, most = whole / kept, int(changed.argmax())
    verdict = "hardly matters" if share < 0.05 else "matters a little" if share < 0.2 else "matters a lot"
    places = f"from {most * STEP:.2f} to {(most + 1) * STEP:.2f}"
    images = "image changes" if whole == 1 else "images change"
    return (
        f"Alpha {verdict} here: from 0 to 1, {whole:,} of {kept:,} {images} ({share:.0%}). A step of {STEP} changes "
        f"{changed.mean():.1f} on average and {changed.max():,} at most, {places}."
    )


def sensitivity_bars(table: QuotaTable, alpha: float, dark: bool) -> Figure:
    """Return how many images change from each alpha to the next, 0.05 apart, with the present alpha marked."""
    changed = per_step(table)[1]
    starts = np.arange(len(changed)) * STEP
    bars: Trace = {
        "type": "bar",
        "x": starts + STEP / 2,
        "y": changed,
        "width": STEP * 0.85,
        "marker": {"color": ACCENT[dark]},
        "customdata": np.stack([starts, starts + STEP], axis=1),
        "hovertemplate": "alpha %{customdata[0]:.2f} to %{customdata[1]:.2f}: %{y:,} images change<extra></extra>",
        "showlegend": False,
    }
    y = titled(f"images that change per {STEP}", rangemode="tozero")
    y["range"] = [0, max(4, 1.15 * int(changed.max(initial=0)))]
    return dress([bars], dark, 300, titled("alpha", range=[0, 1]), y, {"shapes": [upright(alpha, dark)]})


def quota_bars(quotas: Quotas, beside: Quotas, dark: bool) -> Figure:
    """Return what each bin gives, and as dashes what it gives under another rule."""
    m = len(quotas.quota)
    at = list(range(m))
    bars: Trace = {
        "type": "bar",
        "x": at,
        "y": quotas.quota,
        "name": "quota",
        "marker": {"color": bin_colours(m, dark)},
        "showlegend": False,
        "customdata": quotas.capacity,
        "hovertemplate": "bin %{x}: %{y:,} of %{customdata:,}<extra></extra>",
    }
    dashes: Trace = {
        "type": "scatter",
        "x": at,
        "y": beside.quota,
        "mode": "markers",
        "name": f"rule {beside.rule}",
        "hovertemplate": f"bin %{{x}} by {beside.rule}: %{{y:,}}<extra></extra>",
        "marker": {"symbol": "line-ew", "size": 16, "line": {"width": 2, "color": TEXT[dark]}},
    }
    height = beside.quota - quotas.quota  # of the dash above the bar: too near, and it would strike the number through
    room = 0.1 * max(1, int(quotas.quota.max()), int(beside.quota.max()))
    over = np.where((height > -0.1 * room) & (height < room), beside.quota, quotas.quota)
    numbers = above(at, over, [f"{q:,}" for q in quotas.quota])
    return dress([bars, dashes, numbers], dark, 300, bin_axis(m), titled("images kept"))


def quota_lines(table: QuotaTable, alpha: float, dark: bool) -> Figure:
    """Return each bin's quota over alpha, one line a bin, with the present alpha marked."""
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
        for number, colour in enumerate(bin_colours(table.quota.shape[1], dark))
    ]
    last = table.quota[-1]
    apart = 0.06 * max(1, int(np.ptp(table.quota)))
    ends = [  # bins that end together, or too near for two lines of text, share one label
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
    layout = {"annotations": ends, "shapes": [upright(alpha, dark)], "margin": {"r": 56}}
    return dress(lines, dark, 300, titled("alpha", range=[0, 1]), titled("images kept"), layout)


def _groups(values: Ints, apart: float) -> list[list[int]]:
    """Return the numbers of values in groups, from the highest down, none of which begins within `apart` of another."""
    groups: list[list[int]] = []
    for number in np.argsort(-values, kind="stable").tolist():
        if groups and values[groups[-1][0]] - values[number] < apart:
            groups[-1].append(number)
        else:
            groups.append([number])
    return groups
