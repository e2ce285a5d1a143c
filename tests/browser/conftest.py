"""A server and a browser for the tests of the real page. Without Chromium they are skipped, or fail if CI=true."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest

from tests.app.conftest import write_stripes

ROOT = Path(__file__).parents[2]
CONFIGURED = ROOT / "app"  # its configuration also holds for scripts elsewhere, such as `map_page.py`
FLAGS = [
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def chromium() -> str:
    found = os.environ.get("ADQ_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if found:
        return found
    reason = "Chromium is missing: install the package chromium, or set ADQ_CHROMIUM to its path."
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    path = chromium()
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield started
        started.close()


@pytest.fixture(scope="session")
def serve(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], str]]:
    """Start one Streamlit server per script and return its address; the app opens `stripes.npz`."""
    stripes = write_stripes(tmp_path_factory.mktemp("data") / "stripes.npz")
    running: dict[str, tuple[subprocess.Popen[bytes], str]] = {}

    def start(script: str) -> str:
        if script not in running:
            with socket.socket() as free:
                free.bind(("127.0.0.1", 0))
                port = free.getsockname()[1]
            command = [sys.executable, "-m", "streamlit", "run", str(ROOT / script), "--server.port", str(port)]
            command += ["--server.headless", "true", "--server.address", "127.0.0.1"]
            command += ["--browser.gatherUsageStats", "false"]
            cache = tmp_path_factory.mktemp("cache")
            library = str(tmp_path_factory.mktemp("library"))
            settled = {"ADQ_DATA": library, "ADQ_DATASET": str(stripes), "ADQ_WARM_UP": "0"}
            process = subprocess.Popen(command, cwd=CONFIGURED, env={**os.environ, "ADQ_CACHE": str(cache), **settled})
            running[script] = process, f"http://127.0.0.1:{port}"
            _wait_for(f"http://127.0.0.1:{port}/_stcore/health")
        return running[script][1]

    yield start
    for process, _ in running.values():
        process.terminate()
    for process, _ in running.values():
        try:
            process.wait(timeout=60)
        except subprocess.TimeoutExpired:  # on a busy machine a server can stop late
            process.kill()
            process.wait()


def _wait_for(address: str) -> None:
    for _ in range(240):
        try:
            with urlopen(address, timeout=2) as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.25)
    pytest.fail(f"No server at {address} within a minute.")
