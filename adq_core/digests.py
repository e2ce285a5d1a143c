"""Digests of parameters, contents and files.

`derive_key` digests the parameters of a result: the same parameters give the same cache entry. `content_digest` digests
the result itself: two different digests show that two machines computed different results. `file_digest` digests the
bytes of a file.
"""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np


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


def to_builtin(value: Any) -> Any:
    """Return a value with NumPy numbers as Python numbers and lists as tuples, at any depth."""
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, (list, tuple)):
        return tuple(to_builtin(item) for item in value)
    if isinstance(value, dict):
        return {name: to_builtin(item) for name, item in value.items()}
    return value
