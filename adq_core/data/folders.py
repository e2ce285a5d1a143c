"""Image files in a folder or an archive to an `ImageDataset`: which of them count, and which class each one has."""

from __future__ import annotations

import csv
import os
import stat
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np

from adq_core.digests import content_digest
from adq_core.errors import InputError
from adq_core.progress import Progress, no_progress
from adq_core.records import Image

from .dataset import ImageDataset, SkippedFile
from .decoding import MAX_FILE_BYTES, UnreadableImageError
from .scan import Source, scan

SUFFIXES = (
    "avif",
    "bmp",
    "gif",
    "jfif",
    "jp2",
    "jpe",
    "jpeg",
    "jpg",
    "pgm",
    "png",
    "pnm",
    "ppm",
    "tif",
    "tiff",
    "webp",
)
# Pictures that are not read: listed with a reason, where a text or a table in the folder is passed over in silence.
OTHER_PICTURES = ("arw", "cr2", "cr3", "dng", "heic", "heif", "ico", "jxl", "nef", "psd", "raw", "svg", "tga")
WHOLE = ("npy", "npz", "parquet", "zip")  # files that are a data set of their own
SPLITS = {"dev", "test", "testing", "train", "training", "val", "valid", "validation"}
ALL = "all"  # the one class of a flat folder
LISTED = 5  # names in one error


def folder_source(folder: Path) -> Source:
    """Return the files of a folder and of all folders in it, links followed once."""
    root = folder.resolve()
    start = len(os.path.join(root, ""))
    real: dict[str, str] = {}  # texts, because 100,000 `Path`s take seconds
    stamps: dict[str, str] = {}
    seen: set[tuple[int, int]] = set()

    def refused(error: OSError) -> None:
        raise InputError(f"The folder {error.filename} cannot be read ({error.strerror}). Change that or take it out.")

    for here, folders, names in os.walk(root, followlinks=True, onerror=refused):
        status = os.stat(here)
        if (status.st_dev, status.st_ino) in seen:
            folders.clear()
            continue
        seen.add((status.st_dev, status.st_ino))
        folders.sort()  # of two links to one folder, always the same one counts
        for name in names:
            path = os.path.join(here, name)
            relative = os.fsencode(path[start:].replace(os.sep, "/")).decode("utf-8", "backslashreplace")
            try:
                status = os.stat(path)
            except OSError:  # a link to nowhere: reading it will say so
                stamps[relative] = "unreadable"
            else:
                if not stat.S_ISREG(status.st_mode):
                    continue
                stamps[relative] = f"{status.st_size}:{status.st_mtime_ns}:{status.st_mode:o}"  # who may read it, too
            real[relative] = path

    def read_bytes(file: str) -> bytes:
        size = os.stat(real[file]).st_size
        if size > MAX_FILE_BYTES:
            raise UnreadableImageError(f"has {size / 2**20:,.0f} MB, more than {MAX_FILE_BYTES / 2**20:,.0f}")
        return Path(real[file]).read_bytes()

    return Source(root.name or str(root), str(root), stamps, read_bytes)


def dataset_from_source(
    source: Source, *, labels: Path | None = None, cache: Path | None = None, progress: Progress = no_progress
) -> ImageDataset:
    """Return the image files of a source as an `ImageDataset`.

    A subfolder is a class; what lies deeper in it belongs to it. Images that lie beside such subfolders have no class
    and are left out with that reason. Without subfolders all images are one class. A folder that holds nothing but one
    folder of folders stands for that one. With a table of `labels`, folders mean nothing. Names that begin with a dot
    (and `__MACOSX`) are passed over, so are files that are no pictures.
    """
    known = [file for file in sorted(source.stamps) if not _hidden(file)]
    pictures = [file for file in known if _suffix(file) in SUFFIXES]
    if not pictures:
        others = f" It has {len(known)} other files, such as {known[0]}." if known else ""
        whole = [file for file in known if _suffix(file) in WHOLE]
        if whole:
            way = f" To open {whole[0]}, name that file instead of {source.name}."
            raise InputError(f"{source.name} has no image files.{others}{way}")
        raise InputError(
            f"{source.name} has no image files.{others} Images end in {', '.join(SUFFIXES)}; put one subfolder a "
            "class, or the images themselves, into the folder."
        )
    root = common_root(pictures, flat=labels is not None)
    names = [file.removeprefix(root) for file in pictures]
    if labels is not None:
        class_of: dict[str, str | None] = dict(read_labels(labels, names, source.name))
    else:
        class_of = classes_by_folder(names, source.name)
    strays = [
        SkippedFile(name, "lies beside the class folders and has no class") for name in names if not class_of[name]
    ]
    foreign = [
        SkippedFile(
            file.removeprefix(root), f"is a .{_suffix(file)} file, which is not read; convert it to .png or .jpg"
        )
        for file in known
        if _suffix(file) in OTHER_PICTURES
    ]
    found = scan(source, [file for file in pictures if class_of[file.removeprefix(root)]], cache, progress)

    ids = tuple(file.removeprefix(root) for file in found.files)
    class_names = tuple(sorted({class_of[name] or "" for name in ids}))
    number = {name: i for i, name in enumerate(class_names)}
    numbers = np.array([number[class_of[name] or ""] for name in ids], dtype=np.int64)
    unread = [SkippedFile(left.id.removeprefix(root), left.reason) for left in found.skipped]

    def read(row: int) -> Image:
        return source.read_image(found.files[row], found.digests[row])

    return ImageDataset(
        name=source.name,
        ids=ids,
        labels=numbers,
        class_names=class_names,
        read=read,
        thumbnails=found.thumbnails,
        sizes=found.sizes,
        skipped=tuple(sorted([*strays, *foreign, *unread], key=lambda left: left.id)),
        key=content_digest(ids, numbers, class_names, found.digests),
        paths=ids,
        about=f"{len(ids):,} image files from {source.name}.",
    )


