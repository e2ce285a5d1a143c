"""Adaptive Dataset Quantization: bins, scores, quotas, the selected subset and the patches of its images."""

from .errors import AdqError
from .pipeline import Run
from .settings import Settings

__all__ = ["AdqError", "Run", "Settings"]
__version__ = "0.1.0"
