"""The files of one record: an `.npy` file per array and a `record.json` with the other values and all checksums.

Nothing is pickled. Arrays are read back as memory maps. Each file is read once and compared with its checksum before
the record is used.
"""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adq_core.digests import to_builtin
from adq_core.records import Record

from .checksums import file_checksum, read_json, write_json

RECORD = "record.json"


def write_files(folder: Path, record: Record) -> None:
    """Write the files of a record into a folder. Raises `OSError` if that fails."""
    values: dict[str, Any] = {}
    checksums: dict[str, str] = {}
    for spec in fields(record):  # type: ignore[arg-type]
        value = getattr(record, spec.name)
        if isinstance(value, np.ndarray):
            np.save(folder / f"{spec.name}.npy", value, allow_pickle=False)
            checksums[spec.name] = file_checksum(folder / f"{spec.name}.npy")
        else:
            values[spec.name] = to_builtin(value)
    write_json(folder / RECORD, {"checksums": checksums} | values)


def read_files(folder: Path) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    """Return the values and the arrays of a record by the names of its fields.

    A record of an earlier version has no checksums; then all arrays of the folder are returned.

    Raises
    ------
    OSError, ValueError, TypeError, EOFError, SyntaxError, RecursionError
        If a file cannot be read or is damaged.
    """
    values = read_json(folder / RECORD)
    checksums: dict[str, str] | None = values.pop("checksums", None)
    if checksums is None:
        names = [path.stem for path in folder.glob("*.npy")]
    else:
        names = list(checksums)
        for name, expected in checksums.items():
            if file_checksum(folder / f"{name}.npy") != expected:
                raise ValueError(f"{name}.npy is damaged")
    arrays = {
        # a plain array, because np.memmap is slower
        name: np.asarray(np.load(folder / f"{name}.npy", mmap_mode="r", allow_pickle=False))
        for name in names
    }
    return {name: to_builtin(value) for name, value in values.items()}, arrays
