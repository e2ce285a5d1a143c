"""The command line: one module per command, options made from `Settings`."""

from .commands import main

__all__ = ["main"]
