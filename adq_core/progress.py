"""Progress of a stage: a callback that shows it and that may raise `Cancelled` to stop the stage."""

from __future__ import annotations

from collections.abc import Callable

Progress = Callable[[int, int, str], None]
"""Called as `progress(done, total, what)`; if it raises `Cancelled`, the stage stops and stores no partial result."""


def no_progress(done: int, total: int, what: str) -> None:
    """Do nothing; the default progress callback of every stage."""
