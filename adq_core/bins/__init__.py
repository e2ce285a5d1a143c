"""Bins: a greedy GraphCut selection divides each class into bins, from typical images to outliers."""

from .all_gains import GreedySteps, greedy_steps
from .gains import KERNELS
from .gradients import SOFTMAX
from .graphcut import POOLS, make_bins
from .schedules import SCHEDULES

__all__ = ["KERNELS", "POOLS", "SCHEDULES", "SOFTMAX", "GreedySteps", "greedy_steps", "make_bins"]
