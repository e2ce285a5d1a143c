"""Figures of Rep and Div: raw values with their intervals, and the effect of normalisation."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from adq_core.records import BinScores, Floats

from .figure import Figure, Trace, bin_axis, make_figure, titled
from .theme import Theme


class Score(NamedTuple):
    """One of the two scores of all bins, raw and normalised."""

    name: str  # Rep or Div
    measure: str
    raw: Floats  # (m,)
    interval: Floats  # (m, 2)
    normalised: Floats  # (m,)
    amplification: float


def rep_and_div(scores: BinScores) -> tuple[Score, Score]:
    """Return Rep and Div of a record."""
    return (
        Score(
            "Rep",
            scores.representativeness_name,
            scores.representativeness,
            scores.representativeness_interval,
            scores.representativeness_norm,
            scores.representativeness_amplification,
        ),
        Score(
            "Div",
            scores.diversity_name,
            scores.diversity,
            scores.diversity_interval,
            scores.diversity_norm,
            scores.diversity_amplification,
        ),
    )


def format_amplification(amplification: float) -> str:
    """Return an amplification as text; a dash if all bins have the same score."""
    return "—" if not np.isfinite(amplification) else f"× {amplification:,.{0 if amplification >= 10 else 1}f}"


def decimals(*columns: Floats) -> int:
    """Return the number of decimals for columns of a table: four significant digits, more if values differ less.

    At most six; values that are not finite are ignored.
    """
    values = np.concatenate(columns)
    values = np.abs(values[np.isfinite(values)])
    if not values.size or not values.max():
        return 4
    spread = np.ptp(columns[0][np.isfinite(columns[0])]) or values.max()
    digits = max(3 - np.floor(np.log10(values.max())), 1 - np.floor(np.log10(spread)))
    return int(np.clip(digits, 0, 6))


def raw_scores(score: Score, theme: Theme) -> Figure:
    """Return one raw score of every bin with its 95 % interval."""
    m = len(score.raw)
    points: Trace = {
        "type": "scatter",
        "x": list(range(m)),
        "y": score.raw,
        "mode": "markers",
        "showlegend": False,
        "marker": {"size": 10, "color": theme.bins(m)},
        "error_y": _error_bars(score.raw, score.interval, theme),
        "customdata": [[n, _interval_text(*score.interval[n])] for n in range(m)],
        "hovertemplate": "bin %{x}: %{y:.4g}%{customdata[1]}<extra></extra>",
    }
    return make_figure([points], theme, 280, bin_axis(m), titled(f"{score.name} ({score.measure})"))


def amplified(score: Score, normalisation: str, theme: Theme) -> Figure:
    """Return the raw score divided by its mean, and the normalised score, on one axis that begins at 0.

    A score divided by its mean has no unit, so both fit on one axis; the ratio of their ranges is the amplification.
    """
    m, mean = len(score.raw), float(np.mean(score.raw))
    relative = score.raw / mean if mean else np.zeros(m)
    interval = score.interval / mean if mean else np.full((m, 2), np.nan)
    line: Trace = {
        "type": "scatter",
        "x": list(range(m)),
        "mode": "lines+markers",
        "customdata": [[n] for n in range(m)],
    }
    raw = {
        "y": relative,
        "name": "raw / mean",
        "line": {"color": theme.muted, "width": 2, "dash": "dot"},
        "marker": {"size": 7, "symbol": "square"},
        "error_y": _error_bars(relative, interval, theme),
        "hovertemplate": "bin %{x}: %{y:.3f} times the mean<extra></extra>",
    }
    normalised = {
        "y": score.normalised,
        "name": f"normalised ({normalisation})",
        "line": {"color": theme.accent, "width": 2},
        "marker": {"size": 8},
        "hovertemplate": "bin %{x}: %{y:.3f} normalised<extra></extra>",
    }
    y = titled(score.name, rangemode="tozero")
    return make_figure([line | raw, line | normalised], theme, 280, bin_axis(m), y)


def _error_bars(values: Floats, interval: Floats, theme: Theme) -> dict[str, object]:
    """Return the error bars of a 95 % interval; an unknown or infinite end has no bar."""
    reach = np.abs(interval - values[:, None])
    reach = np.where(np.isfinite(reach), reach, 0.0)
    return {
        "type": "data",
        "symmetric": False,
        "array": reach[:, 1],
        "arrayminus": reach[:, 0],
        "color": theme.muted,
        "thickness": 1.2,
        "width": 3,
    }


def _interval_text(low: float, high: float) -> str:
    """Return an interval as text; empty if it is unknown."""
    if np.isnan(low):
        return ""
    return f" (95%: {low:.4g} to {high:.4g})" if np.isfinite(high) else f" (95%: {low:.4g} or more)"
