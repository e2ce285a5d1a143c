"""Helpers of tests that start the command line in a process of its own."""

from __future__ import annotations

import signal
import time
from pathlib import Path


def wait_until_python_handles(process: int) -> None:
    """Wait until the process has its own handler of SIGTERM: before that, only the interpreter itself has started."""
    status = Path(f"/proc/{process}/status")
    if not status.exists():
        time.sleep(0.5)
        return
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        caught = next((line for line in status.read_text().splitlines() if line.startswith("SigCgt:")), None)
        if caught is None:  # it has ended
            return
        if int(caught.split()[1], 16) >> (signal.SIGTERM - 1) & 1:
            return
        time.sleep(0.001)
    raise AssertionError("the process has not started")
