"""Histograms of columns of numbers that filter each other; a drag over one selects a range."""

from .component import histograms, read_range
from .encoding import HistogramColumn, HistogramLevels, encode_levels

__all__ = ["HistogramColumn", "HistogramLevels", "encode_levels", "histograms", "read_range"]
