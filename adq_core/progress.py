"""Progress reports: a stage calls a function with its progress, and that function may stop the stage."""

from __future__ import annotations

from collections.abc import Callable

Progress = Callable[[int, int, str], None]
"""Called as `progress(done, total, what)`; to stop the stage, it raises `Cancelled`."""


def no_progress(done: int, total: int, what: str) -> None:
    """Ignore the progress: the default of every stage."""
