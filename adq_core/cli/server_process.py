"""A server as a child process that ends with the command that started it."""

from __future__ import annotations

import ctypes
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

PATIENCE = 10.0  # seconds after SIGTERM in which the server removes its temporary files
PR_SET_PDEATHSIG = 1  # from <sys/prctl.h>


def run_server(command: Sequence[str], folder: Path, environment: Mapping[str, str]) -> int:
    """Run a server until it ends and return its exit code; however this process ends, the server ends too."""
    on_linux = sys.platform == "linux"
    process = subprocess.Popen(
        command, cwd=folder, env=dict(environment), preexec_fn=_end_with_parent if on_linux else None
    )
    try:
        return process.wait()
    finally:  # also after Ctrl-C and SIGTERM, which raise KeyboardInterrupt
        if process.poll() is None:
            process.terminate()
            with suppress(subprocess.TimeoutExpired):
                process.wait(PATIENCE)
            process.kill()
            process.wait()


def _end_with_parent() -> None:
    """Ask Linux to send SIGTERM to this process when its parent ends, even if the parent is killed."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
