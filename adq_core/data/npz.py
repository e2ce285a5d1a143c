"""A `.npz` or `.npy` with images to an `ImageDataset`; the images are never in memory twice."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adq_core.data.containers.npz_arrays import UNREADABLE, ArrayFile
from adq_core.data.labels.classes import label_texts
from adq_core.data.pixels.image_arrays import converted, image_layout
from adq_core.data.tables.columns import shown_name
from adq_core.digests import derive_key, file_fingerprint
from adq_core.errors import InputError, foreign_reason
from adq_core.progress import Progress, no_progress

from .arrays import dataset_from_arrays, digest_of, mapped_array
from .dataset import ImageDataset

IN_MEMORY_BYTES = 2**28  # smaller arrays of images are loaded, larger ones unpacked into a memory map
# Names of the arrays, in the order in which they are looked for: our own, and those of Keras and MedMNIST.
IMAGES = ("images", "image", "x_train", "train_images", "X_train", "X", "x", "data")
LABELS = ("labels", "label", "y_train", "train_labels", "Y_train", "targets", "target", "y", "Y")
CLASS_NAMES = ("class_names", "classes", "label_names")
VECTORS = ("vectors", "embeddings", "features", *IMAGES)
CONTENTS = "It must have images, (M, H, W, 3) or (M, H, W); labels, (M,), and class_names, (C,), are optional."


def holds_vectors(path: Path) -> bool:
    """Return whether a .npz or .npy has vectors, (M, d), and no images; False if it cannot be read."""
    try:
        arrays = ArrayFile(path)
        if arrays.single:
            return not _is_images(arrays, "")
        if "images" in arrays.names:
            return False
        if "vectors" in arrays.names:
            return True
        name = image_name(arrays)
        return name is not None and not _is_images(arrays, name)
    except (InputError, *UNREADABLE):
        return path.suffix.lower() == ".npy"  # `read_table` tells what is wrong with it


def _is_images(arrays: ArrayFile, name: str) -> bool:
    header = arrays.header(name)
    return len(header.shape) in (3, 4) and header.dtype.kind in "buif"


def image_name(arrays: ArrayFile) -> str | None:
    """Return the name of the array of images or vectors: of a known name, or the only one."""
    return arrays.first_of(VECTORS) or (arrays.names[0] if len(arrays.names) == 1 else None)


def open_npz(
    path: Path, *, cache: Path | None = None, progress: Progress = no_progress, in_memory_bytes: int = IN_MEMORY_BYTES
) -> ImageDataset:
    """Return the images of an `.npz` or `.npy` file, in its order, with the row number as id.

    `image_arrays.py` lists the layouts and types of images, `label_texts` those of labels. Without labels, all images
    are one class. Pickled objects are not loaded. Images of more than 256 MB are unpacked into a memory map, in the
    cache if there is one.

    Raises
    ------
    InputError
        If the file is not an .npz, lacks images, or has an array of the wrong shape, type or range.
    StorageError
        If the cache cannot be written.
    """
    try:
        return _open(path, ArrayFile(path), cache, progress, in_memory_bytes)
    except InputError:
        raise
    except UNREADABLE as error:
        kind = path.suffix.lower()
        raise InputError(
            f"{path.name} must be an {kind} file, but cannot be read as one: {foreign_reason(error)}."
        ) from None


def _open(path: Path, arrays: ArrayFile, cache: Path | None, progress: Progress, in_memory_bytes: int) -> ImageDataset:
    name = "" if arrays.single else arrays.first_of(IMAGES) or (image_name(arrays) if len(arrays.names) == 1 else None)
    if name is None:
        raise InputError(f"{path.name} has {_listed(arrays.names)}, but no images. {CONTENTS}")
    labels_name, class_names_name = (
        (None, None) if arrays.single else (arrays.first_of(LABELS), arrays.first_of(CLASS_NAMES))
    )
    class_names = None if class_names_name is None else label_texts(arrays.small(class_names_name), path.name)
    header = arrays.header(name)
    layout = image_layout(header.shape, header.dtype, path.name)
    m = header.shape[0]
    n_labels = m if labels_name is None else (arrays.header(labels_name).shape or (0,))[0]
    if n_labels != m:  # checked before anything is read
        raise InputError(f"{path.name}: there must be one label per image, got {m} images and {n_labels} labels.")
    labels = None if labels_name is None else arrays.small(labels_name)

    def parts() -> Iterator[NDArray[Any]]:
        done = 0
        for part in arrays.parts(name):
            progress(done, m, "unpacking images")
            done += len(part)
            yield part
        progress(m, m, "unpacking images")

    images, digest = _unpacked(
        path, converted(parts, layout, header.dtype, path.name), layout.shape, cache, in_memory_bytes
    )
    others = [other for other in arrays.names if other not in (name, labels_name, class_names_name)]
    return dataset_from_arrays(
        images,
        labels,
        class_names,
        name=path.stem,
        description=_description(path, m, name, labels_name, others),
        images_digest=digest,
        cache=cache,
        progress=progress,
    )


def _unpacked(
    path: Path, parts: Iterator[NDArray[np.uint8]], shape: tuple[int, ...], cache: Path | None, in_memory_bytes: int
) -> tuple[NDArray[np.uint8], str]:
    """Return the images, in memory or as a memory map, and their digest."""
    if prod(shape) > in_memory_bytes:
        key = derive_key("npz", 2, str(path.resolve()), file_fingerprint(path.stat()))
        return mapped_array(shape, parts, None if cache is None else cache / "arrays" / key)
    images = np.empty(shape, dtype=np.uint8)
    start = 0
    for part in parts:
        images[start : start + len(part)] = part
        start += len(part)
    return images, digest_of(images)


def _description(path: Path, m: int, name: str, labels: str | None, others: list[str]) -> str:
    """Return the origin of the images, with the arrays that were taken if their names are not the standard ones."""
    text = f"{m:,} images from {path.name}."
    if name not in ("", "images") or labels not in (None, "labels"):
        text += f" The images are its array {name}"
        text += f", the labels {labels}." if labels is not None else "; it has no labels."
    if others:
        text += f" Not used: {_listed(others)}."
    return text


def _listed(names: list[str]) -> str:
    return ", ".join(map(shown_name, names[:10])) + (", ..." if len(names) > 10 else "") if names else "no arrays"
