"""The test images: held out before anything looks at the labels of the others."""

from __future__ import annotations

import numpy as np

from adq_core.errors import InputError
from adq_core.linalg import first_of_each_group
from adq_core.records import Bools, Ints

TEST_SHARE = 0.2
MAX_TEST = 10_000
MIN_IMAGES = 20


def split_test_images(labels: Ints, *, share: float = TEST_SHARE, seed: int = 0) -> Bools:
    """Return which images are test images, (M,) bool: this share of each class, at most 10,000 images in all.

    A class of one image has no test image. Raises `InputError` for fewer than 20 images or fewer than two classes:
    without classes there is nothing that a probe could learn.
    """
    counts = np.bincount(labels)
    if np.count_nonzero(counts) < 2:
        raise InputError(
            "Evidence needs at least two classes, got 1. Give class folders or a table of labels (--labels)."
        )
    if len(labels) < MIN_IMAGES:
        raise InputError(f"Evidence needs at least {MIN_IMAGES} images, got {len(labels)}.")
    share = min(share, MAX_TEST / len(labels))
    taken = np.where(counts > 1, np.clip(np.rint(counts * share), 1, counts - 1), 0).astype(np.int64)
    test = np.zeros(len(labels), np.bool_)
    test[first_of_each_group(np.random.default_rng(seed).permutation(len(labels)), labels, taken)] = True
    return test
