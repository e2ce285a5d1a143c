"""Who uses this server: the owner of uploads and trainings is a browser, known by a cookie of random bits.

So ownership survives a reload of the page and a restart of the browser or of the server. A browser that stores no
cookies owns what it makes as long as its page is open.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import threading

import streamlit as st
from streamlit import runtime
from streamlit.runtime.scriptrunner import get_script_run_ctx

from app.browser_cookie import COOKIE

XSRF_COOKIE = "_streamlit_xsrf"  # set by Streamlit, one value per browser, until the browser is closed
OWNER = "owner"  # in the session state
_TOKEN = re.compile(r"[0-9a-f]{32}")


def owner() -> str:
    """Return the owner of what this session makes: a digest of the cookie, so the cookie itself is stored nowhere."""
    if OWNER not in st.session_state:
        st.session_state[OWNER] = hashlib.blake2b(_token(), digest_size=16).hexdigest()
    return str(st.session_state[OWNER])


def streamlit_session() -> str:
    """Return Streamlit's id of this session, empty outside of a page."""
    context = get_script_run_ctx()
    return "" if context is None else context.session_id


def is_connected(session: str) -> bool:
    """Return whether a browser is connected to this session; True where there is no server, as in tests of pages."""
    return not runtime.exists() or runtime.get_instance().is_active_session(session)


def _token() -> bytes:
    cookies = st.context.cookies
    own, xsrf = (value if isinstance(value := cookies.get(name), str) else "" for name in (COOKIE, XSRF_COOKIE))
    return own.encode() if _TOKEN.fullmatch(own) else _xsrf_token(xsrf) or secrets.token_bytes(16)


def _xsrf_token(cookie: str) -> bytes:
    """Return the token of a browser in Streamlit's cookie, empty when there is none.

    The cookie is "2|MASK|TOKEN|TIME" in hexadecimal digits; the mask changes at each reload.
    """
    try:
        _, mask, token, _ = cookie.split("|")
        key = bytes.fromhex(mask)
        return bytes(byte ^ key[place % len(key)] for place, byte in enumerate(bytes.fromhex(token)))
    except (ValueError, ZeroDivisionError):
        return b""


class Presence:
    """The sessions of each owner, to know which owners have an open page."""

    def __init__(self) -> None:
        self._sessions: dict[str, set[str]] = {}
        self._guard = threading.Lock()

    def enter(self, owner: str, session: str) -> None:
        """Record that this session belongs to this owner."""
        with self._guard:
            self._sessions.setdefault(owner, set()).add(session)

    def present(self) -> set[str]:
        """Return the owners with an open page, and forget the sessions that have ended."""
        with self._guard:
            for owner, sessions in list(self._sessions.items()):
                sessions = {session for session in sessions if is_connected(session)}
                if sessions:
                    self._sessions[owner] = sessions
                else:
                    del self._sessions[owner]
            return set(self._sessions)
