"""A data set with the images of another one as its test images."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from adq_core.digests import derive_key
from adq_core.errors import InputError
from adq_core.records import Image, Ints

from .arrays import mapped_array
from .dataset import ImageDataset

BATCH = 512  # thumbnails at a time
MAX_NAMED = 5  # class names in an error


@dataclass(frozen=True)
class _JoinedReader:
    first: Callable[[int], Image]
    second: Callable[[int], Image]
    n_first: int

    def __call__(self, row: int) -> Image:
        return self.first(row) if row < self.n_first else self.second(row - self.n_first)


def with_test_images(dataset: ImageDataset, test: ImageDataset, cache: Path | None = None) -> ImageDataset:
    """Return the images of both data sets as one, in which those of `test` are held out.

    Classes are matched by name. The rows of `dataset` come first; the ids of `test` begin with "test/". Raises
    `InputError` if `test` has a class that `dataset` has not, is the same data, or has vectors where `dataset` has
    images.
    """
    check_test_images(dataset, test)
    labels = np.concatenate([dataset.labels, _matched(test, dataset)])
    m = len(dataset)
    key = derive_key("with test images", dataset.key, test.key)
    side = max(dataset.thumbnails.shape[1], test.thumbnails.shape[1])
    thumbnails, _ = mapped_array(
        (len(labels), side, side, 3),
        (batch for one in (dataset, test) for batch in _thumbnails(one, side)),
        None if cache is None else cache / "thumbnails" / key,
    )
    return ImageDataset(
        name=dataset.name,
        ids=(*dataset.ids, *(f"test/{name}" for name in test.ids)),
        labels=labels,
        class_names=dataset.class_names,
        read=_JoinedReader(dataset.read, test.read, m),
        thumbnails=thumbnails,
        sizes=np.concatenate([dataset.sizes, test.sizes]),
        skipped=(),
        key=key,
        description=f"{dataset.name} with the test images of {test.name}.",
        held_out=np.arange(len(labels)) >= m,
        vectors=_joined_vectors(dataset, test),
    )


def check_test_images(dataset: ImageDataset, test: ImageDataset) -> None:
    """Raise `InputError` as `with_test_images` does; reads no image."""
    if test.key == dataset.key:
        raise InputError(f"The test set {test.name} is the data set itself. Name images that are not in it.")
    if (dataset.vectors is None) != (test.vectors is None):
        raise InputError(f"The test set must have {dataset.kind}, as {dataset.name} has; {test.name} has {test.kind}.")
    if dataset.vectors is not None and test.vectors is not None:
        wanted, given = dataset.vectors.shape[1], test.vectors.shape[1]
        if wanted != given:
            raise InputError(
                f"The vectors of the test set must have {wanted} values, as those of {dataset.name} have, got {given}."
            )
    _matched(test, dataset)


def count_copies(dataset: ImageDataset, test: ImageDataset) -> int:
    """Return how many test images have the same thumbnail, or the same vector, as an image of the data set."""
    side = max(dataset.thumbnails.shape[1], test.thumbnails.shape[1])
    known = set(_rows_as_bytes(dataset, side))
    return sum(row in known for row in _rows_as_bytes(test, side))


def _rows_as_bytes(dataset: ImageDataset, side: int) -> Iterator[bytes]:
    import hashlib

    batches = _thumbnails(dataset, side) if dataset.vectors is None else iter([dataset.vectors])
    for batch in batches:
        for row in batch:
            yield hashlib.blake2b(np.ascontiguousarray(row).data, digest_size=16).digest()


def _matched(test: ImageDataset, dataset: ImageDataset) -> Ints:
    """Return the labels of the test images as indices of the classes of the data set."""
    place = {name: number for number, name in enumerate(dataset.class_names)}
    unknown = [name for name in test.class_names if name not in place]
    if unknown:
        more = f" and {len(unknown) - MAX_NAMED} more" if len(unknown) > MAX_NAMED else ""
        raise InputError(
            f"The test set {test.name} has classes that {dataset.name} does not have: "
            f"{', '.join(map(repr, unknown[:MAX_NAMED]))}{more}. Its classes must have the same names: "
            f"{', '.join(map(repr, dataset.class_names[:MAX_NAMED]))}"
            f"{' and so on' if dataset.n_classes > MAX_NAMED else ''}."
        )
    return np.array([place[name] for name in test.class_names], np.int64)[test.labels]


def _joined_vectors(dataset: ImageDataset, test: ImageDataset) -> NDArray[np.float32] | None:
    if dataset.vectors is None or test.vectors is None:
        return None
    return np.asarray(np.concatenate([dataset.vectors, test.vectors]), np.float32)


def _thumbnails(dataset: ImageDataset, side: int) -> Iterator[NDArray[np.uint8]]:
    """Yield the thumbnails in batches; smaller ones are enlarged by repeating pixels."""
    factor = side // dataset.thumbnails.shape[1]
    for batch in dataset.thumbnail_batches(BATCH):
        yield batch if factor == 1 else batch.repeat(factor, axis=1).repeat(factor, axis=2)
