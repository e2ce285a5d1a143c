"""A server in a process of its own, started in a foreign folder whose own configuration opens everything."""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
OPEN_TO_ALL = '[server]\naddress = "0.0.0.0"\nallowedHosts = ["*"]\n[browser]\ngatherUsageStats = true\n'


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def answers(port: int) -> bool:
    try:
        return ask(port, "/_stcore/health")[0] in (200, 403)  # 403: for other host names
    except OSError:
        return False


def ask(port: int, path: str, address: str = "127.0.0.1", **headers: str) -> tuple[int, dict[str, str]]:
    """Return the status and the headers of one request; the keyword `Host` replaces the Host header."""
    connection = http.client.HTTPConnection(address, port, timeout=20)
    try:
        connection.putrequest("GET", path, skip_host="Host" in headers)
        for name, value in headers.items():
            connection.putheader(name, value)
        connection.endheaders()
        answer = connection.getresponse()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}
    finally:
        connection.close()


@pytest.fixture(scope="module")
def start(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., int]]:
    """Return a function that starts `streamlit run app/main.py` elsewhere and returns the port."""
    started: list[subprocess.Popen[bytes]] = []

    def run(*options: str, **variables: str) -> int:
        folder, port = tmp_path_factory.mktemp("elsewhere"), free_port()
        (folder / ".streamlit").mkdir()
        (folder / ".streamlit" / "config.toml").write_text(OPEN_TO_ALL)
        environment = {name: value for name, value in os.environ.items() if not name.startswith("STREAMLIT_")}
        environment |= {"ADQ_CACHE": str(folder / "cache"), "ADQ_DATA": str(folder / "data"), "ADQ_WARM_UP": "0"}
        command = [sys.executable, "-m", "streamlit", "run", str(ROOT / "app" / "main.py"), "--server.headless", "true"]
        command += ["--server.port", str(port), *options]
        process = subprocess.Popen(command, cwd=folder, env={**environment, **variables}, stdin=subprocess.DEVNULL)
        started.append(process)
        end = time.monotonic() + 120
        while not answers(port):
            assert process.poll() is None, "The server has ended."
            assert time.monotonic() < end, "The server does not answer."
            time.sleep(0.2)
        return port

    yield run
    for process in started:
        process.terminate()
        try:
            process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
