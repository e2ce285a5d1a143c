"""Adaptive Dataset Quantization: bins, scores, quotas, the selected subset and the patches of its images."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .errors import AdqError as AdqError
    from .pipeline import Run as Run
    from .settings import Settings as Settings

__all__ = ["AdqError", "Run", "Settings"]
__version__ = "0.1.0"

_MODULES = {"AdqError": "errors", "Run": "pipeline", "Settings": "settings"}


def __getattr__(name: str) -> Any:
    """Import a public name at its first use, so that the command line can handle Ctrl-C before the imports."""
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f".{_MODULES[name]}", __name__), name)
    globals()[name] = value
    return value
