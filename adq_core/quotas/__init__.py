"""How many images are selected from each bin, computed from importance, bin size, alpha and keep ratio."""

from .apportionment import webster
from .bounds import Bounds, bounds_of, total_within
from .realised import realised_quotas
from .rules import ALPHAS, QUOTA_RULES, make_quotas, quota_table
from .targets import check_keep_ratio, target_size
from .thresholds import smallest_subset_sizes, target_size_of

__all__ = [
    "ALPHAS",
    "QUOTA_RULES",
    "Bounds",
    "bounds_of",
    "check_keep_ratio",
    "make_quotas",
    "quota_table",
    "realised_quotas",
    "smallest_subset_sizes",
    "target_size",
    "target_size_of",
    "total_within",
    "webster",
]
