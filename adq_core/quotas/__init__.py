"""Quotas: bin scores and capacities to the number of images that each bin gives."""

from .apportionment import webster
from .rules import ALPHAS, QUOTA_RULES, budget_size, make_quotas, quota_table
from .thresholds import asked_for, entry_counts

__all__ = ["ALPHAS", "QUOTA_RULES", "asked_for", "budget_size", "entry_counts", "make_quotas", "quota_table", "webster"]
