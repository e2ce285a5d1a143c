"""Image files in a folder or an archive to an `ImageDataset`: which files are images, and the class of each."""

from __future__ import annotations

import csv
import os
import stat
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np

from adq_core.digests import content_digest
from adq_core.errors import InputError
from adq_core.progress import Progress, no_progress

from .dataset import ImageDataset, SkippedFile
from .decoding import MAX_FILE_BYTES, UnreadableImageError
from .scan import FileReader, Scan, Source, scan

SUFFIXES = (
    "avif", "bmp", "gif", "jfif", "jp2", "jpe", "jpeg", "jpg", "pgm", "png", "pnm", "ppm", "tif", "tiff", "webp",
)  # fmt: skip
# Image formats that are not read: listed with a reason, while other files in the folder are ignored.
UNSUPPORTED_SUFFIXES = ("arw", "cr2", "cr3", "dng", "heic", "heif", "ico", "jxl", "nef", "psd", "raw", "svg", "tga")
DATASET_SUFFIXES = ("npy", "npz", "parquet", "zip")  # files that are a data set by themselves
SPLITS = {"dev", "test", "testing", "train", "training", "val", "valid", "validation"}
ALL = "all"  # the class of all images in a folder without subfolders
MAX_LISTED = 5  # names in one error


@dataclass(frozen=True)
class FolderReader:
    """The bytes of the files below a folder, by their relative paths; can be pickled."""

    root: str
    undecodable: dict[str, str]  # relative path: real path, of files whose names are not valid UTF-8

    def __call__(self, file: str) -> bytes:
        """Return the bytes of a file. Raises `UnreadableImageError` if it is too large, or `OSError`."""
        path = self.undecodable.get(file) or os.path.join(self.root, *file.split("/"))
        size = os.stat(path).st_size
        if size > MAX_FILE_BYTES:
            raise UnreadableImageError(f"has {size / 2**20:,.0f} MB, more than {MAX_FILE_BYTES / 2**20:,.0f}")
        return Path(path).read_bytes()


def folder_source(folder: Path) -> Source:
    """Return the files of a folder and its subfolders; of two links to one folder, one is followed.

    Raises
    ------
    InputError
        If a folder cannot be read.
    """
    root = folder.resolve()
    start = len(os.path.join(root, ""))
    undecodable: dict[str, str] = {}
    fingerprints: dict[str, str] = {}  # paths are texts, because 100,000 `Path` objects take seconds
    visited: set[tuple[int, int]] = set()

    def on_error(error: OSError) -> None:
        raise InputError(f"The folder {error.filename} cannot be read ({error.strerror}). Change that or remove it.")

    for directory, subfolders, names in os.walk(root, followlinks=True, onerror=on_error):
        status = os.stat(directory)
        if (status.st_dev, status.st_ino) in visited:
            subfolders.clear()
            continue
        visited.add((status.st_dev, status.st_ino))
        subfolders.sort()  # of two links to one folder, always the same one is followed
        for name in names:
            path = os.path.join(directory, name)
            file = path[start:].replace(os.sep, "/")
            relative = os.fsencode(file).decode("utf-8", "backslashreplace")
            try:
                status = os.stat(path)
            except OSError:  # a link to a missing file: reading it gives the reason
                fingerprints[relative] = "unreadable"
            else:
                if not stat.S_ISREG(status.st_mode):
                    continue
                fingerprints[relative] = f"{status.st_size}:{status.st_mtime_ns}:{status.st_mode:o}"  # with permissions
            if relative != file:
                undecodable[relative] = path
    return Source(root.name or str(root), str(root), fingerprints, FolderReader(str(root), undecodable))


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


def assign_classes(source_name: str, names: Sequence[str], labels: Path | None) -> dict[str, str | None]:
    """Return the class of each image, from the table `labels` or else from the folders; None for an image without one.

    Raises
    ------
    InputError
        If the labels do not fit the images, or the folders are splits.
    """
    if labels is not None:
        label_of = read_labels(labels, names, source_name)
        return {name: label_of[name] for name in names}
    return classes_by_folder(names, source_name)


