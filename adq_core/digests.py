"""Digests: of a recipe, which is where a result is kept, and of a content, which shows whether it came out the same."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np


def derive_key(*parts: object) -> str:
    """Return a 32-digit hex digest of the parts' `repr`s: the key of what this recipe makes."""
    return hashlib.blake2b(repr(parts).encode(), digest_size=16).hexdigest()


def content_digest(*values: object) -> str:
    """Return a 32-digit hex digest of the values themselves; arrays count with dtype, shape and bytes."""
    state = hashlib.blake2b(digest_size=16)
    for value in values:
        if isinstance(value, np.ndarray):
            array = np.ascontiguousarray(value)
            state.update(f"{array.dtype.str}{value.shape}".encode())
            state.update(array.reshape(-1).view(np.uint8).data if array.size else b"")
        else:
            state.update(repr(to_builtin(value)).encode() + b"\0")  # the end of a value, lest 1, 23 count as 12, 3
    return state.hexdigest()


def to_builtin(value: Any) -> Any:
    """Return a value as it is after JSON: NumPy's numbers as Python's, lists as tuples, at any depth."""
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, (list, tuple)):
        return tuple(to_builtin(item) for item in value)
    if isinstance(value, dict):
        return {name: to_builtin(item) for name, item in value.items()}
    return value
