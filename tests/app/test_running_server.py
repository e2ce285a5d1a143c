"""Attacks on a server that was started in a foreign folder, whose own configuration opens everything."""

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
UPGRADE = {
    "Upgrade": "websocket",
    "Connection": "Upgrade",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Protocol": "streamlit",
}


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


@pytest.fixture(scope="module")
def port(start: Callable[..., int]) -> int:
    return start()


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have only one loopback address")
def test_the_server_listens_on_this_machine_only(port: int) -> None:
    with pytest.raises(OSError, match="refused"):  # a server on all interfaces answers on every loopback address
        ask(port, "/_stcore/health", address="127.0.0.2")


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8501", "localhost.evil.example", "0.0.0.0", "169.254.1.1"]
)
def test_a_rebound_name_reaches_nothing(port: int, host: str) -> None:
    for path in ("/", "/_stcore/health", "/_stcore/host-config", "/_stcore/stream", "/media/x", "/static/x"):
        assert ask(port, path, Host=host)[0] == 403, path
    assert ask(port, "/_stcore/stream", Host=host, Origin=f"http://{host}", **UPGRADE)[0] == 403


def test_only_the_page_itself_opens_a_session(port: int) -> None:
    for host in ("localhost", "127.0.0.1", "[::1]"):
        name = f"{host}:{port}"
        assert ask(port, "/_stcore/stream", Host=name, Origin=f"http://{name}", **UPGRADE)[0] == 101, host
    for origin in ("http://evil.example", "http://localhost.evil.example", "null", "http://127.0.0.1.evil.example"):
        assert ask(port, "/_stcore/stream", Host=f"localhost:{port}", Origin=origin, **UPGRADE)[0] == 403, origin


def test_every_answer_forbids_frames_and_foreign_addresses(port: int) -> None:
    for path in ("/", "/image", "/_stcore/health", "/no/such/file.js", "/_stcore/host-config", "/media/none"):
        _, headers = ask(port, path)
        assert headers["x-frame-options"] == "DENY", path
        policy = headers["content-security-policy"]
        assert "frame-ancestors 'none'" in policy
        assert "default-src 'self'" in policy
        assert "//" not in policy, "no foreign address is allowed"


@pytest.mark.parametrize(
    "path",
    [
        "/media/../../../../etc/passwd", "/media/%2e%2e%2f%2e%2e%2fetc%2fpasswd", "/static/..%2f..%2f..%2fetc%2fpasswd",
        "//etc/passwd", "/component/../../etc/passwd", "/_stcore/bidi-components/adq-explorer.bin_map/../../../main.py",
        "/_stcore/bidi-components/adq-explorer.bin_map/%2e%2e/component.py", "/app/static/../../main.py",
        "/_stcore/bidi-components/adq-explorer.bin_map//etc/passwd",
    ],
)  # fmt: skip
def test_no_route_leads_to_other_files(port: int, path: str) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.putrequest("GET", path)
    connection.endheaders()
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    assert answer.status in (400, 403, 404) or b"<!doctype html>" in content.lower()[:300], (
        answer.status,
        content[:80],
    )
    assert b"root:" not in content
    assert b"from __future__" not in content


def test_uploads_need_the_token_of_a_session(port: int) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request("PUT", "/_stcore/upload_file/no-session/no-file", body=b"x")
    assert connection.getresponse().status in (400, 403)
    connection.close()


def test_the_owner_can_allow_another_name(start: Callable[..., int]) -> None:
    port = start("--server.allowedHosts", "adq.example.org")
    assert ask(port, "/", Host="adq.example.org")[0] == 200
    assert ask(port, "/", Host="evil.example")[0] == 403
