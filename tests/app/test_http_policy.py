"""Host names and headers of every answer."""

from __future__ import annotations

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket, WebSocketDisconnect

from app.http_policy import HttpPolicy, is_allowed

LOCAL = ["localhost", "127.0.0.1", "::1"]


@pytest.mark.parametrize(
    "host", ["localhost", "LOCALHOST:8501", "127.0.0.1:1", "[::1]:8501", "[::1]", "localhost.", "localhost.:80"]
)
def test_this_machine_is_allowed(host: str) -> None:
    assert is_allowed([host], LOCAL)


@pytest.mark.parametrize(
    "host",
    [
        "evil.example", "evil.example:8501", "localhost.evil.example", "127.0.0.1.evil.example",
        "evil.example#localhost",
        "localhost@evil.example", "evil.example/localhost", "localhost:99999", "localhost:x", "", "[::2]", "0.0.0.0",
        "localhost,evil.example", "evil.example\\localhost", "[::1", "localhost localhost",
    ],
)  # fmt: skip
def test_other_names_are_refused(host: str) -> None:
    assert not is_allowed([host], LOCAL)


def test_requests_need_exactly_one_host() -> None:
    assert not is_allowed([], LOCAL)
    assert not is_allowed(["localhost", "localhost"], LOCAL)
    assert not is_allowed(["localhost"], [])


def test_patterns() -> None:
    assert is_allowed(["a.example.org:443"], ["*.example.org"])
    assert not is_allowed(["example.org"], ["*.example.org"])
    assert not is_allowed(["evilexample.org"], ["*.example.org"])
    assert is_allowed(["anything"], ["*"])


def client(host: str) -> TestClient:
    async def page(request: object) -> PlainTextResponse:
        return PlainTextResponse("page")

    async def socket(one: WebSocket) -> None:
        await one.accept()
        await one.close()

    routes = [Route("/", page), WebSocketRoute("/socket", socket)]
    app = Starlette(routes=routes, middleware=[Middleware(HttpPolicy, allowed_hosts=lambda: LOCAL)])
    return TestClient(app, base_url=f"http://{host}:8501")


def test_every_answer_forbids_frames_and_foreign_sources() -> None:
    for answer in (client("localhost").get("/"), client("localhost").get("/none"), client("evil.example").get("/")):
        assert answer.headers["x-frame-options"] == "DENY"
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
        assert "default-src 'self'" in answer.headers["content-security-policy"]
        assert "http" not in answer.headers["content-security-policy"]
    assert client("localhost").get("/").text == "page"


@pytest.mark.parametrize("path", ["/home", "/home/"])
def test_home_is_the_address_of_the_app_itself(path: str) -> None:
    answer = client("localhost").get(f"{path}?alpha=0.3&dataset=a%2Fb", follow_redirects=False)
    assert (answer.status_code, answer.headers["x-frame-options"]) == (307, "DENY")
    followed = client("localhost").get(f"{path}?alpha=0.3&dataset=a%2Fb")
    assert (followed.text, str(followed.url)) == ("page", "http://localhost:8501/?alpha=0.3&dataset=a%2Fb")
    assert client("localhost").get("/homes").status_code == 404
    assert client("evil.example").get(path, follow_redirects=False).status_code == 403


def test_foreign_hosts_reach_neither_pages_nor_sockets() -> None:
    assert client("evil.example").get("/").status_code == 403
    with client("localhost").websocket_connect("ws://localhost:8501/socket"):
        pass
    with pytest.raises(WebSocketDisconnect), client("evil.example").websocket_connect("ws://evil.example:8501/socket"):
        pass
