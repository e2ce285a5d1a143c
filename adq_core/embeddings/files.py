"""Embeddings from a file of vectors."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np

from adq_core.data import VECTOR_SUFFIXES
from adq_core.digests import content_digest, file_digest
from adq_core.errors import unknown_name
from adq_core.records import Ints

FILE_OPTION = "a file of your own (.npy, .npz, .parquet, .csv or .tsv)"


def file_identity(name: str, embeddings: Iterable[str], indices: Ints, vector_columns: str | None = None) -> str:
    """Return the digest of a file of vectors, the chosen columns and the rows that images have in it, for keys.

    `indices` are those of the data set: a file without ids can have rows for images that could not be read.

    Raises `SettingsError` for any other name.
    """
    if Path(name).suffix.lower() not in VECTOR_SUFFIXES:
        raise unknown_name("embedding", name, [*embeddings, FILE_OPTION])
    columns = "" if vector_columns is None else f":{vector_columns}"
    rows = "" if np.array_equal(indices, np.arange(len(indices))) else f":{content_digest(indices)}"
    return f"vectors-3:{file_digest(Path(name))}{columns}{rows}"
