"""The files of an export, with the same bytes for the same run, and how they are written into a folder."""

from __future__ import annotations

import io
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np

from adq_core.data import ImageDataset
from adq_core.errors import StorageError
from adq_core.records import Bins, BinScores, Projection, Quotas, Record, Selection, Texture
from adq_core.storage import atomic_file, storage_errors

from .manifest import MANIFEST, manifest_file
from .tables import bins_table, parquet, samples_table
from .texts import csv_bytes, json_lines, lines


def export_files(
    dataset: ImageDataset,
    projection: Projection,
    bins: Bins,
    texture: Texture | None,
    scores: BinScores,
    quotas: Quotas,
    selection: Selection,
    *,
    settings: Mapping[str, Any],
    stages: Mapping[str, Record],
) -> dict[str, bytes]:
    """Return the content of every exported file by name: manifest, samples, bins, selected indices and ids.

    The bytes depend only on the records and on the versions of the packages: they contain no date, no duration and no
    path except the one given as data set. The manifest lists key and digest of every record in `stages`.

    `selected_indices.npy` has the numbers of the selected images as `dataset.reading.index` describes them, int64, in
    the order of the rows: the positions of files in torchvision's `ImageFolder`, or the rows of an array. The manifest
    states it. `selected_ids.txt` and `selected.jsonl` have the same order.
    """
    # A new file needs an entry here, a description in `CONTENTS` of app/export/download.py (the Export page shows it),
    # and a test in tests/export/test_written_files.py that reads it with another library. The manifest lists it by
    # itself.
    files = {
        "samples.parquet": parquet(samples_table(dataset, projection, bins, texture, selection)),
        "bins.csv": csv_bytes(bins_table(scores, quotas)),
        "selected_indices.npy": _npy(dataset.indices[selection.indices]),
        "selected_ids.txt": lines(dataset.ids[row] for row in selection.indices),
        "selected.jsonl": json_lines(dataset, selection.indices),
    }
    manifest = manifest_file(dataset, scores, quotas, selection, settings=settings, stages=stages, files=files)
    return {MANIFEST: manifest} | files


def check_target(folder: Path, *, overwrite: bool) -> None:
    """Raise `StorageError` if an export cannot be written into this folder. Called before a long run starts."""
    if folder.exists() and not folder.is_dir():
        raise StorageError(f"--out must be a folder, but {folder} is a file. Give another name.")
    if folder.is_dir() and any(folder.iterdir()) and not overwrite:
        raise StorageError(f"{folder} must be empty, but it contains files. Give another folder or add --overwrite.")


def write_files(files: Mapping[str, bytes], folder: Path, *, overwrite: bool = False) -> None:
    """Write the files into a folder; existing files with other names stay.

    All files are written under temporary names first and renamed last, so that none is incomplete after an error.
    Raises `StorageError` if the folder is not empty (unless `overwrite`) or cannot be written.
    """
    check_target(folder, overwrite=overwrite)
    is_new = not folder.exists()
    try:
        with storage_errors(folder, "--out"), ExitStack() as renames:  # all files are written before one is renamed
            for name, data in files.items():
                renames.enter_context(atomic_file(folder / name, option=None)).write_bytes(data)
    finally:
        if is_new and folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()


def _npy(array: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, array, allow_pickle=False)
    return buffer.getvalue()
