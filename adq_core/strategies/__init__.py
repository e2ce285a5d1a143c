"""Strategies: ways to select a subset, ADQ among them, by name."""

from .candidates import Candidates
from .difficulty import penalty_for
from .table import BASELINE, STRATEGIES, Strategy, strategy_names

__all__ = ["BASELINE", "STRATEGIES", "Candidates", "Strategy", "penalty_for", "strategy_names"]
