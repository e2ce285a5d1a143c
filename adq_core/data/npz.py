"""A `.npz` with `images` and `labels` to an `ImageDataset`; the images are never in memory twice."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from math import prod
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from adq_core.digests import derive_key, file_fingerprint
from adq_core.errors import InputError
from adq_core.progress import Progress, no_progress

from .arrays import check_images, dataset_from_arrays, digest_of, mapped_array
from .dataset import ImageDataset
from .npy import Header, read_header

IN_MEMORY_BYTES = 2**28  # smaller arrays of images are loaded, larger ones unpacked into a memory map
PART_BYTES = 2**24  # of images that are unpacked at a time
CONTENTS = "It must have images, (M, H, W, 3) or (M, H, W), and labels, (M,); class_names, (C,), are optional."


def open_npz(
    path: Path, *, cache: Path | None = None, progress: Progress = no_progress, in_memory_bytes: int = IN_MEMORY_BYTES
) -> ImageDataset:
    """Return the images of an `.npz` file, in its order, with the row number as id.

    `images` are uint8 in 0..255, or floats in [0, 1], which are rounded to 255 steps; `labels` are integers or text.
    Pickled objects are not loaded. Images of more than 256 MB are unpacked into a memory map, in the cache if there is
    one.

    Raises
    ------
    InputError
        If the file is not an .npz, lacks an array, or has an array of the wrong shape, type or range.
    StorageError
        If the cache cannot be written.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            return _open(path, archive, cache, progress, in_memory_bytes)
    except InputError:
        raise
    except (zipfile.BadZipFile, zlib.error, EOFError, ValueError) as error:
        raise InputError(f"{path.name} must be an .npz file, but cannot be read as one: {error}.") from None


def _open(
    path: Path, archive: zipfile.ZipFile, cache: Path | None, progress: Progress, in_memory_bytes: int
) -> ImageDataset:
    names = sorted(name.removesuffix(".npy") for name in archive.namelist() if name.endswith(".npy"))
    missing = [name for name in ("images", "labels") if name not in names]
    if missing:
        raise InputError(f"{path.name} has {_listed(names)}, but no {' and no '.join(missing)}. {CONTENTS}")
    labels = _small_array(path, archive, "labels")
    class_names = _small_array(path, archive, "class_names") if "class_names" in names else None
    with archive.open("images.npy") as stream:
        shape, fortran, dtype = _checked_header(path, "images", stream)
        check_images(shape, np.dtype(np.uint8) if dtype.kind == "f" else dtype, path.name)
        if archive.getinfo("images.npy").file_size < prod(shape) * dtype.itemsize:  # checked before memory is allocated
            raise EOFError("the images are cut off")
        if labels.ndim == 1 and len(labels) != shape[0]:  # checked before the images are read
            raise InputError(
                f"{path.name}: there must be one label per image, got {shape[0]} images and {len(labels)} labels."
            )
        if fortran:
            array = npy.read_array(archive.open("images.npy"), allow_pickle=False)
            parts: Iterator[NDArray[np.uint8]] = iter([_as_uint8(np.ascontiguousarray(array), path)])
        else:
            parts = _parts(path, stream, shape, dtype, progress)
        if prod(shape) <= in_memory_bytes:
            images = np.empty(shape, dtype=np.uint8)
            start = 0
            for part in parts:
                images[start : start + len(part)] = part
                start += len(part)
            digest = digest_of(images)
        else:
            key = derive_key("npz", 1, str(path.resolve()), file_fingerprint(path.stat()))
            images, digest = mapped_array(shape, parts, None if cache is None else cache / "arrays" / key)
    return dataset_from_arrays(
        images,
        labels,
        None if class_names is None else [str(name) for name in class_names],
        name=path.stem,
        description=f"{shape[0]:,} images from {path.name}.",
        images_digest=digest,
        cache=cache,
        progress=progress,
    )


def _parts(
    path: Path, stream: IO[bytes], shape: tuple[int, ...], dtype: np.dtype[Any], progress: Progress
) -> Iterator[NDArray[np.uint8]]:
    """Yield the images as uint8, at most `PART_BYTES` at a time."""
    image_bytes = prod(shape[1:]) * dtype.itemsize
    step = max(1, PART_BYTES // image_bytes)
    for start in range(0, shape[0], step):
        progress(start, shape[0], "unpacking images")
        n = min(step, shape[0] - start)
        data = stream.read(n * image_bytes)
        yield _as_uint8(np.frombuffer(data, dtype=dtype).reshape(n, *shape[1:]), path)
    progress(shape[0], shape[0], "unpacking images")


def _as_uint8(images: NDArray[Any], path: Path) -> NDArray[np.uint8]:
    if images.dtype == np.uint8:
        return images
    low, high = float(images.min()), float(images.max())
    if not (low >= 0 and high <= 1):  # also true if one is NaN
        raise InputError(
            f"{path.name}: images that are floats must be in [0, 1], got {low:g} to {high:g}. "
            "Scale them, or save them as uint8 in 0..255."
        )
    return np.rint(images.astype(np.float32) * 255).astype(np.uint8)


def _small_array(path: Path, archive: zipfile.ZipFile, name: str) -> NDArray[Any]:
    with archive.open(f"{name}.npy") as stream:
        _checked_header(path, name, stream)
    with archive.open(f"{name}.npy") as stream:
        array: NDArray[Any] = npy.read_array(stream, allow_pickle=False)
    return array


def _checked_header(path: Path, name: str, stream: IO[bytes]) -> Header:
    """Return the header of an array; the stream is then at the data. Raises `InputError` for pickled objects."""
    header = read_header(stream)
    if header.dtype.hasobject:
        raise InputError(
            f"{path.name}: {name} holds pickled Python objects, which are never loaded because they can run programs. "
            f"Save it as plain numbers or text, for example with np.array(list({name}))."
        )
    return header


def _listed(names: list[str]) -> str:
    return ", ".join(names) if names else "no arrays"
