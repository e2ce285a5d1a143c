"""The progress of an evidence table whose cells can be measured in several threads."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from adq_core.errors import Cancelled
from adq_core.progress import Progress

from .cells import CellKey


class SharedProgress:
    """The progress of a table from the progress of its cells, which can be measured in several threads."""

    def __init__(self, progress: Progress, n_cells: int, steps: int) -> None:
        self._progress, self._total, self._steps = progress, n_cells * steps, steps
        self._finished = 0
        self._running: dict[CellKey | None, int] = {}
        self._stopped, self._lock = False, threading.Lock()

    def of(self, key: CellKey) -> Progress:
        """Return the progress of one cell."""

        def report(done: int, total: int, what: str) -> None:
            self._report(key, done * self._steps // max(1, total))

        return report

    def finish(self, cells: int, key: CellKey | None = None) -> None:
        """Count these cells as measured."""
        with self._lock:
            self._finished += cells * self._steps
            self._running.pop(key, None)
        self._report(None, 0)

    @contextmanager
    def stopped_on_error(self) -> Iterator[None]:
        """Let the cells in other threads stop at their next report when the block is left by an error."""
        try:
            yield
        except BaseException:
            self._stopped = True
            raise

    def _report(self, key: CellKey | None, done: int) -> None:
        if self._stopped:
            raise Cancelled
        with self._lock:
            if key is not None:
                self._running[key] = done
            with self.stopped_on_error():
                self._progress(self._finished + sum(self._running.values()), self._total, "comparing strategies")
