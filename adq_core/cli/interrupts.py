"""Ctrl-C and SIGTERM: the command ends at the next possible moment, after its temporary files are removed."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from adq_core.progress import Progress

NUMBERS = (signal.SIGINT, signal.SIGTERM)


class StopSignals:
    """The signal that has arrived, if any.

    Python raises the exception of a signal once, in whatever code runs at that moment, and loses it where that code
    ignores exceptions, such as the clean-up after an import. So `repeat` raises it again at every progress call.
    """

    def __init__(self) -> None:
        self.received: int | None = None

    def handle(self, number: int, frame: FrameType | None) -> None:
        """Record a signal and raise `KeyboardInterrupt`: the handler of the signals."""
        del frame
        self.received = number
        raise KeyboardInterrupt

    def repeat(self, progress: Progress) -> Progress:
        """Return a progress callback that raises `KeyboardInterrupt` at every call after a signal."""

        def forward(done: int, total: int, what: str) -> None:
            if self.received is not None:
                raise KeyboardInterrupt
            progress(done, total, what)

        return forward


@contextmanager
def stop_signals() -> Iterator[StopSignals]:
    """Handle SIGINT and SIGTERM inside the block. Only the main thread may; in others the block runs without it."""
    signals = StopSignals()
    if threading.current_thread() is not threading.main_thread():
        yield signals
        return
    previous = {number: signal.signal(number, signals.handle) for number in NUMBERS}
    try:
        yield signals
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
