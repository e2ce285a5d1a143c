"""Bins: a greedy GraphCut selection splits each class into bins, from typical images to outliers."""

from .graphcut import KERNELS, POOLS, SOFTMAX, make_bins
from .schedules import SCHEDULES

__all__ = ["KERNELS", "POOLS", "SCHEDULES", "SOFTMAX", "make_bins"]