def common_root(files: Sequence[str], *, flat: bool = False) -> str:
    """Return the path, ending in a slash, of the folder that the data set really begins in ("" for the top).

    While everything lies in one folder, and (unless `flat`) in folders within that one, that folder is stepped into:
    archives mostly hold one folder that holds the classes.
    """
    root = ""
    while True:
        rest = [file[len(root) :].split("/", 2) for file in files]
        deep = all(len(parts) > (1 if flat else 2) for parts in rest)
        if not deep or len({parts[0] for parts in rest}) > 1:
            return root
        root += rest[0][0] + "/"


def classes_by_folder(names: Iterable[str], where: str) -> dict[str, str | None]:
    """Return the class of each file: its uppermost folder; None for a file beside folders; "all" without folders."""
    parts = {name: name.split("/") for name in names}
    tops = sorted({path[0] for path in parts.values() if len(path) > 1})
    if not tops:
        return dict.fromkeys(parts, ALL)
    if len(tops) > 1 and {top.lower() for top in tops} <= SPLITS and all(len(path) != 2 for path in parts.values()):
        raise InputError(
            f"{where} has the folders {', '.join(tops)}, which are parts of a data set and not classes. Name one of "
            "them, such as " + f"{where}/{tops[-1]}."
        )
    return {name: path[0] if len(path) > 1 else None for name, path in parts.items()}


def read_labels(table: Path, names: Sequence[str], where: str) -> Mapping[str, str]:
    """Return the label of each image from a CSV with the columns `file` (its relative path) and `label`.

    Raise `InputError` that lists what does not fit: files the folder does not have, images without a label or with two.
    """
    try:
        with table.open(encoding="utf-8-sig", newline="") as opened:
            reader = csv.DictReader(opened)
            columns = reader.fieldnames or []
            if not {"file", "label"} <= set(columns):
                raise InputError(
                    f"{table.name} must begin with a line that names the columns file and label, with a comma between "
                    f"them, got {', '.join(columns) or 'an empty file'}."
                )
            rows = [(_posix(row["file"] or ""), (row["label"] or "").strip()) for row in reader]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        reason = getattr(error, "strerror", None) or error
        raise InputError(
            f"{table} must be a CSV in UTF-8 with the columns file,label; reading failed: {reason}."
        ) from None
    label_of: dict[str, str] = {}
    twice: list[str] = []
    for file, label in rows:
        if label_of.setdefault(file, label) != label:
            twice.append(file)
    missing = [name for name in names if not label_of.get(name)]
    unknown = sorted(set(label_of) - set(names))
    faults = [
        f"{len(files)} {what} ({_some(files)})"
        for files, what in (
            (unknown, "of its files not in the folder"),
            (missing, "images without a label"),
            (twice, "files with two labels"),
        )
        if files
    ]
    if faults:
        raise InputError(f"{table.name} must give every image in {where} one label; there are {'; '.join(faults)}.")
    return label_of


def _posix(file: str) -> str:
    return file.strip().replace("\\", "/").removeprefix("./")


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:LISTED]) + (", ..." if len(names) > LISTED else "")


def _suffix(file: str) -> str:
    return os.path.splitext(file)[1].lower().removeprefix(".")


def _hidden(file: str) -> bool:
    return any(part.startswith(".") or part == "__MACOSX" for part in file.split("/"))
