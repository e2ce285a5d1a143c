"""One score of every bin: raw with its interval, and what normalisation makes of it. No Streamlit in here."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from adq_core.records import BinScores, Floats

from .figure import Figure, Trace, bin_axis, dress, titled
from .palette import ACCENT, MUTED, bin_colours


class Score(NamedTuple):
    """One of the two scores, raw beside normalised."""

    name: str  # Rep or Div
    measure: str
    raw: Floats  # (m,)
    interval: Floats  # (m, 2)
    normalised: Floats  # (m,)
    amplification: float


def both(scores: BinScores) -> tuple[Score, Score]:
    """Return Rep and Div of a record, each with all that belongs to it."""
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


def times(amplification: float) -> str:
    """Return an amplification as a person reads it; a dash where the bins do not differ at all."""
    return "—" if not np.isfinite(amplification) else f"× {amplification:,.{0 if amplification >= 10 else 1}f}"


def decimals(*columns: Floats) -> int:
    """Return the decimals for columns that stand below one another: four digits, more if they differ only further on.

    At most six; what is not finite does not count.
    """
    values = np.concatenate(columns)
    values = np.abs(values[np.isfinite(values)])
    if not values.size or not values.max():
        return 4
    spread = np.ptp(columns[0][np.isfinite(columns[0])]) or values.max()
    digits = max(3 - np.floor(np.log10(values.max())), 1 - np.floor(np.log10(spread)))
    return int(np.clip(digits, 0, 6))


def raw_scores(score: Score, dark: bool) -> Figure:
    """Return one score of every bin with its 95 % interval, on an axis of its own."""
    m = len(score.raw)
    points: Trace = {
        "type": "scatter",
        "x": list(range(m)),
        "y": score.raw,
        "mode": "markers",
        "showlegend": False,
        "marker": {"size": 10, "color": bin_colours(m, dark)},
        "error_y": _reach(score.raw, score.interval, dark),
        "customdata": [[n, _told(*score.interval[n])] for n in range(m)],
        "hovertemplate": "bin %{x}: %{y:.4g}%{customdata[1]}<extra></extra>",
    }
    return dress([points], dark, 280, bin_axis(m), titled(f"{score.name} ({score.measure})"))


def amplified(score: Score, normalisation: str, dark: bool) -> Figure:
    """Return the raw score over its mean, from zero up, beside the normalised one: how much steeper that is.

    Over its mean a score has no unit, so that both have one axis; the steepness of one line over the other's is the
    amplification.
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
        "name": "raw / its mean",
        "line": {"color": MUTED[dark], "width": 2, "dash": "dot"},
        "marker": {"size": 7, "symbol": "square"},
        "error_y": _reach(relative, interval, dark),
        "hovertemplate": "bin %{x}: %{y:.3f} of the mean<extra></extra>",
    }
    normalised = {
        "y": score.normalised,
        "name": f"normalised ({normalisation})",
        "line": {"color": ACCENT[dark], "width": 2},
        "marker": {"size": 8},
        "hovertemplate": "bin %{x}: %{y:.3f} normalised<extra></extra>",
    }
    y = titled(score.name, rangemode="tozero")
    return dress([line | raw, line | normalised], dark, 280, bin_axis(m), y)


def _reach(values: Floats, interval: Floats, dark: bool) -> dict[str, object]:
    """Return the bars of a 95 % interval; an end that is not known, or infinite, is not drawn."""
    reach = np.abs(interval - values[:, None])
    reach = np.where(np.isfinite(reach), reach, 0.0)
    return {
        "type": "data",
        "symmetric": False,
        "array": reach[:, 1],
        "arrayminus": reach[:, 0],
        "color": MUTED[dark],
        "thickness": 1.2,
        "width": 3,
    }


def _told(low: float, high: float) -> str:
    """Return an interval in words; nothing where it is not known."""
    if np.isnan(low):
        return ""
    return f" (95%: {low:.4g} to {high:.4g})" if np.isfinite(high) else f" (95%: {low:.4g} or more)"
