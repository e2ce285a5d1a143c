"""Files that a page has made for download: the server sends them from the disk, so they are never in memory.

No Streamlit in here. The address of a file has 192 random bits, which only the page of its owner knows. A file is
removed when its owner makes another one, after an hour, and when the server has ended and a program with the same cache
starts.
"""

from __future__ import annotations

import secrets
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Route

PATH = "exports"  # of the address, and the folder in the cache
MAX_AGE = 3600.0  # seconds
GONE = "This file is no longer there. Prepare it again on the Export page.\n"


@dataclass
class Download:
    """A file for download."""

    token: str
    path: Path
    name: str
    owner: str
    n_bytes: int
    created: float = field(default_factory=time.monotonic)

    @property
    def address(self) -> str:
        """Return the address, relative to that of a page."""
        return f"{PATH}/{self.token}"

    @property
    def is_there(self) -> bool:
        """Return whether the file can still be downloaded."""
        return _known.get(self.token) is self and self.path.is_file()


_known: dict[str, Download] = {}
_guard = threading.Lock()


def offer(path: Path, name: str, owner: str) -> Download:
    """Return the download of a file with this name for this owner, whose earlier one is removed."""
    download = Download(secrets.token_urlsafe(24), path, name, owner, path.stat().st_size)
    with _guard:
        now = time.monotonic()
        for known in list(_known.values()):
            if known.owner == owner or now - known.created > MAX_AGE:
                _remove(known)
        _known[download.token] = download
    return download


def _remove(download: Download) -> None:
    _known.pop(download.token, None)
    with suppress(OSError):  # a transfer that has begun continues, except on Windows
        download.path.unlink(missing_ok=True)


async def _send(request: Request) -> Response:
    download = _known.get(request.path_params["token"])
    if download is None or not download.path.is_file():
        return PlainTextResponse(GONE, 404)
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(download.name, safe='')}",
        "Cache-Control": "no-store",
    }
    return FileResponse(download.path, media_type="application/zip", headers=headers)


ROUTES = [Route(f"/{PATH}/{{token}}", _send)]
