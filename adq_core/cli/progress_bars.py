"""Progress on the terminal."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from adq_core.progress import Progress, no_progress


class TqdmProgress:
    """Progress callback that shows one tqdm bar per stage on stderr; nothing where stderr is closed."""

    def __init__(self) -> None:
        self._bar: Any = None
        self._what = ""
        self._closed = sys.stderr is None

    def __call__(self, done: int, total: int, what: str) -> None:
        """Show that `done` of `total` steps are finished; a new name `what` or a new `total` starts a new bar."""
        if self._closed:
            return
        try:
            self._show(done, total, what)
        except (OSError, ValueError):  # for example a pipe whose reader has ended
            self._bar, self._closed = None, True

    def _show(self, done: int, total: int, what: str) -> None:
        from tqdm import tqdm

        if what != self._what or self._bar is None or self._bar.total != total:
            self.close()
            self._bar, self._what = tqdm(total=total, desc=what, file=sys.stderr, leave=False, dynamic_ncols=True), what
        self._bar.update(done - self._bar.n)

    def close(self) -> None:
        """Remove the bar from the terminal."""
        if self._bar is not None:
            self._bar.close()
        self._bar = None


@contextmanager
def terminal_progress(parsed: argparse.Namespace, *, is_shown: bool = True) -> Iterator[Progress]:
    """Yield the progress callback of a command: bars unless `--quiet`; it ends the command after Ctrl-C."""
    bars = TqdmProgress()
    try:
        yield parsed.signals.repeat(bars if is_shown and not parsed.quiet else no_progress)
    finally:
        bars.close()
