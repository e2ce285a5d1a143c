"""Blobs of bytes for the browser: a header and arrays.

A blob is "ADQM", the length of a JSON header as uint32, the header padded to four bytes, and then the arrays that the
header lists, each padded to four bytes, little endian.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

MAGIC = b"ADQM"
TYPES = {"float32": "f4", "uint32": "u4", "uint16": "u2", "uint8": "u1"}


def encode_blob(header: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> bytes:
    """Return one blob: the header as JSON, with the names, types and lengths of the arrays, and then the arrays."""
    listed = [[name, TYPES[array.dtype.name], int(array.size)] for name, array in arrays.items()]
    text = json.dumps({**header, "arrays": listed}, separators=(",", ":"), ensure_ascii=False).encode()
    text += b" " * (-len(text) % 4)
    parts = [MAGIC, np.uint32(len(text)).tobytes(), text]
    for array in arrays.values():
        raw = np.ascontiguousarray(array).tobytes()
        parts += [raw, b"\0" * (-len(raw) % 4)]
    return b"".join(parts)
