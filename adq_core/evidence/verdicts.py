"""The result in words."""

from __future__ import annotations

from adq_core.strategies import BASELINE

from .protocol import Evidence
from .statistics import Difference

NAMES = {"given": "The given selection", "adq": "ADQ", "adq+margin": "ADQ without ambiguous images"}


def verdict_sentence(evidence: Evidence, keep_ratio: float) -> str:
    """Return the verdict on ADQ and on the best other strategy at one keep ratio, in points of accuracy.

    For example: "At 10 % kept, ADQ is 0.1 ± 0.3 points below balanced random: not distinguishable. margin is 0.9 ± 0.3
    points above."
    """
    differences = evidence.differences(keep_ratio)
    others = {name: one for name, one in differences.items() if name not in ("adq", "given", BASELINE)}
    better = {name: one for name, one in others.items() if one.distinguishable and one.mean > 0}
    sentences = [f"{describe(name, differences[name])}." for name in ("given", "adq") if name in differences]
    if better:
        best = max(better, key=lambda name: better[name].mean)
        sentences.append(f"{describe(best, better[best])}.")
    elif others:
        sentences.append("No other strategy is distinguishably better.")
    text = " ".join(sentences)
    return f"At {100 * keep_ratio:.3g} % kept, {text[0].lower() + text[1:] if text.startswith('The') else text}"


def describe(name: str, difference: Difference) -> str:
    """Return "ADQ is 0.1 ± 0.3 points below balanced random: not distinguishable", or what is known less."""
    shown = NAMES.get(name, name)
    if difference.n_seeds < 2:
        return f"{shown} is not compared yet"
    points, width = 100 * difference.mean, 100 * difference.half_width
    side = "above" if points >= 0 else "below"
    text = f"{shown} is {abs(points):.1f} ± {width:.1f} points {side} balanced random"
    if difference.distinguishable:
        return text
    return f"{text}: not distinguishable (a difference of {100 * difference.detectable:.1f} would be)"
