"""The open data set of a folder in the cache, so that an unchanged folder is not listed and scanned again.

One folder per folder of images and table of labels:

- `listing.json`: the directories as they were listed, the digest of the labels, and small values of the data set,
- `files.txt`, `digests.txt`: the rows of the data set,
- `found.txt`, `fingerprints.txt`: all image files that were found, also those that could not be read,
- `labels.npy`, `sizes.npy`, `indices.npy`, `thumbnail_sums.npy`.

Each file is compared with its checksum in `listing.json` when it is read; a damaged listing is made again.
Texts are joined by a NUL, which no file name contains: 100,000 of them are read in milliseconds, as JSON in seconds.
The thumbnails stay in the folder of the scan (see `scan.py`).
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adq_core.data.dataset import FileChanges, ImageDataset, Reading, SkippedFile
from adq_core.data.own_columns import read_columns, write_columns
from adq_core.data.pickling import pack
from adq_core.data.pixels.value_ranges import read_ranges
from adq_core.data.scan import THUMBNAIL_SHAPE, Directory, FileReader, Source, scan_version
from adq_core.digests import derive_key, file_digest
from adq_core.errors import InputError
from adq_core.storage import atomic_folder, checksum, file_checksum, mark_used, read_json, save_array, write_json

from .folder_files import FolderReader, directories_unchanged, folder_source
from .found_files import relevant_fingerprints

ARRAYS = ("labels.npy", "sizes.npy", "indices.npy", "thumbnail_sums.npy")  # attributes of the data set
LISTING_VERSION = 3  # increase it when the files, the classes or their order change


@dataclass(frozen=True)
class Listing:
    """A stored listing; `open` builds its data set."""

    cache: Path
    folder: Path  # of the listing, in the cache
    root: str  # of the images
    values: dict[str, Any]  # of listing.json

    def directories_unchanged(self) -> bool:
        """Return whether no entry of a directory was added, removed or renamed since the listing."""
        return directories_unchanged(self.root, [Directory(*values) for values in self.values["directories"]])

    def matches(self, source: Source) -> bool:
        """Return whether the image files of a source have the names and fingerprints of the listing."""
        found, fingerprints = _joined_fingerprints(source)
        try:
            return found == self._bytes("found.txt") and fingerprints == self._bytes("fingerprints.txt")
        except (OSError, ValueError, KeyError):
            return False

    def open(self) -> ImageDataset | None:
        """Return the data set, with a `FileCheck`; None if the listing is damaged or its scan is not in the cache."""
        try:
            dataset = self._open()
        except (OSError, ValueError, TypeError, KeyError, InputError):
            return None
        mark_used(self.folder)
        mark_used((self.cache / self.values["thumbnails"]).parent)
        return dataset

    def _open(self) -> ImageDataset:
        values, name = self.values, os.path.basename(self.root) or self.root
        files = _split(self._bytes("files.txt"))
        prefix = len(values["prefix"])
        ids = tuple(file[prefix:] for file in files) if prefix else files
        reader = FolderReader(self.root, values["undecodable"])
        thumbnails = np.memmap(
            self.cache / values["thumbnails"], dtype=np.uint8, mode="r", shape=(len(files), *THUMBNAIL_SHAPE)
        )
        scan = str((self.cache / values["thumbnails"]).parent)
        return ImageDataset(
            name=name,
            ids=ids,
            labels=self._array("labels.npy"),
            class_names=tuple(values["class_names"]),
            read=FileReader(
                name, reader, files, _split(self._bytes("digests.txt")), read_ranges(values["ranges"]), scan
            ),
            thumbnails=thumbnails,
            thumbnail_sums=self._array("thumbnail_sums.npy"),
            sizes=self._array("sizes.npy"),
            skipped=tuple(SkippedFile(*item) for item in values["skipped"]),
            key=values["key"],
            paths=ids,
            description=values["description"],
            indices=self._array("indices.npy"),
            reading=Reading(**values["reading"]),
            notes=tuple(values["notes"]),
            columns=read_columns(self._bytes("columns.json")),
            check_files=FileCheck(self.root, self.folder, self._bytes("found.txt"), self._bytes("fingerprints.txt")),
        )

    def _bytes(self, name: str) -> bytes:
        content = (self.folder / name).read_bytes()
        if checksum(content) != self.values["checksums"][name]:
            raise ValueError(f"{name} is damaged")
        return content

    def _array(self, name: str) -> NDArray[Any]:
        array: NDArray[Any] = np.load(BytesIO(self._bytes(name)), allow_pickle=False)
        return array


@dataclass(frozen=True)
class FileCheck:
    """Compare all image files of a folder with the listing from which a data set was opened; can be pickled."""

    root: str  # of the images
    listing: Path  # in the cache
    found: bytes  # contents of found.txt and fingerprints.txt
    fingerprints: bytes
    is_recent: bool = False  # whether the files were compared when the data set was opened

    def __call__(self) -> FileChanges:
        """Return the changed, new and missing files; if there is one, the listing is removed from the cache.

        So the next opening lists the folder again. It asks the system for the status of each file and reads no file.

        Raises
        ------
        InputError
            If the folder cannot be read.
        """
        source = folder_source(Path(self.root))
        if _joined_fingerprints(source) == (self.found, self.fingerprints):
            return FileChanges()
        before = dict(zip(_split(self.found), _split(self.fingerprints), strict=True))
        now = relevant_fingerprints(source)
        shutil.rmtree(self.listing, ignore_errors=True)
        return FileChanges(
            changed=tuple(file for file in now if before.get(file, now[file]) != now[file]),
            new=tuple(file for file in now if file not in before),
            missing=tuple(file for file in before if file not in now),
        )


def stored_listing(cache: Path, folder: Path, labels: Path | None, *, is_gone: bool = False) -> Listing | None:
    """Return the stored listing of a folder with this table of labels; None if there is none or the table changed.

    Where the folder `is_gone`, the table may be gone too.
    """
    root = str(folder.resolve())
    place = _place(cache, root, labels)
    try:
        values = read_json(place / "listing.json")
        if not (is_gone and labels is not None and not labels.exists()) and (
            values["labels_digest"] != _labels_digest(labels)
        ):
            return None
    except (OSError, ValueError, TypeError, KeyError, InputError):
        return None
    return Listing(cache, place, root, values)


def open_gone_folder(cache: Path, folder: Path, labels: Path | None) -> ImageDataset | None:
    """Return the data set of a folder that does not exist any more, from the cache; None if it is not there.

    Finished results of such a data set can be opened and exported; its images cannot be read.
    """
    listing = stored_listing(cache, folder, labels, is_gone=True)
    dataset = None if listing is None else listing.open()
    if dataset is None:
        return None
    note = (
        f"The folder {dataset.name} is gone. Results that are in the cache can be opened and exported; others need it."
    )
    return replace(dataset, check_files=None, notes=(*dataset.notes, note))


def file_check(cache: Path, source: Source, labels: Path | None) -> FileCheck:
    """Return the check of a source's files against their present state; see `FileCheck`."""
    return FileCheck(source.place, _place(cache, source.place, labels), *_joined_fingerprints(source), is_recent=True)


