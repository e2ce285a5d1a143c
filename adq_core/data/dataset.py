"""A set of images: one row per image, each decoded when it is read."""

from __future__ import annotations

import logging
import mmap
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adq_core.data.pixels.decoding import thumbnail as make_thumbnail
from adq_core.digests import content_digest
from adq_core.errors import InputError
from adq_core.records import Bools, Floats, Image, Ints, freeze_arrays
from adq_core.storage import row_checksum

from .pickling import PackedArray, pack

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class SkippedFile:
    """A file that is not in the data set, by id, and the reason."""

    id: str
    reason: str


@dataclass(frozen=True)
class FileChanges:
    """The files of a folder that differ from those that were read, by relative path."""

    changed: tuple[str, ...] = ()
    new: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.changed or self.new or self.missing)


@dataclass(frozen=True)
class Reading:
    """How a data set was read, as far as a user must know it."""

    notes: tuple[str, ...] = ()  # sentences about the choices that were made; they are part of a manifest
    other_files: str = ""  # a sentence with the numbers of the files that are not images; "" if there are none
    index: str = "index is the number of the row in the data set, from 0."  # what `ImageDataset.indices` are
    n_indices: int = 0  # files or rows that have an index, also those that cannot be read; 0: as many as rows
    order: str = "in the order of the rows of the data set"  # of the rows of a file of vectors without ids
    unlabelled: str = "error"  # what was asked for images without a label: "error" or "keep"

    def __post_init__(self) -> None:
        object.__setattr__(self, "notes", tuple(self.notes))  # a list, where it was read from JSON


