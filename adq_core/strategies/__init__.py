"""Strategies: ways to select a subset, ADQ among them, by name."""

from .candidates import Candidates
from .difficulty import penalty_for
from .draws import Draw
from .hand_lists import draw_with_lists
from .table import ADQ, BASELINE, STRATEGIES, Strategy, strategy_names

__all__ = [
    "ADQ",
    "BASELINE",
    "STRATEGIES",
    "Candidates",
    "Draw",
    "Strategy",
    "draw_with_lists",
    "penalty_for",
    "strategy_names",
]
