"""A set of images as the rest of the library sees it: rows in the order of ids, decoded when asked for."""

from __future__ import annotations

import mmap
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adq_core.errors import InputError
from adq_core.records import Bools, Floats, Image, Ints, freeze_arrays


@dataclass(frozen=True)
class SkippedFile:
    """A file that could not be used, by id, and the reason in words."""

    id: str
    reason: str


@dataclass(frozen=True, eq=False)
class ImageDataset:
    """A set of labelled images that hands them out one by one or in batches and never holds them all.

    Rows are in the order of the ids, always: `ids[i]` names row i, so nothing downstream can depend on file order.
    `read(i)` decodes row i to an (H, W, 3) uint8 RGB array; sizes may differ. `thumbnails` is an (M, T, T, 3) uint8
    array, usually a memory map: T = 64, except that square images from arrays whose side divides 64 are their own
    thumbnails (T = 8 for `digits`, 32 for `shapes`). Every class has at least one image. `held_out` marks rows that a
    check may use as test images and that are otherwise ordinary rows (all False where there is no such split).

    A set of vectors without images has its `vectors`; its thumbnails are blank, its sizes 0, and `read` raises.
    """

    name: str
    ids: tuple[str, ...]
    labels: Ints  # (M,) indices into class_names
    class_names: tuple[str, ...]
    read: Callable[[int], Image]
    thumbnails: NDArray[np.uint8]  # (M, T, T, 3)
    sizes: Ints  # (M, 2) height, width in pixels
    skipped: tuple[SkippedFile, ...]
    key: str  # digest of ids, labels, class names and the images' own bytes
    paths: tuple[str, ...] | None = None  # relative paths, where the images are files
    about: str = ""  # where the images come from, in a sentence
    held_out: Bools = field(default_factory=lambda: np.zeros(0, dtype=np.bool_))  # (M,); not given: all False
    vectors: Floats | None = None  # (M, d) float32, where the set is vectors without images

    def __post_init__(self) -> None:
        m = len(self.ids)
        if m == 0:
            raise InputError(f"{self.name} has no readable images. Give a folder, zip or npz with at least one.")
        if self.held_out.size == 0:
            object.__setattr__(self, "held_out", np.zeros(m, dtype=np.bool_))
        freeze_arrays(self, {"labels": (m,), "sizes": (m, 2), "thumbnails": (m, None, None, 3), "held_out": (m,)})
        if self.vectors is not None:
            freeze_arrays(self, {"vectors": (m, None)})

    def __len__(self) -> int:
        return len(self.ids)

    def digest(self) -> str:
        """Return the data's own digest, which is its key."""
        return self.key

    @property
    def has_images(self) -> bool:
        """Return whether rows are images, and not vectors alone."""
        return self.vectors is None

    @property
    def kind(self) -> str:
        """Return what rows are, in the plural: "images" or "vectors"."""
        return "images" if self.has_images else "vectors"

    def need_images(self) -> None:
        """Raise `InputError` where there are no pixels to work on."""
        if not self.has_images:
            raise InputError(
                f"{self.name} is a set of vectors without images, so there are no pixels to work on. "
                "Open a set of images for this."
            )

    @property
    def n_classes(self) -> int:
        """Return C, the number of classes."""
        return len(self.class_names)

    @property
    def class_counts(self) -> Ints:
        """Return (C,) how many images each class has."""
        return np.bincount(self.labels, minlength=self.n_classes)

    def batches(self, size: int, rows: Sequence[int] | None = None) -> Iterator[tuple[Ints, list[Image]]]:
        """Yield (rows, decoded images) for `size` rows at a time, in order; only one batch is in memory."""
        wanted = np.arange(len(self)) if rows is None else np.asarray(rows, dtype=np.int64)
        for start in range(0, len(wanted), size):
            part = wanted[start : start + size]
            yield part, [self.read(int(row)) for row in part]
            release_pages(self.thumbnails)  # where images are rows of a memory map, these are the same pages

    def thumbnail_batches(self, size: int, rows: Ints | None = None) -> Iterator[NDArray[np.uint8]]:
        """Yield (B, T, T, 3) thumbnails of all rows or of `rows`; pages of a memory map are let go of after each batch.

        Without that all thumbnails that were read count as resident memory, 1.2 GB for 100,000 images.
        """
        for start in range(0, len(self) if rows is None else len(rows), size):
            part = slice(start, start + size)
            yield self.thumbnails[part if rows is None else rows[part]]
            release_pages(self.thumbnails)


def release_pages(array: NDArray[Any]) -> None:
    """Tell the system that the pages of the memory map below an array are not needed soon; the contents stay."""
    base: Any = array
    while isinstance(base, np.ndarray):
        base = base.base
    if isinstance(base, mmap.mmap) and hasattr(mmap, "MADV_DONTNEED") and not array.flags.writeable:
        base.madvise(mmap.MADV_DONTNEED)
