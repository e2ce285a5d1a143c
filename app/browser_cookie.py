"""Gives every browser a cookie of 128 random bits, by which the server knows it again. No Streamlit in here.

Scripts of the page cannot read it (HttpOnly), and it is there before the first run of a page, unlike a value in the
browser's storage.
"""

from __future__ import annotations

import re
import secrets

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import cookie_parser
from starlette.types import ASGIApp, Message, Receive, Scope, Send

COOKIE = "adq_browser"
MAX_AGE = 400 * 24 * 3600  # seconds; browsers allow no more
_VALID = re.compile(r"[0-9a-f]{32}")


class BrowserCookie:
    """Middleware that sets the cookie with every HTML document that a browser without a valid one requests."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request or WebSocket."""
        if scope["type"] != "http" or _VALID.fullmatch(_cookie_of(Headers(scope=scope))):
            await self._app(scope, receive, send)
            return

        async def send_with_cookie(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                if headers.get("content-type", "").startswith("text/html"):
                    headers.append("set-cookie", new_cookie(is_https=_is_https(scope)))
            await send(message)

        await self._app(scope, receive, send_with_cookie)


def new_cookie(*, is_https: bool) -> str:
    """Return the value of a Set-Cookie header with new random bits."""
    # Lax: with Strict, a link from another site would arrive without the cookie and be given a new one.
    parts = [f"{COOKIE}={secrets.token_hex(16)}", "Path=/", f"Max-Age={MAX_AGE}", "HttpOnly", "SameSite=Lax"]
    return "; ".join([*parts, "Secure"] if is_https else parts)


def _cookie_of(headers: Headers) -> str:
    return cookie_parser(headers.get("cookie", "")).get(COOKIE, "")


def _is_https(scope: Scope) -> bool:
    """Return whether the browser uses https, to this server or to a proxy in front of it."""
    return scope.get("scheme") == "https" or Headers(scope=scope).get("x-forwarded-proto", "") == "https"
