"""The owner of uploads and trainings: a browser, known by a cookie."""

from __future__ import annotations

import asyncio
import re
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any

import pytest

from app import visitors
from app.browser_cookie import COOKIE, BrowserCookie

VALUE = "0123456789abcdef" * 2
PAGE = [(b"content-type", b"text/html; charset=utf-8")]


@pytest.fixture
def visit(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return a function that opens a session with these cookies and returns its owner."""

    def owner_with(**cookies: Any) -> str:
        stand_in = SimpleNamespace(session_state={}, context=SimpleNamespace(cookies=cookies))
        monkeypatch.setattr(visitors, "st", stand_in)
        assert visitors.owner() == visitors.owner()
        return visitors.owner()

    return owner_with


def xsrf(token: bytes, mask: bytes) -> str:
    masked = bytes(byte ^ mask[place % len(mask)] for place, byte in enumerate(token))
    return f"2|{mask.hex()}|{masked.hex()}|1700000000"


def test_a_browser_is_the_same_owner_after_a_reload(visit: Any) -> None:
    mine = visit(**{COOKIE: VALUE})
    assert re.fullmatch(r"[0-9a-f]{32}", mine)
    assert VALUE not in mine, "the owner's name, which is stored, is not the cookie"
    assert visit(**{COOKIE: VALUE}) == mine
    assert visit(**{COOKIE: VALUE[::-1]}) != mine
    assert visit(**{COOKIE: VALUE, visitors.XSRF_COOKIE: xsrf(b"x" * 16, b"abcd")}) == mine


def test_without_the_cookie_a_browser_is_known_by_that_of_streamlit(visit: Any) -> None:
    one = visit(**{visitors.XSRF_COOKIE: xsrf(bytes(range(16)), b"abcd")})
    assert visit(**{visitors.XSRF_COOKIE: xsrf(bytes(range(16)), b"wxyz")}) == one, "its mask changes at each reload"
    assert visit(**{visitors.XSRF_COOKIE: xsrf(bytes(range(1, 17)), b"abcd")}) != one


@pytest.mark.parametrize("broken", ["", "2|61|zz|1", "2|61|62", "2||62|1", "0123", VALUE[:-1], VALUE.upper(), 7])
def test_two_browsers_without_a_valid_cookie_are_two_owners(visit: Any, broken: Any) -> None:
    names = (COOKIE, visitors.XSRF_COOKIE)
    assert len({visit(**dict.fromkeys(names, broken)) for _ in range(3)} | {visit()}) == 4


def answer(cookie: str, headers: list[tuple[bytes, bytes]], **scope: Any) -> list[str]:
    """Return the cookies that the middleware adds to an answer with these headers."""
    sent: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": list(headers)})
        await send({"type": "http.response.body", "body": b"page"})

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        raise AssertionError("nothing is read")

    request = [(b"cookie", cookie.encode()), *scope.pop("request", [])]
    call = BrowserCookie(app)({"type": "http", "headers": request} | scope, receive, send)
    with ThreadPoolExecutor(1) as pool:  # a browser test before this one may have left a loop in this thread
        pool.submit(asyncio.run, call).result()
    assert sent[-1]["body"] == b"page"
    return [value.decode() for name, value in sent[0]["headers"] if name == b"set-cookie"]


def test_a_page_gives_a_new_browser_a_cookie_that_scripts_cannot_read() -> None:
    (one,), (two,) = (answer("", PAGE) for _ in range(2))
    assert re.fullmatch(rf"{COOKIE}=[0-9a-f]{{32}}; Path=/; Max-Age=34560000; HttpOnly; SameSite=Lax", one)
    assert one != two
    assert len(answer("other=1; adq_browser=short", PAGE)) == 1, "an invalid one is replaced"


def test_a_known_browser_and_other_files_get_no_cookie() -> None:
    assert answer(f"other=1; {COOKIE}={VALUE}", PAGE) == []
    assert answer("", [(b"content-type", b"application/javascript")]) == []
    assert answer("", []) == []


@pytest.mark.parametrize(
    "scope", [{"scheme": "https"}, {"scheme": "http", "request": [(b"x-forwarded-proto", b"https")]}]
)
def test_with_https_the_cookie_is_sent_by_https_only(scope: dict[str, Any]) -> None:
    assert answer("", PAGE, **scope)[0].endswith("; SameSite=Lax; Secure")


def test_an_owner_is_present_while_one_of_its_sessions_is_connected(monkeypatch: pytest.MonkeyPatch) -> None:
    connected = {"a", "b", "c"}
    monkeypatch.setattr(visitors, "is_connected", lambda session: session in connected)
    presence = visitors.Presence()
    for owner, session in (("me", "a"), ("me", "b"), ("you", "c"), ("me", "a")):
        presence.enter(owner, session)
    assert presence.present() == {"me", "you"}
    connected -= {"a", "c"}
    assert presence.present() == {"me"}
    connected.clear()
    assert presence.present() == set()
    presence.enter("me", "d")
    connected.add("d")
    assert presence.present() == {"me"}
