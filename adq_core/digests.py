"""Digests of parameters, contents and files.

`derive_key` digests the parameters of a result: the same parameters give the same cache entry. `content_digest` digests
the result itself: two different digests show that two machines computed different results. `file_digest` digests the
bytes of a file.
"""

from __future__ import annotations

import hashlib
import os
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from .errors import InputError


def derive_key(*parts: object) -> str:
    """Return a 32-digit hex digest of the `repr` of each part: the key of the result that these parts determine."""
    return hashlib.blake2b(repr(parts).encode(), digest_size=16).hexdigest()


def content_digest(*values: object) -> str:
    """Return a 32-digit hex digest of the values; of arrays, dtype, shape and bytes count."""
    state = hashlib.blake2b(digest_size=16)
    for value in values:
        if isinstance(value, np.ndarray):
            array = np.ascontiguousarray(value)
            state.update(f"{array.dtype.str}{value.shape}".encode())
            state.update(array.reshape(-1).view(np.uint8).data if array.size else b"")
        else:
            state.update(repr(to_builtin(value)).encode() + b"\0")  # the separator makes (1, 23) differ from (12, 3)
    return state.hexdigest()


def file_digest(path: Path, algorithm: str = "blake2b") -> str:
    """Return the hex digest of the contents of a file: "blake2b" (32 digits) or "sha256" (64 digits).

    The file is read again only when its fingerprint has changed.

    Raises
    ------
    InputError
        If the file cannot be read.
    """
    try:
        return _file_digest(path.resolve(), file_fingerprint(path.stat()), algorithm)
    except OSError as error:
        raise InputError(f"Could not read {path}: {error.strerror or error}. Give a file that exists.") from None


def file_fingerprint(status: os.stat_result) -> str:
    """Return a text that changes when a file is written: size, modification time, mode, inode and change time.

    Size and modification time alone are not sufficient: programs that copy or edit files can set the modification time
    to an earlier value. The system sets the change time (ctime) itself. It also changes when a file is moved, copied,
    linked or given other permissions, so an unchanged file can get another fingerprint; then it is read again.
    """
    return f"{status.st_size}:{status.st_mtime_ns}:{status.st_mode:o}:{status.st_ino}:{status.st_ctime_ns}"


@lru_cache(maxsize=128)
def _file_digest(path: Path, fingerprint: str, algorithm: str) -> str:
    del fingerprint  # part of the key of the memory cache
    state = hashlib.sha256() if algorithm == "sha256" else hashlib.blake2b(digest_size=16)
    with path.open("rb") as file:
        while part := file.read(1 << 20):
            state.update(part)
    return state.hexdigest()


def to_builtin(value: Any) -> Any:
    """Return a value with NumPy numbers as Python numbers and lists as tuples, at any depth."""
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, (list, tuple)):
        return tuple(to_builtin(item) for item in value)
    if isinstance(value, dict):
        return {name: to_builtin(item) for name, item in value.items()}
    return value
