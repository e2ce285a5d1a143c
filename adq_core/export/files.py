"""The files of an export, with the same bytes for the same run, and how they are written into a folder."""

from __future__ import annotations

import io
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np

from adq_core.data import ImageDataset
from adq_core.errors import StorageError
from adq_core.records import Bins, BinScores, Projection, Quotas, Record, Selection, Texture
from adq_core.storage import is_empty, remove_stale, storage_errors, temporary_path

from .id_files import list_file, lists_in_manifest
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
    made_with: Mapping[str, Mapping[str, str | None]],
    lists: Mapping[str, Sequence[str]] = MappingProxyType({}),
) -> dict[str, bytes]:
    """Return the content of every exported file by name: manifest, samples, bins, selected indices and ids.

    lists: ids of the images that are always kept and never taken, under "always" and "never"; each is a file, and the
    manifest has a short list itself and the name of the file of a long one.

    The bytes depend only on the records and on the versions of the packages: they contain no date, no duration and no
    path except the one given as data set. The manifest lists key and digest of every record in `stages`, and
    `made_with`, the versions of the libraries that computed it.

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
        **{list_file(name): lines(ids) for name, ids in lists.items()},
    }
    settings = dict(settings) | lists_in_manifest(lists, settings)
    manifest = manifest_file(
        dataset, scores, quotas, selection, settings=settings, stages=stages, made_with=made_with, files=files
    )
    return {MANIFEST: manifest} | files


def check_target(folder: Path, *, overwrite: bool) -> None:
    """Raise `StorageError` if an export cannot be written into this folder. Called before a long run starts.

    Hidden files, such as those that file managers create, do not count as content.
    """
    if folder.exists() and not folder.is_dir():
        raise StorageError(f"--out must be a folder, but {folder} is a file. Give another name.")
    if folder.is_dir() and not overwrite and not is_empty(folder):
        raise StorageError(f"{folder} must be empty, but it contains files. Give another folder or add --overwrite.")


def write_files(files: Mapping[str, bytes], folder: Path, *, overwrite: bool = False) -> None:
    """Write the files into a folder; existing files with other names stay.

    All files are written into a temporary folder first. A folder that is new or empty is replaced by it as a whole.
    Otherwise the manifest of an earlier export is removed, then the files are renamed, the new manifest last: an export
    with a manifest is always complete. Raises `StorageError` if the folder is not empty (unless `overwrite`) or cannot
    be written.
    """
    check_target(folder, overwrite=overwrite)
    with storage_errors(folder, "--out"):
        target = folder.resolve()
        remove_stale(target, depth=0)
        temporary = _temporary_folder(target)
        try:
            for name, data in files.items():
                (temporary / name).write_bytes(data)
            if not _replace_whole(temporary, target):
                (target / MANIFEST).unlink(missing_ok=True)
                for name in sorted(files, key=lambda name: name == MANIFEST):
                    (temporary / name).replace(target / name)
        finally:
            shutil.rmtree(temporary, ignore_errors=True)


def _temporary_folder(target: Path) -> Path:
    """Return a new temporary folder on the disk of the target: beside it, or inside where only that can be written."""
    temporary = temporary_path(target)
    try:
        temporary.mkdir()
    except PermissionError:
        if not target.is_dir():
            raise
        temporary = temporary_path(target / "export")
        temporary.mkdir()
    return temporary


def _replace_whole(temporary: Path, target: Path) -> bool:
    """Rename a folder to the target; return False if the target is not empty or cannot be replaced, like a mount."""
    try:
        temporary.rename(target)
    except OSError:
        if not target.is_dir():
            raise
        return False
    return True


def _npy(array: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, array, allow_pickle=False)
    return buffer.getvalue()
