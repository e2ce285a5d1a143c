"""An export opened as a data set: the selected images of its source."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adq_core.data.labels.file_classes import ERROR, KEEP
from adq_core.digests import content_digest
from adq_core.errors import InputError
from adq_core.records import Ints

from .arrays import chunks, mapped_array
from .dataset import ImageDataset
from .own_columns import rows_of_columns
from .parts import RowReader

MANIFEST = "manifest.json"
SAMPLES = "samples.parquet"


def is_export(folder: Path) -> bool:
    """Return whether a folder has the manifest and the table of samples of an export."""
    return (folder / MANIFEST).is_file() and (folder / SAMPLES).is_file()


def base_folder(names: Iterable[str], folder: Path) -> Path:
    """Return the folder from which relative paths in a manifest are found: one below which all of `names` exist.

    `folder` is that of the manifest. It is searched first, then its parents, then the working folder.
    """
    relative = [name for name in names if not os.path.isabs(os.path.expanduser(name))]
    candidates = [folder.absolute(), *folder.absolute().parents]
    return next((base for base in candidates if relative and all((base / name).exists() for name in relative)), Path())


def open_export(
    folder: Path,
    open_source: Callable[[str, str | None, str], ImageDataset],
    is_path: Callable[[str], bool],
    cache: Path | None,
) -> ImageDataset:
    """Return the selected images of an export, read from the source that its manifest names.

    `open_source(name, labels, unlabelled)` opens the source; `is_path` returns whether a name of a data set is a path.
    A relative path is searched as in `base_folder`.

    Raises
    ------
    InputError
        If the manifest or the table cannot be read, the source is not there, or a selected image is not in it.
    """
    manifest = read_manifest(folder / MANIFEST)
    name, labels, unlabelled = _source(manifest, folder)
    names = [name] * is_path(name) + [labels] * (labels is not None)
    base = base_folder([text for text in names if text is not None], folder)
    place = str(base / os.path.expanduser(name)) if is_path(name) else name
    if is_path(name) and Path(place).exists() and Path(place).samefile(folder):
        raise InputError(f"The manifest of {folder.name} names {folder.name} itself as its source. Open the images.")
    try:
        source = open_source(place, None if labels is None else str(base / os.path.expanduser(labels)), unlabelled)
    except InputError as error:
        raise InputError(f"{folder.name} is an export. Its source cannot be opened: {error}") from None
    row_of = {image_id: row for row, image_id in enumerate(source.ids)}
    ids = _selected_ids(folder / SAMPLES)
    missing = [image_id for image_id in ids if image_id not in row_of]
    if missing:
        raise InputError(
            f"{folder.name} is an export of {name}, but {len(missing):,} of its {len(ids):,} images are not there "
            f"({missing[0]}). Restore them, or export again."
        )
    recorded = manifest["dataset"].get("digest") if isinstance(manifest.get("dataset"), dict) else None
    changed = f"{name} has changed since {folder.name} was exported from it; the images may be others."
    rows = np.sort(np.array([row_of[image_id] for image_id in ids], dtype=np.int64))
    return _subset(source, rows, folder, cache, () if recorded == source.digest() else (changed,))


def read_manifest(path: Path, option: str = "The manifest of an export") -> dict[str, Any]:
    """Return the JSON object of a manifest; `option` names the file in errors.

    Raises
    ------
    InputError
        If the file cannot be read or holds no JSON object.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"{option} must be a readable file, got {path}: {error.strerror}.") from None
    except (ValueError, RecursionError):  # also numbers with thousands of digits
        raise InputError(f"{option} must be a manifest.json or settings as JSON; {path} is not JSON.") from None
    if not isinstance(content, dict):
        raise InputError(f"{option} must be a manifest.json or settings as JSON; {path} holds no JSON object.")
    return content


def _source(manifest: dict[str, Any], folder: Path) -> tuple[str, str | None, str]:
    """Return the data set and the table of labels that a manifest names, and what becomes of images without one."""
    settings = manifest.get("settings")
    settings = settings if isinstance(settings, dict) else {}
    name, labels = settings.get("dataset"), settings.get("labels")
    if not isinstance(name, str) or not isinstance(labels, str | None) or "\0" in name + (labels or ""):
        raise InputError(f"The manifest of {folder.name} must name a data set in its settings.")
    return name, labels, KEEP if settings.get("unlabelled") == KEEP else ERROR


def _selected_ids(path: Path) -> list[str]:
    import pyarrow
    from pyarrow import parquet

    try:
        table = parquet.read_table(path, columns=["id", "selected"])
        ids = table.filter(table["selected"])["id"].to_pylist()
    except (OSError, ValueError, KeyError, pyarrow.ArrowException):
        raise InputError(f"{path} must be the table of an export, with the columns id and selected.") from None
    if not ids:
        raise InputError(f"{path} has no selected image.")
    return [str(image_id) for image_id in ids]


def _subset(source: ImageDataset, rows: Ints, folder: Path, cache: Path | None, notes: tuple[str, ...]) -> ImageDataset:
    present, labels = np.unique(source.labels[rows], return_inverse=True)
    ids = tuple(source.ids[row] for row in rows)
    key = content_digest("subset", source.key, ids)

    def parts() -> Iterator[NDArray[np.uint8]]:
        for chunk in chunks(len(rows), 512):
            yield source.checked_thumbnails(rows[chunk], source.thumbnails[rows[chunk]])

    shape = (len(rows), *source.thumbnails.shape[1:])
    thumbnails = mapped_array(shape, parts(), None if cache is None else cache / "thumbnails" / key)[0]
    return ImageDataset(
        name=folder.resolve().name,
        ids=ids,
        labels=labels.astype(np.int64),
        class_names=tuple(source.class_names[number] for number in present),
        read=RowReader(source.read, rows),
        thumbnails=thumbnails,
        sizes=source.sizes[rows],
        skipped=(),
        key=key,
        paths=None if source.paths is None else tuple(source.paths[row] for row in rows),
        description=f"The {len(rows):,} selected {source.kind} of an export of {source.name}.",
        held_out=source.held_out[rows],
        vectors=None if source.vectors is None else source.vectors[rows],
        notes=(*source.notes, *notes),
        indices=source.indices[rows],
        reading=source.reading,
        columns=rows_of_columns(source.columns, rows),
    )
