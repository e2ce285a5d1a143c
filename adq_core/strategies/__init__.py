"""Strategies: ways to select a subset, ADQ among them, by name."""

from .candidates import Candidates
from .difficulty import penalty_for
from .draws import Draw
from .table import ADQ, BASELINE, STRATEGIES, Strategy, strategy_names

__all__ = ["ADQ", "BASELINE", "STRATEGIES", "Candidates", "Draw", "Strategy", "penalty_for", "strategy_names"]
