"""How a training goes, in a file: what the app reads while the training runs in a process of its own."""

from __future__ import annotations

import json
import os
import signal
import time
from pathlib import Path
from typing import Any

from adq_core.errors import Cancelled, StorageError
from adq_core.models.training.loop import State

PAUSE = 0.3  # seconds at least between two writes: steps can be shorter


class Report:
    """A `Progress` that keeps {done, total, what, history} as JSON in a file, for another process to read.

    An interrupt (SIGINT) asks the training to stop at its next step, where the checkpoint can be saved, instead of in
    the middle of one. It also stops when the process that started this one has ended: nobody is left to read.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._parent = os.getppid()
        self._told: dict[str, Any] = {"done": 0, "total": 0, "what": "", "history": []}
        self._written = -PAUSE
        self._stop = False
        signal.signal(signal.SIGINT, self._ask)
        self._write()

    def __call__(self, done: int, total: int, what: str) -> None:
        """Take note of the progress; raise `Cancelled` where somebody asked to stop."""
        if self._stop or os.getppid() != self._parent:
            raise Cancelled("The training was asked to stop.")
        self._told |= {"done": done, "total": total, "what": what}
        if done == total or time.monotonic() - self._written > PAUSE:
            self._write()

    def watch(self, state: State) -> None:
        """Take note of the losses after an epoch."""
        self._told["history"] = state.history
        self._write()

    def _ask(self, number: int, frame: Any) -> None:
        del number, frame
        self._stop = True

    def _write(self) -> None:
        unfinished = self._path.with_name(f"{self._path.name}.{os.getpid()}.tmp")
        try:
            unfinished.write_text(json.dumps(self._told), encoding="utf-8")
            os.replace(unfinished, self._path)
        except OSError as error:
            raise StorageError(f"The report could not be written to {self._path}: {error.strerror}.") from None
        self._written = time.monotonic()
