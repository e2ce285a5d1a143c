"""The progress of a training in a file, which the app reads while the training runs in another process."""

from __future__ import annotations

import json
import os
import signal
import time
from pathlib import Path
from typing import Any

from adq_core.errors import Cancelled
from adq_core.storage import atomic_file

from .config import PARENT_VARIABLE, TrainingState

MIN_INTERVAL = 0.3  # seconds between two writes; steps can be shorter


class ProgressFile:
    """A `Progress` that writes {done, total, what, history} as JSON to a file, for another process to read.

    An interrupt (SIGINT) stops the training at its next step, where the checkpoint can be saved, instead of within a
    step. The training also stops when its parent process has ended, because no process reads the file after that.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        # The parent names itself, because it can end while this process still imports its modules.
        self._parent = int(os.environ.get(PARENT_VARIABLE, os.getppid()))
        self._content: dict[str, Any] = {"done": 0, "total": 0, "what": "", "history": []}
        self._written_at = -MIN_INTERVAL
        self._stop = False
        signal.signal(signal.SIGINT, self._request_stop)
        self._write()

    def __call__(self, done: int, total: int, what: str) -> None:
        """Record the progress. Raises `Cancelled` after an interrupt, `StorageError` if the file cannot be written."""
        if self._stop or os.getppid() != self._parent:
            raise Cancelled("The training was stopped before its end.")
        self._content |= {"done": done, "total": total, "what": what}
        if done == total or time.monotonic() - self._written_at > MIN_INTERVAL:
            self._write()

    def on_epoch_end(self, state: TrainingState) -> None:
        """Record the losses after an epoch."""
        self._content["history"] = state.history
        self._write()

    def _request_stop(self, number: int, frame: Any) -> None:
        del number, frame
        self._stop = True

    def _write(self) -> None:
        with atomic_file(self._path, option="--report") as temporary:
            temporary.write_text(json.dumps(self._content), encoding="utf-8")
        self._written_at = time.monotonic()
