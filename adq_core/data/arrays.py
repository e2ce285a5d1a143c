"""Images that are rows of an array: the built-in sets, `.npz` files and torchvision's end here."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from adq_core.digests import content_digest
from adq_core.errors import InputError
from adq_core.progress import Progress, no_progress
from adq_core.records import Bools, Image, Ints
from adq_core.storage import atomic_folder, scratch_file

from .dataset import ImageDataset
from .decoding import THUMBNAIL, thumbnail

CHUNK = 4096  # images that are looked at together where all of them would be too many


def dataset_from_arrays(
    images: NDArray[np.uint8],
    labels: NDArray[Any] | Sequence[int] | Sequence[str],
    class_names: Sequence[str] | None = None,
    *,
    name: str = "arrays",
    ids: Sequence[str] | None = None,
    held_out: Bools | None = None,
    about: str = "",
    images_digest: str | None = None,
    cache: Path | None = None,
    progress: Progress = no_progress,
) -> ImageDataset:
    """Return an `ImageDataset` over (M, H, W, 3) or (M, H, W) uint8 images, which are not copied.

    `labels` are whole numbers or names. Whole numbers count into `class_names` where these are given and are the names
    themselves otherwise. A class without images is dropped, so labels may be renumbered: the class name is what
    counts. Square images whose side divides 64 are their own thumbnails; for others thumbnails are made, in `cache`
    where that is given. `images_digest` saves reading all pixels where the caller has done so already.
    """
    pixels = images[..., 0] if images.ndim == 4 and images.shape[3] == 1 else images
    check_images(pixels.shape, pixels.dtype, name)
    m = len(pixels)
    numbers, names = number_labels(labels, class_names, m, name)
    key = content_digest(None if ids is None else tuple(ids), numbers, names, images_digest or digest_of(pixels))
    colour = pixels if pixels.ndim == 4 else np.broadcast_to(pixels[..., None], (*pixels.shape, 3))

    def read(row: int) -> Image:
        return np.array(colour[row])

    height, width = pixels.shape[1:3]
    small = height == width and THUMBNAIL % height == 0
    return ImageDataset(
        name=name,
        ids=tuple(str(row) for row in range(m)) if ids is None else tuple(ids),
        labels=numbers,
        class_names=names,
        read=read,
        thumbnails=colour if small else thumbnails_of(colour, key, cache, progress),
        sizes=np.broadcast_to(np.array([height, width], dtype=np.int64), (m, 2)),
        skipped=(),
        key=key,
        about=about,
        held_out=np.zeros(m, dtype=np.bool_) if held_out is None else held_out,
    )


def check_images(shape: tuple[int, ...], dtype: np.dtype[Any], name: str) -> None:
    """Raise `InputError` unless an array of this shape and type can be (M, H, W, 3) or (M, H, W) uint8 images."""
    given = f"got {dtype} of the shape {shape}"
    if len(shape) == 4 and shape[1] in (1, 3) and shape[3] not in (1, 3):
        raise InputError(
            f"{name}: images must have the channels last, (M, H, W, 3), {given}. Use images.transpose(0, 2, 3, 1)."
        )
    if len(shape) not in (3, 4) or (len(shape) == 4 and shape[3] not in (1, 3)):
        raise InputError(f"{name}: images must have the shape (M, H, W, 3) or (M, H, W), {given}.")
    if dtype != np.uint8:
        raise InputError(
            f"{name}: images must be uint8 in 0..255, or floats in [0, 1] in an .npz, {given}. Scale and convert them."
        )
    if 0 in shape:
        raise InputError(f"{name} must have at least one image of at least one pixel, {given}.")


def number_labels(
    labels: NDArray[Any] | Sequence[int] | Sequence[str], class_names: Sequence[str] | None, m: int, name: str
) -> tuple[Ints, tuple[str, ...]]:
    """Return (M,) int64 labels and the names they count into, every one of which occurs."""
    given = np.asarray(labels)
    if given.ndim != 1:
        raise InputError(f"{name}: labels must have the shape (M,), got {given.shape}.")
    if len(given) != m:
        raise InputError(f"{name}: there must be one label an image, got {m} images and {len(given)} labels.")
    if given.dtype.kind not in "iuU":
        raise InputError(f"{name}: labels must be whole numbers or text, got {given.dtype}.")
    values, numbers = np.unique(given, return_inverse=True)
    if class_names is None:
        return numbers.astype(np.int64), tuple(str(value) for value in values)
    if given.dtype.kind == "U":
        raise InputError(f"{name}: labels must be whole numbers where class_names are given, got text. Leave one out.")
    c = len(class_names)
    if values[0] < 0 or values[-1] >= c:
        raise InputError(
            f"{name}: labels must be in 0..{c - 1} for the {c} class_names, got {values[0]}..{values[-1]}."
        )
    names = tuple(str(class_names[int(value)]) for value in values)
    if len(set(names)) < len(names):
        raise InputError(f"{name}: class_names must differ from each other, got {', '.join(names)}.")
    return numbers.astype(np.int64), names


def chunks(m: int, size: int = CHUNK) -> Iterator[slice]:
    """Yield slices of at most `size` rows that cover 0..m."""
    for start in range(0, m, size):
        yield slice(start, min(start + size, m))


def digest_of(images: NDArray[np.uint8]) -> str:
    """Return the digest of all pixels, read chunk by chunk."""
    state = hashlib.blake2b(repr(images.shape[1:]).encode(), digest_size=16)
    for part in chunks(len(images)):
        state.update(np.ascontiguousarray(images[part]).data.cast("B"))
    return state.hexdigest()


def thumbnails_of(
    images: NDArray[np.uint8], key: str, cache: Path | None, progress: Progress = no_progress
) -> NDArray[np.uint8]:
    """Return (M, 64, 64, 3) thumbnails as a memory map: in the cache under `key`, or in a file without a name."""
    shape = (len(images), THUMBNAIL, THUMBNAIL, 3)

    def parts() -> Iterator[NDArray[np.uint8]]:
        for part in chunks(len(images), 512):
            progress(part.start, len(images), "thumbnails")
            yield np.stack([thumbnail(image) for image in images[part]])
        progress(len(images), len(images), "thumbnails")

    return kept_array(shape, parts(), None if cache is None else cache / "thumbnails" / key)[0]


def kept_array(
    shape: tuple[int, ...], parts: Iterable[NDArray[np.uint8]], folder: Path | None
) -> tuple[NDArray[np.uint8], str]:
    """Return the parts, one after the other, as a read-only memory map, and their digest.

    With a `folder` they are kept in it, and taken from there the next time without looking at `parts`. Written with
    plain writes: a page that is written through a memory map counts as the program's own memory.
    """
    state = hashlib.blake2b(repr(shape[1:]).encode(), digest_size=16)

    def write(file: BinaryIO) -> None:
        for part in parts:
            data = np.ascontiguousarray(part).data.cast("B")
            state.update(data)
            file.write(data)
        file.flush()

    if folder is None:
        with scratch_file() as unnamed:
            write(unnamed)
            return np.memmap(unnamed, dtype=np.uint8, mode="r", shape=shape), state.hexdigest()
    if not folder.is_dir():
        with atomic_folder(folder) as aside:
            with (aside / "array.bin").open("wb") as file:
                write(file)
            (aside / "digest.txt").write_text(state.hexdigest(), encoding="utf-8")
    kept = np.memmap(folder / "array.bin", dtype=np.uint8, mode="r", shape=shape)
    return kept, (folder / "digest.txt").read_text(encoding="utf-8")
