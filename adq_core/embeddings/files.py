"""Embeddings from a file of vectors."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from adq_core.data import VECTOR_SUFFIXES
from adq_core.digests import file_digest
from adq_core.errors import unknown_name

FILE_OPTION = "a file of your own (.npy, .npz, .parquet, .csv or .tsv)"


def file_identity(name: str, embeddings: Iterable[str], vector_columns: str | None = None) -> str:
    """Return the digest of a file of vectors and the chosen columns, for keys.

    Raises `SettingsError` for any other name.
    """
    if Path(name).suffix.lower() not in VECTOR_SUFFIXES:
        raise unknown_name("embedding", name, [*embeddings, FILE_OPTION])
    columns = "" if vector_columns is None else f":{vector_columns}"
    return f"vectors-3:{file_digest(Path(name))}{columns}"
