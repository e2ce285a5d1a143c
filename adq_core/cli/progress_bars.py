"""Progress on the terminal, and Ctrl-C during a stage."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from adq_core.progress import Progress


class TqdmProgress:
    """Progress callback that shows one tqdm bar per stage on stderr."""

    def __init__(self) -> None:
        self._bar: Any = None
        self._what = ""

    def __call__(self, done: int, total: int, what: str) -> None:
        """Show that `done` of `total` steps are finished; a new name `what` or a new `total` starts a new bar."""
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
def repeat_sigint(progress: Progress) -> Iterator[Progress]:
    """Yield a progress callback that raises `KeyboardInterrupt` at every call after Ctrl-C.

    Python raises it once, in whatever code runs at that moment, and loses it where that code ignores exceptions, such
    as the clean-up after an import. The run then ends at the next progress call.
    """
    interrupted = False

    def on_sigint(number: int, frame: object) -> None:
        nonlocal interrupted
        interrupted = True
        raise KeyboardInterrupt

    def forward(done: int, total: int, what: str) -> None:
        if interrupted:
            raise KeyboardInterrupt
        progress(done, total, what)

    if threading.current_thread() is not threading.main_thread():  # only the main thread may set signal handlers
        yield progress
        return
    previous = signal.signal(signal.SIGINT, on_sigint)
    try:
        yield forward
    finally:
        signal.signal(signal.SIGINT, previous)
