"""Rules for every request to the server: which host names it answers, and what a browser may load and may frame.

Streamlit checks the host name of WebSockets only and sets no such headers, so the rules are a middleware of our own.
"""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse, RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

REFUSED = (
    "This server does not answer requests for this host name. "
    "The owner of the server can allow it: python -m adq_core app --host NAME\n"
)
HOME = "/home"  # the page Home has the address of the app itself; Streamlit knows no page of this name
# The frontend of Streamlit has inline scripts and styles, and loads modules from blobs. Nothing comes from another
# server: even a text that is drawn as Markdown by mistake cannot make the browser fetch a foreign address.
CONTENT_POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "media-src 'self' data: blob:",
        "worker-src 'self' blob:",
        "frame-src 'none'",
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": CONTENT_POLICY,
    "X-Frame-Options": "DENY",  # for browsers that do not know frame-ancestors
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",  # the address contains paths
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class HttpPolicy:
    """Middleware that refuses requests with a foreign host name and adds `HEADERS` to every answer."""

    def __init__(self, app: ASGIApp, allowed_hosts: Callable[[], list[str]]) -> None:
        self._app, self._allowed_hosts = app, allowed_hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request or WebSocket."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        if not is_allowed(Headers(scope=scope).getlist("host"), self._allowed_hosts()):
            if scope["type"] == "websocket":
                await send({"type": "websocket.close", "code": 1008})  # before it is accepted: status 403
            else:
                await PlainTextResponse(REFUSED, 403, HEADERS)(scope, receive, send)
            return

        if scope["type"] == "http" and scope["path"].rstrip("/") == HOME:
            query = scope["query_string"].decode("latin-1")
            answer = RedirectResponse(f"../?{query}" if scope["path"].endswith("/") else f"./?{query}", 307, HEADERS)
            await answer(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers[name] = value
            await send(message)

        await self._app(scope, receive, send_with_headers)


def is_allowed(hosts: list[str], allowed: list[str]) -> bool:
    """Return whether the only Host header of a request names an allowed host; its port does not matter.

    `*.example.org` allows all names below example.org, `*` allows every name.
    """
    if len(hosts) != 1:
        return False
    try:
        parts = urlsplit(f"//{hosts[0]}")
        name, _ = parts.hostname, parts.port
    except ValueError:
        return False
    if not name or parts.netloc != hosts[0] or "@" in hosts[0]:
        return False
    name = name.rstrip(".")
    for pattern in (host.strip().lower().rstrip(".") for host in allowed):
        if pattern in ("*", name) or (pattern.startswith("*.") and name.endswith(pattern[1:])):
            return True
    return False
