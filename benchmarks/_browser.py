"""Chromium and the Streamlit server for benchmarks of pages."""

from __future__ import annotations

import os
import shutil
import socket
import time
from typing import Any
from urllib.request import urlopen

FLAGS = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--disable-quic", "--no-first-run"]


def chromium() -> dict[str, Any]:
    """Return the arguments with which playwright launches the installed Chromium; exit the program if there is none."""
    path = os.environ.get("ADQ_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if not path:
        raise SystemExit("Chromium must be installed. Install the package chromium, or set ADQ_CHROMIUM to its path.")
    return {"executable_path": path, "args": FLAGS}


def free_port() -> int:
    """Return a free port of this machine."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def wait_for_server(address: str) -> None:
    """Return when the Streamlit server answers; exit the program after a minute."""
    for _ in range(600):
        try:
            urlopen(f"{address}/_stcore/health", timeout=2).close()
            return
        except OSError:
            time.sleep(0.1)
    raise SystemExit("The server did not start within a minute.")
