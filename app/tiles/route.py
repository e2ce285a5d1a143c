"""The HTTP routes of the image browser: sheets of tiles, and the ids of images to copy."""

from __future__ import annotations

import base64
import binascii
import logging

import numpy as np
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from adq_core.records import Ints

from .registry import sources
from .sheets import make_sheet

log = logging.getLogger(__name__)

PATH = "/adq-tiles"
MAX_TILES = 64  # of one sheet
MAX_BODY = 32_000_000  # bytes of a list of rows: six million images
CACHING = {"Cache-Control": "private, max-age=3600, immutable"}


def tile_path(name: str) -> str:
    """Return the path of the pictures of a source on this server."""
    return f"{PATH}/{name}"


async def sheet(request: Request) -> Response:
    """Answer with the sheet of the rows in the query: base64url of uint32, little endian."""
    found = sources().find(request.path_params["name"])
    if found is None:
        return PlainTextResponse("These images are not open.", 404)
    data, source = found
    rows = read_rows(request.query_params.get("rows", ""), len(data))
    side = request.query_params.get("side", "")
    if rows is None or not 0 < len(rows) <= MAX_TILES or not side.isdecimal():
        return PlainTextResponse("The request names no images of this set.", 400)
    try:
        content = await run_in_threadpool(make_sheet, data, rows, int(side[:6]), source.columns)
    except Exception:  # a file that was removed or changed since the data set was opened
        log.exception("A sheet of tiles could not be made.")
        return PlainTextResponse("These images cannot be read.", 500)
    return Response(content, media_type="application/octet-stream", headers=CACHING)


async def ids(request: Request) -> Response:
    """Answer with the ids of the rows in the body, one per line; line ends inside an id are written as in JSON."""
    found = sources().find(request.path_params["name"])
    if found is None:
        return PlainTextResponse("These images are not open.", 404)
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > MAX_BODY:
            return PlainTextResponse("The list of images is too long.", 413)
    data, _ = found
    rows = read_rows(body.decode("ascii", "replace"), len(data))
    if rows is None:
        return PlainTextResponse("The request names no images of this set.", 400)
    lines = (data.ids[row].replace("\r", "\\r").replace("\n", "\\n") for row in rows.tolist())
    return PlainTextResponse("\n".join(lines).encode("utf-8", "replace"))


def read_rows(text: str, count: int) -> Ints | None:
    """Return the rows in a text that a browser sent; None if it is not a list of rows of a set of `count` images."""
    try:
        content = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    if len(content) % 4:
        return None
    rows = np.frombuffer(content, "<u4").astype(np.int64)
    return rows if not len(rows) or int(rows.max()) < count else None


ROUTES = [Route(f"{PATH}/{{name}}/sheet", sheet), Route(f"{PATH}/{{name}}/ids", ids, methods=["POST"])]
