"""Checksums of files in the cache: a flipped bit or a part that was not written is noticed when a file is read.

The checksums are XXH3 values, which are computed at the speed of the memory. They detect accidents, not attacks.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import xxhash
from numpy.typing import NDArray

BUFFER_BYTES = 1 << 20


def checksum(data: bytes | memoryview) -> str:
    """Return the checksum of bytes, 16 hexadecimal digits."""
    return str(xxhash.xxh3_64_hexdigest(data))


def row_checksum(row: NDArray[Any]) -> int:
    """Return the checksum of a contiguous array as an integer of 64 bits."""
    return int(xxhash.xxh3_64_intdigest(row.data.cast("B")))


def file_checksum(path: Path) -> str:
    """Return the checksum of the content of a file, which is read in parts."""
    state, buffer = xxhash.xxh3_64(), bytearray(BUFFER_BYTES)
    view = memoryview(buffer)
    with path.open("rb", buffering=0) as file:
        while n_bytes := file.readinto(buffer):
            state.update(view[:n_bytes])
    return str(state.hexdigest())


def write_json(path: Path, values: dict[str, Any]) -> None:
    """Write values as JSON, with their checksum."""
    text = json.dumps(values)
    path.write_text(json.dumps({"checksum": checksum(text.encode())} | values), encoding="utf-8")


def read_json(path: Path) -> dict[str, Any]:
    """Return the values of a file that `write_json` wrote.

    Raises
    ------
    OSError
        If the file cannot be read.
    ValueError
        If it is not what was written. A file without a checksum, of an earlier version, is accepted.
    """
    values = json.loads(path.read_bytes().decode())
    if not isinstance(values, dict):
        raise ValueError(f"{path.name} holds no JSON object")
    expected = values.pop("checksum", None)
    if expected is not None and expected != checksum(json.dumps(values).encode()):
        raise ValueError(f"{path.name} is damaged")
    return values