def build_dataset(
    source: Source,
    result: Scan,
    root: str,
    class_of: Mapping[str, str | None],
    skipped: Sequence[SkippedFile],
) -> ImageDataset:
    """Return the data set of the scanned files; `root` is the part of the paths that is not part of the ids."""
    ids = tuple(file.removeprefix(root) for file in result.files)
    class_names = tuple(sorted({class_of[name] or "" for name in ids}))
    number_of = {name: number for number, name in enumerate(class_names)}
    labels = np.array([number_of[class_of[name] or ""] for name in ids], dtype=np.int64)
    return ImageDataset(
        name=source.name,
        ids=ids,
        labels=labels,
        class_names=class_names,
        read=FileReader(source.name, source.read_bytes, result.files, result.digests),
        thumbnails=result.thumbnails,
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


def classes_by_folder(names: Iterable[str], source_name: str) -> dict[str, str | None]:
    """Return the class of each file: its top folder; None for a file beside folders; "all" if there are no folders.

    Raises
    ------
    InputError
        If the folders are splits (train, test, ...) of a data set with classes.
    """
    parts = {name: name.split("/") for name in names}
    tops = sorted({path[0] for path in parts.values() if len(path) > 1})
    if not tops:
        return dict.fromkeys(parts, ALL)
    if len(tops) > 1 and {top.lower() for top in tops} <= SPLITS and all(len(path) != 2 for path in parts.values()):
        raise InputError(
            f"{source_name} has the folders {', '.join(tops)}, which are parts of a data set and not classes. Name one "
            f"of them, such as {source_name}/{tops[-1]}."
        )
    return {name: path[0] if len(path) > 1 else None for name, path in parts.items()}


def read_labels(table: Path, names: Sequence[str], source_name: str) -> Mapping[str, str]:
    """Return the label of each image from a CSV with the columns `file` (its relative path) and `label`.

    Raises
    ------
    InputError
        If the table cannot be read, names files that are not there, or has no label or two for an image.
    """
    try:
        with table.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            columns = reader.fieldnames or []
            if not {"file", "label"} <= set(columns):
                raise InputError(
                    f"{table.name} must begin with a line that names the columns file and label, with a comma between "
                    "them. It does not."  # the error never quotes the file: a link can name any file of the server
                )
            rows = [(_posix(row["file"] or ""), (row["label"] or "").strip()) for row in reader]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        reason = getattr(error, "strerror", None) or "it is not a CSV in UTF-8"
        raise InputError(
            f"{table} must be a CSV in UTF-8 with the columns file,label; reading failed: {reason}."
        ) from None
    label_of: dict[str, str] = {}
    ambiguous: list[str] = []
    for name, label in rows:
        if label_of.setdefault(name, label) != label:
            ambiguous.append(name)
    known = set(names)  # the error quotes these names only, no other text of the table
    problems = [
        f"{len(files)} {problem}" + (f" ({_some(quoted)})" if (quoted := [f for f in files if f in known]) else "")
        for files, problem in (
            (sorted(set(label_of) - known), "of its files not in the folder"),
            ([name for name in names if not label_of.get(name)], "images without a label"),
            (ambiguous, "files with two labels"),
        )
        if files
    ]
    if problems:
        raise InputError(
            f"{table.name} must give every image in {source_name} one label; there are {'; '.join(problems)}."
        )
    return label_of


def _posix(file: str) -> str:
    return file.strip().replace("\\", "/").removeprefix("./")


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:MAX_LISTED]) + (", ..." if len(names) > MAX_LISTED else "")


def _suffix(file: str) -> str:
    return os.path.splitext(file)[1].lower().removeprefix(".")


def _hidden(file: str) -> bool:
    return any(part.startswith(".") or part == "__MACOSX" for part in file.split("/"))
