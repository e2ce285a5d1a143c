"""The command line: one module per command; `options.py` makes options from `Settings`."""

from .main import main

__all__ = ["main"]
