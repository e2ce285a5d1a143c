"""How a stage tells what it is doing, and how it is stopped: a plain function that may raise `Cancelled`."""

from __future__ import annotations

from collections.abc import Callable

Progress = Callable[[int, int, str], None]
"""Called as `progress(done, total, what)`; raising `Cancelled` from it stops the stage cleanly."""


def no_progress(done: int, total: int, what: str) -> None:
    """Ignore all progress: the default of every stage."""
