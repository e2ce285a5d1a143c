"""Image files in a folder or an archive to an `ImageDataset`: which files are images, and the class of each."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from adq_core.digests import content_digest
from adq_core.errors import InputError
from adq_core.progress import Progress, no_progress

from .classes import assign_classes, class_order
from .dataset import ImageDataset, SkippedFile
from .scan import FileReader, Scan, Source, scan

SUFFIXES = (
    "avif", "bmp", "gif", "jfif", "jp2", "jpe", "jpeg", "jpg", "pgm", "png", "pnm", "ppm", "tif", "tiff", "webp",
)  # fmt: skip
# Image formats that are not read: listed with a reason, while other files in the folder are ignored.
UNSUPPORTED_SUFFIXES = ("arw", "cr2", "cr3", "dng", "heic", "heif", "ico", "jxl", "nef", "psd", "raw", "svg", "tga")
DATASET_SUFFIXES = ("npy", "npz", "parquet", "zip")  # files that are a data set by themselves


def dataset_from_source(
    source: Source, *, labels: Path | None = None, cache: Path | None = None, progress: Progress = no_progress
) -> ImageDataset:
    """Return the image files of a source as an `ImageDataset`.

    Each subfolder is a class and contains all images below it. Images beside such subfolders have no class and are
    skipped with that reason. Without subfolders all images are one class. If the folder contains only one folder, which
    has subfolders, that one is used instead. With a table of `labels`, folders have no meaning. Names that begin with a
    dot (and `__MACOSX`) are ignored, and so are files that are not images.

    Raises
    ------
    InputError
        If there is no image file, none can be read, the folders are splits, or the labels do not fit the files.
    StorageError
        If the cache cannot be written.
    """
    files = find_images(source)
    root = common_root(files.images, flat=labels is not None)
    class_of = assign_classes(source.name, [file.removeprefix(root) for file in files.images], labels)
    unlabelled = [
        SkippedFile(name, "lies beside the class folders and has no class")
        for name, class_name in class_of.items()
        if not class_name
    ]
    unsupported = [
        SkippedFile(
            file.removeprefix(root), f"is a .{_suffix(file)} file, which is not read; convert it to .png or .jpg"
        )
        for file in files.unsupported
    ]
    result = scan(source, [file for file in files.images if class_of[file.removeprefix(root)]], cache, progress)
    unreadable = [SkippedFile(item.id.removeprefix(root), item.reason) for item in result.skipped]
    return build_dataset(source, result, root, class_of, [*unlabelled, *unsupported, *unreadable])


def image_fingerprints(source: Source) -> dict[str, str]:
    """Return the fingerprints of all image files of a source by relative path, sorted, also of formats not read."""
    kinds = {*SUFFIXES, *UNSUPPORTED_SUFFIXES}
    return {
        file: text for file, text in sorted(source.fingerprints.items()) if _suffix(file) in kinds and not _hidden(file)
    }


class FoundFiles(NamedTuple):
    """The image files of a source, sorted."""

    images: list[str]
    unsupported: list[str]  # of formats that are not read


def find_images(source: Source) -> FoundFiles:
    """Return the image files of a source, without hidden ones. Raises `InputError` if there are none."""
    files = [file for file in sorted(source.fingerprints) if not _hidden(file)]
    images = [file for file in files if _suffix(file) in SUFFIXES]
    if images:
        return FoundFiles(images, [file for file in files if _suffix(file) in UNSUPPORTED_SUFFIXES])
    others = f" It has {len(files)} other files, such as {files[0]}." if files else ""
    datasets = [file for file in files if _suffix(file) in DATASET_SUFFIXES]
    if datasets:
        advice = f"To open {datasets[0]}, name that file instead of {source.name}."
    else:
        advice = (
            f"Images end in {', '.join(SUFFIXES)}; put one subfolder per class, or the images themselves, into the "
            "folder."
        )
    raise InputError(f"{source.name} has no image files.{others} {advice}")


def build_dataset(
    source: Source,
    result: Scan,
    root: str,
    class_of: Mapping[str, str | None],
    skipped: Sequence[SkippedFile],
) -> ImageDataset:
    """Return the data set of the scanned files; `root` is the part of the paths that is not part of the ids."""
    ids = tuple(file.removeprefix(root) for file in result.files)
    class_names = tuple(class_order({class_of[name] or "" for name in ids}))
    number_of = {name: number for number, name in enumerate(class_names)}
    labels = np.array([number_of[class_of[name] or ""] for name in ids], dtype=np.int64)
    return ImageDataset(
        name=source.name,
        ids=ids,
        labels=labels,
        class_names=class_names,
        read=FileReader(source.name, source.read_bytes, result.files, result.digests, result.folder),
        thumbnails=result.thumbnails,
        thumbnail_sums=result.thumbnail_sums,
        sizes=result.sizes,
        skipped=tuple(sorted(skipped, key=lambda item: item.id)),
        key=content_digest(ids, labels, class_names, result.digests),
        paths=ids,
        description=f"{len(ids):,} image files from {source.name}.",
    )


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


def _suffix(file: str) -> str:
    return os.path.splitext(file)[1].lower().removeprefix(".")


def _hidden(file: str) -> bool:
    return any(part.startswith(".") or part == "__MACOSX" for part in file.split("/"))
