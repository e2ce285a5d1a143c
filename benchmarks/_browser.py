"""Chromium and a server to look at, for the benchmarks of the page."""

from __future__ import annotations

import os
import shutil
import socket
import time
from typing import Any
from urllib.request import urlopen

FLAGS = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--disable-quic", "--no-first-run"]


def chromium() -> dict[str, Any]:
    """Return what playwright needs to launch the system's Chromium; ends the program where there is none."""
    found = os.environ.get("ADQ_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if not found:
        raise SystemExit("Chromium is not here: install Debian's chromium, or name one in ADQ_CHROMIUM.")
    return {"executable_path": found, "args": FLAGS}


def free_port() -> int:
    """Return a port of this machine that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def wait_for_server(address: str) -> None:
    """Return once a Streamlit server answers; ends the program after a minute."""
    for _ in range(600):
        try:
            urlopen(f"{address}/_stcore/health", timeout=2).close()
            return
        except OSError:
            time.sleep(0.1)
    raise SystemExit("The server did not start within a minute.")
