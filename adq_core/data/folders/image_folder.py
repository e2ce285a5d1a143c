"""Image files in a folder or an archive to an `ImageDataset`: the class and the number of each."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adq_core.data.dataset import ImageDataset, Reading, SkippedFile
from adq_core.data.labels.classes import class_order, similar_names_note
from adq_core.data.labels.file_classes import ERROR, FileClasses, assign_classes
from adq_core.data.own_columns import own_columns
from adq_core.data.pixels.formats import unsupported_reason
from adq_core.data.scan import SCAN_VERSION, FileReader, Scan, Source, scan
from adq_core.digests import content_digest
from adq_core.progress import Progress, no_progress

from .folder_files import FolderReader
from .found_files import find_images
from .row_order import ORDER_OF_FILES, index_description, is_flat, link_notes, number_files


def dataset_from_source(
    source: Source,
    *,
    labels: Path | None = None,
    unlabelled: str = ERROR,
    cache: Path | None = None,
    progress: Progress = no_progress,
) -> ImageDataset:
    """Return the image files of a source as an `ImageDataset`.

    Each subfolder is a class and contains all images below it. Images beside such subfolders have no class and are
    skipped with that reason, or are the class "unlabelled" if `unlabelled` is "keep". Without subfolders all images are
    one class, unless a table in the folder has their labels (see `assign_classes`). If the folder contains only one
    folder, which has subfolders, that one is used instead. With a table of `labels`, folders have no meaning. Names
    that begin with a dot (and `__MACOSX`) are ignored. Files that are not images are counted.

    Rows are in the order of torchvision's `ImageFolder`, and `indices` are its numbers (see `number_files`).

    Raises
    ------
    InputError
        If there is no image file, none can be read, the folders are parts of a data set, or the labels do not fit the
        files.
    SettingsError
        If images have no label and `unlabelled` is "error".
    StorageError
        If the cache cannot be written.
    """
    files = find_images(source)
    root = common_root(files.images, flat=labels is not None or source.class_of is not None)
    images = [file.removeprefix(root) for file in files.images]
    classes = assign_classes(source, root, images, labels, unlabelled)
    unlabelled_files = [
        SkippedFile(name, "has no label" if source.class_of else "lies beside the class folders and has no class")
        for name, class_name in classes.class_of.items()
        if not class_name
    ]
    unsupported = [SkippedFile(file.removeprefix(root), unsupported_reason(file)) for file in files.unsupported]
    inside = [file.removeprefix(root) for file in source.fingerprints if file.startswith(root)]
    numbers, n_listed = number_files(inside, images, sort_name=_sort_name(source, root))
    taken = sorted((name for name in images if classes.class_of[name]), key=numbers.__getitem__)
    result = scan(source, [root + name for name in taken], cache, progress)
    unreadable = [SkippedFile(item.id.removeprefix(root), item.reason) for item in result.skipped]
    reading = Reading(
        other_files=files.others,
        index=index_description(root.rstrip("/"), n_listed, len(numbers) - n_listed, flat=is_flat(images)),
        n_indices=len(numbers),
        order=ORDER_OF_FILES,
        unlabelled=unlabelled,
    )
    skipped = [*unlabelled_files, *unsupported, *unreadable]
    return build_dataset(source, result, root, classes, numbers, skipped, reading)


def build_dataset(
    source: Source,
    result: Scan,
    root: str,
    classes: FileClasses,
    numbers: Mapping[str, int],
    skipped: Sequence[SkippedFile],
    reading: Reading,
) -> ImageDataset:
    """Return the data set of the scanned files; `root` is the part of the paths that is not part of the ids."""
    ids = tuple(file.removeprefix(root) for file in result.files)
    class_names = tuple(class_order({classes.class_of[name] or "" for name in ids}))
    number_of = {name: number for number, name in enumerate(class_names)}
    labels = np.array([number_of[classes.class_of[name] or ""] for name in ids], dtype=np.int64)
    similar = similar_names_note(class_names, "class names") + similar_names_note(
        (name for name in ids if not name.isascii()), "file names"
    )
    columns, column_notes = _columns(source, result.files, ids, classes)
    notes = (*classes.notes, *column_notes, *link_notes(source.left_out_links), *similar)
    return ImageDataset(
        name=source.name,
        ids=ids,
        labels=labels,
        class_names=class_names,
        read=FileReader(source.name, source.read_bytes, result.files, result.digests, result.ranges, result.folder),
        thumbnails=result.thumbnails,
        thumbnail_sums=result.thumbnail_sums,
        sizes=result.sizes,
        skipped=tuple(sorted(skipped, key=lambda item: item.id)),
        key=content_digest(ids, labels, class_names, result.digests, result.ranges, SCAN_VERSION),
        paths=ids,
        description=" ".join([f"{len(ids):,} image files from {source.name}.", *result.notes]),
        indices=np.array([numbers[name] for name in ids], dtype=np.int64),
        reading=replace(reading, notes=notes),
        notes=notes,
        columns=columns,
    )


def _columns(
    source: Source, files: Sequence[str], ids: Sequence[str], classes: FileClasses
) -> tuple[dict[str, NDArray[Any]], list[str]]:
    """Return the own columns of the images, from tables and from the container, and notes about their names."""
    columns: dict[str, NDArray[Any]] = {}
    notes: list[str] = []
    tables = [
        (table, [(name, [_value(values_of.get(image), place) for image in ids]) for place, name in enumerate(names)])
        for table, names, values_of in classes.others
    ]
    if source.columns:
        row_of = {file: row for row, file in enumerate(source.fingerprints)}
        rows = [row_of[file] for file in files]
        tables.append((source.name, [(name, [values[row] for row in rows]) for name, values in source.columns.items()]))
    for table, named in tables:
        found = own_columns(named, table, columns)
        columns |= found.columns
        notes += found.notes
    return columns, notes


def _value(values: Sequence[str] | None, place: int) -> str:
    return "" if values is None else values[place]


def common_root(files: Sequence[str], *, flat: bool = False) -> str:
    """Return the path of the folder in which the data set begins, with a slash at the end ("" for the top).

    While all files are in one folder, and (unless `flat`) in subfolders of it, that folder is entered: most archives
    have one folder that contains the classes.
    """
    root = ""
    while True:
        remainder = [file[len(root) :].split("/", 2) for file in files]
        deep = all(len(parts) > (1 if flat else 2) for parts in remainder)
        if not deep or len({parts[0] for parts in remainder}) > 1:
            return root
        root += remainder[0][0] + "/"


def _sort_name(source: Source, root: str) -> Callable[[str], str]:
    """Return the function that gives the path below `root` by which Python sorts a file, from its path there.

    It differs where a name is not valid UTF-8: Python, and so `ImageFolder`, sorts such a name by other characters than
    those that the id shows.
    """
    reader = source.read_bytes
    if not isinstance(reader, FolderReader) or not reader.undecodable:
        return str
    start, depth = len(os.path.join(reader.root, "")), root.count("/")

    def sort_name(name: str) -> str:
        path = reader.undecodable.get(root + name)
        return name if path is None else path[start:].replace(os.sep, "/").split("/", depth)[-1]

    return sort_name
