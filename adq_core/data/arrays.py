"""Images that are rows of an array to an `ImageDataset`: built-in sets, `.npz` files and torchvision use this."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import ArrayLike, NDArray

from adq_core.data.labels.classes import ALL, class_order, label_texts
from adq_core.data.pixels.decoding import THUMBNAIL, thumbnail
from adq_core.data.pixels.image_arrays import converted, image_layout
from adq_core.digests import content_digest
from adq_core.errors import InputError
from adq_core.progress import Progress, no_progress
from adq_core.records import Bools, Image, Ints
from adq_core.storage import atomic_folder, scratch_file

from .dataset import ImageDataset
from .pickling import pack

TRUTH = {"False": 0, "True": 1}
CHUNK_SIZE = 4096  # images per chunk, where all images at once would take too much memory


@dataclass(frozen=True)
class ArrayReader:
    """Return row i of an array of images, (M, H, W) or (M, H, W, 3) uint8; can be pickled."""

    images: NDArray[np.uint8]

    def __call__(self, row: int) -> Image:
        """Return a copy of a row, (H, W, 3) uint8."""
        image = self.images[row]
        return np.array(image) if image.ndim == 3 else np.repeat(image[..., None], 3, axis=2)

    def __getstate__(self) -> dict[str, Any]:
        return {"images": pack(self.images)}

    def __setstate__(self, state: dict[str, Any]) -> None:
        object.__setattr__(self, "images", state["images"].unpack())


def dataset_from_arrays(
    images: NDArray[Any],
    labels: ArrayLike | None,
    class_names: Sequence[str] | None = None,
    *,
    name: str = "arrays",
    ids: Sequence[str] | None = None,
    held_out: Bools | None = None,
    description: str = "",
    images_digest: str | None = None,
    cache: Path | None = None,
    progress: Progress = no_progress,
) -> ImageDataset:
    """Return an `ImageDataset` over images in an array of any layout in `image_arrays.py`.

    (M, H, W, 3) and (M, H, W) uint8 images are not copied. `labels` are of any form that `number_labels` reads. A class
    without images is dropped, so labels may be renumbered: only the class names are stable. Square
    images whose side divides 64 are their own thumbnails; for others thumbnails are computed, in `cache` if given.
    `images_digest` is the digest of the images if the caller has computed it already.

    Raises
    ------
    InputError
        If images or labels have the wrong shape, type or range.
    StorageError
        If the cache cannot be written.
    """
    layout = image_layout(images.shape, images.dtype, name)
    parts = list(converted(lambda: iter([images]), layout, images.dtype, name))
    pixels, m = parts[0], len(images)
    numbers, names = number_labels(labels, class_names, m, name)
    key = content_digest(None if ids is None else tuple(ids), numbers, names, images_digest or digest_of(pixels))
    colour = pixels if pixels.ndim == 4 else np.broadcast_to(pixels[..., None], (*pixels.shape, 3))

    height, width = pixels.shape[1:3]
    small = height == width and THUMBNAIL % height == 0
    return ImageDataset(
        name=name,
        ids=tuple(str(row) for row in range(m)) if ids is None else tuple(ids),
        labels=numbers,
        class_names=names,
        read=ArrayReader(pixels),
        thumbnails=colour if small else thumbnails_of(colour, key, cache, progress),
        sizes=np.broadcast_to(np.array([height, width], dtype=np.int64), (m, 2)),
        skipped=(),
        key=key,
        description=description,
        held_out=np.zeros(m, dtype=np.bool_) if held_out is None else held_out,
    )


def number_labels(
    labels: ArrayLike | None, class_names: Sequence[str] | None, m: int, name: str
) -> tuple[Ints, tuple[str, ...]]:
    """Return labels as indices, (M,) int64, and the class names they refer to; each class has an image.

    `label_texts` describes the forms that labels may have. Whole numbers are indices into `class_names`, if these are
    given; labels may also be class names themselves. Without labels, all rows are one class.

    Raises
    ------
    InputError
        If there is not one label for each row, or a label does not fit the class names.
    """
    if labels is None:
        return np.zeros(m, np.int64), (ALL,)
    texts = label_texts(labels, name)
    if len(texts) != m:
        raise InputError(f"{name}: there must be one label per image, got {m} images and {len(texts)} labels.")
    if "" in texts:
        raise InputError(f"{name}: each image must have a label, but {texts.count('')} of {m} have none.")
    if class_names is not None:
        texts = _named(texts, class_names, np.asarray(labels).dtype.kind, name)
    ordered = class_order(set(texts))
    number_of = {text: number for number, text in enumerate(ordered)}
    if class_names is not None:  # the order of the class names
        ordered = [text for text in class_names if text in number_of]
        number_of = {text: number for number, text in enumerate(ordered)}
    return np.array([number_of[text] for text in texts], np.int64), tuple(ordered)


def _named(texts: Sequence[str], class_names: Sequence[str], kind: str, name: str) -> list[str]:
    """Return the class name of each label, which is an index into `class_names` or one of them."""
    if len(set(class_names)) < len(class_names):
        raise InputError(f"{name}: class_names must differ from each other, got {', '.join(class_names)}.")
    known, c = set(class_names), len(class_names)
    if kind in "USO" and known.issuperset(texts):
        return list(texts)
    try:
        numbers = [TRUTH[text] if text in TRUTH else int(text) for text in texts]
    except ValueError:
        raise InputError(
            f"{name}: labels must be whole numbers or class names where class_names are given, got other text."
        ) from None
    if min(numbers) < 0 or max(numbers) >= c:
        raise InputError(
            f"{name}: labels must be in 0..{c - 1} for the {c} class_names, got {min(numbers)}..{max(numbers)}."
        )
    return [class_names[number] for number in numbers]


def chunks(m: int, size: int = CHUNK_SIZE) -> Iterator[slice]:
    """Yield slices of at most `size` rows that together cover 0 to m."""
    for start in range(0, m, size):
        yield slice(start, min(start + size, m))


def digest_of(images: NDArray[np.uint8]) -> str:
    """Return the 32-digit hex digest of all pixels, read chunk by chunk."""
    state = hashlib.blake2b(repr(images.shape[1:]).encode(), digest_size=16)
    for chunk in chunks(len(images)):
        state.update(np.ascontiguousarray(images[chunk]).data.cast("B"))
    return state.hexdigest()


def thumbnails_of(
    images: NDArray[np.uint8], key: str, cache: Path | None, progress: Progress = no_progress
) -> NDArray[np.uint8]:
    """Return (M, 64, 64, 3) thumbnails as a memory map of a file in the cache, or of an unnamed temporary file."""
    shape = (len(images), THUMBNAIL, THUMBNAIL, 3)

    def parts() -> Iterator[NDArray[np.uint8]]:
        for chunk in chunks(len(images), 512):
            progress(chunk.start, len(images), "thumbnails")
            yield np.stack([thumbnail(image) for image in images[chunk]])
        progress(len(images), len(images), "thumbnails")

    return mapped_array(shape, parts(), None if cache is None else cache / "thumbnails" / key)[0]


def mapped_array(
    shape: tuple[int, ...], parts: Iterable[NDArray[np.uint8]], folder: Path | None
) -> tuple[NDArray[np.uint8], str]:
    """Return the parts, joined, as a read-only memory map, and their digest.

    If `folder` exists, its array is returned and `parts` is not used; otherwise it is written. Without a `folder` the
    array is in an unnamed temporary file. The file is not written through a memory map, because pages written that way
    count as memory of the process.

    Raises
    ------
    StorageError
        If the file cannot be written.
    """
    state = hashlib.blake2b(repr(shape[1:]).encode(), digest_size=16)

    def write(file: BinaryIO) -> None:
        for part in parts:
            data = np.ascontiguousarray(part).data.cast("B")
            state.update(data)
            file.write(data)
        file.flush()

    if folder is None:
        with scratch_file() as scratch:
            write(scratch)
            return np.memmap(scratch, dtype=np.uint8, mode="r", shape=shape), state.hexdigest()
    if not folder.is_dir():
        with atomic_folder(folder) as temporary:
            with (temporary / "array.bin").open("wb") as file:
                write(file)
            (temporary / "digest.txt").write_text(state.hexdigest(), encoding="utf-8")
    array = np.memmap(folder / "array.bin", dtype=np.uint8, mode="r", shape=shape)
    return array, (folder / "digest.txt").read_text(encoding="utf-8")