@dataclass(frozen=True, eq=False)
class ImageDataset:
    """A set of labelled images, read one by one or in batches; it never holds all of them.

    `ids[i]` names row i. The rows of image files are in the order of torchvision's `ImageFolder`: class folders, then
    the paths inside them, both sorted; the order in which the system lists files has no effect. `indices` are the
    numbers by which an export names the rows: the positions of the files in an `ImageFolder` of the same folder, or the
    row numbers of an array; `reading.index` says which. They differ from 0..M-1 where a file could not be read.

    `read(i)` decodes row i to an (H, W, 3) uint8 RGB array; sizes may differ. `thumbnails` is an (M, T, T, 3) uint8
    array, usually a memory map: T = 64, except that square images from arrays whose side divides 64 are their own
    thumbnails (T = 8 for `digits`, 32 for `shapes`). Every class has at least one image. `held_out` marks rows that a
    check may use as test images; all other stages treat them as ordinary rows (all False where there is no such split).

    A set of vectors without images has `vectors`; its thumbnails are grey, its sizes 0, and `read` raises.

    Data sets can be pickled: `read` is a callable object that opens its files again in the other process, and memory
    maps are pickled as the name of their file.

    Raises
    ------
    InputError
        If there is no row.
    """

    name: str
    ids: tuple[str, ...]
    labels: Ints  # (M,) indices into class_names
    class_names: tuple[str, ...]
    read: Callable[[int], Image]
    thumbnails: NDArray[np.uint8]  # (M, T, T, 3)
    sizes: Ints  # (M, 2) height, width in pixels
    skipped: tuple[SkippedFile, ...]
    key: str  # digest of ids, labels, class names and the bytes of the images
    paths: tuple[str, ...] | None = None  # relative paths, where the images are files
    description: str = ""  # origin of the images, one sentence
    held_out: Bools = field(default_factory=lambda: np.zeros(0, dtype=np.bool_))  # (M,); default: all False
    vectors: Floats | None = None  # (M, d) float32, where the set is vectors without images
    check_files: Callable[[], FileChanges] | None = None  # where the images are files of a folder, and there is a cache
    indices: Ints = field(default_factory=lambda: np.zeros(0, dtype=np.int64))  # (M,); default: 0..M-1
    reading: Reading = field(default_factory=Reading)
    notes: tuple[str, ...] = ()  # sentences for the user: those of `reading`, and those about this opening
    thumbnail_sums: NDArray[np.uint64] | None = None  # (M,) checksums, where the thumbnails are read from the cache
    columns: Mapping[str, NDArray[Any]] = field(default_factory=dict)  # own columns, (M,) each; see `own_columns`

    def __post_init__(self) -> None:
        m = len(self.ids)
        if m == 0:
            raise InputError(f"{self.name} has no readable images. Give a folder, zip or npz with at least one.")
        if self.held_out.size == 0:
            object.__setattr__(self, "held_out", np.zeros(m, dtype=np.bool_))
        if self.indices.size == 0:
            object.__setattr__(self, "indices", np.arange(m, dtype=np.int64))
        per_row: dict[str, tuple[int | None, ...]] = dict.fromkeys(("labels", "held_out", "indices"), (m,))
        freeze_arrays(self, per_row | {"sizes": (m, 2), "thumbnails": (m, None, None, 3)})
        if self.vectors is not None:
            freeze_arrays(self, {"vectors": (m, None)})
        object.__setattr__(self, "columns", {name: _frozen(values, m) for name, values in self.columns.items()})

    def __len__(self) -> int:
        return len(self.ids)

    def __getstate__(self) -> dict[str, Any]:
        return {name: pack(value) if isinstance(value, np.ndarray) else value for name, value in vars(self).items()}

    def __setstate__(self, state: dict[str, Any]) -> None:
        for name, value in state.items():
            object.__setattr__(self, name, value.unpack() if isinstance(value, PackedArray) else value)

    def digest(self) -> str:
        """Return the digest of the data, which is its key."""
        return self.key

    @cached_property
    def columns_digest(self) -> str:
        """Digest of the own columns, which are not part of the key; "" if there are none."""
        values = [(name, column.dtype.kind, column.tolist()) for name, column in self.columns.items()]
        return content_digest(values) if values else ""

    @property
    def has_images(self) -> bool:
        """Return whether rows are images, not only vectors."""
        return self.vectors is None

    @property
    def kind(self) -> str:
        """Return the kind of the rows, in the plural: "images" or "vectors"."""
        return "images" if self.has_images else "vectors"

    def need_images(self) -> None:
        """Raise `InputError` if the rows are vectors without images."""
        if not self.has_images:
            raise no_images_error(self.name)

    @property
    def n_classes(self) -> int:
        """Return C, the number of classes."""
        return len(self.class_names)

    @property
    def class_counts(self) -> Ints:
        """Return the number of images of each class, (C,) int64."""
        return np.bincount(self.labels, minlength=self.n_classes)

    def batches(self, size: int, rows: Sequence[int] | None = None) -> Iterator[tuple[Ints, list[Image]]]:
        """Yield (row numbers, decoded images) of `size` rows at a time, in order; one batch is in memory at a time."""
        chosen = np.arange(len(self)) if rows is None else np.asarray(rows, dtype=np.int64)
        for start in range(0, len(chosen), size):
            batch = chosen[start : start + size]
            yield batch, [self.read(int(row)) for row in batch]
            release_pages(self.thumbnails)  # where images are rows of a memory map, the thumbnails are the same pages

    def pixels(self, row: int) -> Image:
        """Return the pixels of a row, (H, W, 3) uint8; where the thumbnail is the whole image, no file is decoded."""
        thumbnail = self.checked_thumbnails(np.array([row]), self.thumbnails[row : row + 1])[0]
        return np.asarray(thumbnail) if thumbnail.shape[:2] == tuple(self.sizes[row]) else self.read(row)

    def file_bytes(self, row: int) -> bytes | None:
        """Return the bytes of the image file of a row, as it is; None where images are rows of an array.

        Raises `FilesChangedError` if the file is not the one that was read.
        """
        read_file: Callable[[int], bytes | None] | None = getattr(self.read, "file_bytes", None)
        return None if read_file is None else read_file(row)

    def file_path(self, row: int) -> str | None:
        """Return the path of the image file of a row; None if it is not a file of its own on the disk."""
        path_of: Callable[[int], str | None] | None = getattr(self.read, "file_path", None)
        return None if path_of is None else path_of(row)

    def thumbnail_batches(self, size: int, rows: Ints | None = None) -> Iterator[NDArray[np.uint8]]:
        """Yield (B, T, T, 3) thumbnails of all rows or of `rows`; pages of a memory map are released after each batch.

        Otherwise all thumbnails that were read would count as resident memory, 1.2 GB for 100,000 images.
        """
        for start in range(0, len(self) if rows is None else len(rows), size):
            batch = np.arange(start, min(start + size, len(self))) if rows is None else rows[start : start + size]
            yield self.checked_thumbnails(batch, self.thumbnails[slice(start, start + size) if rows is None else batch])
            release_pages(self.thumbnails)

    def checked_thumbnails(self, rows: Ints, thumbnails: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Return the thumbnails of these rows; one that differs from its checksum is made again from its image.

        So a damaged cache does not change a result. Thumbnails that are only shown are not checked.
        """
        if self.thumbnail_sums is None:
            return thumbnails
        sums = self.thumbnail_sums[rows].tolist()
        damaged = [place for place, expected in enumerate(sums) if row_checksum(thumbnails[place]) != expected]
        if damaged:
            log.warning(
                "adq: thumbnails of %s in the cache were damaged: %s. They are made again.", self.name, len(damaged)
            )
            thumbnails = thumbnails.copy()
            for place in damaged:
                thumbnails[place] = make_thumbnail(self.read(int(rows[place])))
        return thumbnails


def _frozen(values: NDArray[Any], m: int) -> NDArray[Any]:
    """Return a read-only view of a column; raise `ValueError` if it does not have one value per image."""
    if values.shape != (m,):
        raise ValueError(f"A column must have the shape ({m},), got {values.shape}.")
    view = values.view()
    view.flags.writeable = False
    return view


def no_images_error(name: str) -> InputError:
    """Return the error for a stage that needs pixels, on a data set that has none."""
    return InputError(
        f"{name} is a set of vectors without images, so there are no pixels to work on. Open a set of images for this."
    )


def release_pages(array: NDArray[Any]) -> None:
    """Let the operating system release the memory pages of a memory-mapped array; the contents stay on the disk."""
    base: Any = array
    while isinstance(base, np.ndarray):
        base = base.base
    if isinstance(base, mmap.mmap) and hasattr(mmap, "MADV_DONTNEED") and not array.flags.writeable:
        base.madvise(mmap.MADV_DONTNEED)
