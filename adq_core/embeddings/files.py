"""Embeddings from a file of vectors."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from adq_core.data import VECTOR_SUFFIXES
from adq_core.digests import file_digest
from adq_core.errors import unknown_name

FILE_OPTION = "a file of your own (.npy, .npz, .parquet or .csv)"


def file_identity(name: str, embeddings: Iterable[str]) -> str:
    """Return the digest of a file of vectors, for keys. Raises `SettingsError` for any other name."""
    if Path(name).suffix.lower() not in VECTOR_SUFFIXES:
        raise unknown_name("embedding", name, [*embeddings, FILE_OPTION])
    return f"vectors-2:{file_digest(Path(name))}"