def forget_folder(cache: Path, folder: Path) -> None:
    """Remove what the cache has of the files of a folder or archive: its listings, thumbnails and sizes.

    The next opening reads all files. Results of stages stay: their keys are derived from the content of the files.
    """
    root = str(folder.resolve())
    shutil.rmtree(cache / "scans" / derive_key(root), ignore_errors=True)
    for place in (cache / "listings").glob("*"):
        try:
            known = read_json(place / "listing.json").get("root")
        except (OSError, ValueError):
            continue
        if known == root:
            shutil.rmtree(place, ignore_errors=True)


def store_listing(cache: Path, source: Source, dataset: ImageDataset, labels: Path | None) -> None:
    """Store the listing of a folder; an earlier one is replaced.

    Raises
    ------
    StorageError
        If the cache cannot be written.
    """
    assert isinstance(dataset.read, FileReader)
    assert isinstance(dataset.read.read_bytes, FolderReader)
    thumbnails = pack(dataset.thumbnails).file
    assert thumbnails is not None
    files = dataset.read.files
    found, fingerprints = _joined_fingerprints(source)
    texts = {
        "files.txt": _join(files),
        "digests.txt": _join(dataset.read.digests),
        "found.txt": found,
        "fingerprints.txt": fingerprints,
        "columns.json": write_columns(dataset.columns),
    }
    values = {
        "root": source.place,
        "directories": source.directories,
        "labels_digest": _labels_digest(labels),
        "prefix": files[0][: len(files[0]) - len(dataset.ids[0])],
        "undecodable": dataset.read.read_bytes.undecodable,
        "thumbnails": os.path.relpath(thumbnails, cache.resolve()),
        "class_names": dataset.class_names,
        "ranges": dataset.read.ranges,
        "skipped": [(item.id, item.reason) for item in dataset.skipped],
        "key": dataset.key,
        "description": dataset.description,
        "reading": asdict(dataset.reading),
        "notes": dataset.notes,
    }
    assert dataset.thumbnail_sums is not None
    arrays = {name: getattr(dataset, name.removesuffix(".npy")) for name in ARRAYS}
    place = _place(cache, source.place, labels)
    shutil.rmtree(place, ignore_errors=True)
    with atomic_folder(place) as temporary:
        for name, content in texts.items():
            (temporary / name).write_bytes(content)
        for name, array in arrays.items():
            save_array(temporary / name, array)
        checksums = {name: file_checksum(temporary / name) for name in (*texts, *arrays)}
        write_json(temporary / "listing.json", values | {"checksums": checksums})


def _place(cache: Path, root: str, labels: Path | None) -> Path:
    table = None if labels is None else str(labels.resolve())
    return cache / "listings" / derive_key(LISTING_VERSION, *scan_version(), root, table)


def _labels_digest(labels: Path | None) -> str | None:
    return None if labels is None else file_digest(labels)


def _joined_fingerprints(source: Source) -> tuple[bytes, bytes]:
    fingerprints = relevant_fingerprints(source)
    return _join(fingerprints), _join(fingerprints.values())


def _join(texts: Iterable[str]) -> bytes:
    return "\0".join(texts).encode()


def _split(content: bytes) -> tuple[str, ...]:
    return tuple(content.decode().split("\0")) if content else ()
