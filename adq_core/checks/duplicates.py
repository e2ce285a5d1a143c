"""Images that look alike: perceptual hashes, and groups of near duplicates."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow

from adq_core.data import ImageDataset
from adq_core.linalg import block_sums
from adq_core.progress import Progress, no_progress
from adq_core.records import Floats, Ints

MAX_BITS = 3  # of 64 that may differ between two hashes
BANDS = MAX_BITS + 1  # two hashes that differ in 3 bits are equal in one of 4 bands of 16 bits
MAX_DIFFERENCE = 0.15  # root mean square of the grey values of two thumbnails, relative to their own spread
MIN_DIFFERENCE = 1.5  # of 255, always allowed: the spread of a blank image is only noise
MAX_GROUP = 2000  # images with an equal band that are compared with each other
SIDE = 16
REPORT = 512  # images between two progress reports


class DuplicateGroups(NamedTuple):
    """Groups of images that look alike."""

    group_of: Ints  # (M,) number of the group of each image; -1: none looks like it
    pairs: Ints  # (K, 2) rows of two images that look alike, the lower row first

    @property
    def extra(self) -> int:
        """Number of images that could go if one of each group stays."""
        inside = self.group_of[self.group_of >= 0]
        return len(inside) - len(np.unique(inside))


def image_hashes(dataset: ImageDataset, *, progress: Progress = no_progress) -> NDArray[np.uint64]:
    """Return the perceptual hash of each thumbnail, (M,) uint64: the signs of 64 low frequencies of the grey image.

    Reference: `imagehash.phash`; Zauner 2010, "Implementation and benchmarking of perceptual image hash functions".
    """
    import imagehash

    hashes = np.empty(len(dataset), np.uint64)
    done = 0
    for batch in dataset.thumbnail_batches(REPORT):
        for thumbnail in batch:
            bits = imagehash.phash(Pillow.fromarray(thumbnail)).hash
            hashes[done] = np.packbits(np.asarray(bits, np.bool_)).view(">u8")[0]
            done += 1
        progress(done, len(dataset), "hashing images")
    return hashes


def find_duplicates(dataset: ImageDataset, hashes: Ints) -> DuplicateGroups:
    """Return the groups of near duplicates: hashes that differ in at most 3 bits and thumbnails that look alike.

    Two thumbnails look alike if their grey values at 16 x 16 pixels differ (root mean square) by at most 15 % of their
    own standard deviation. The hash alone takes images of low contrast for copies of each other. How it misleads: a
    mirrored, rotated or cropped copy is not found, and two photographs of a still scene are.
    """
    pairs = near_pairs(hashes)
    if len(pairs):
        rows = np.unique(pairs)
        grey = grey_thumbnails(dataset, rows)
        first, second = np.searchsorted(rows, pairs[:, 0]), np.searchsorted(rows, pairs[:, 1])
        pairs = pairs[look_alike(grey[first], grey[second])]
    return DuplicateGroups(groups_of_pairs(pairs, len(dataset)), pairs)


def near_pairs(hashes: Ints, others: Ints | None = None) -> Ints:
    """Return the pairs of hashes that differ in at most 3 bits, (K, 2), within one list or between two.

    Exact where at most 2,000 hashes share a band of 16 bits: two hashes that differ in 3 bits are equal in one of four
    bands. Of a larger group, each image is compared with 2,000 others.
    """
    found = []
    second = hashes if others is None else others
    for band in range(BANDS):
        keys, other_keys = _band(hashes, band), _band(second, band)
        order = np.argsort(other_keys, kind="stable")
        begin = np.searchsorted(other_keys[order], keys, "left")
        end = np.minimum(np.searchsorted(other_keys[order], keys, "right"), begin + MAX_GROUP)
        count = end - begin
        left = np.repeat(np.arange(len(hashes)), count)
        offset = np.arange(len(left)) - np.repeat(np.cumsum(count) - count, count)
        right = order[begin[left] + offset]
        near = np.bitwise_count(hashes[left] ^ second[right]) <= MAX_BITS
        pairs = np.stack([left[near], right[near]], axis=1)
        found.append(pairs[pairs[:, 0] < pairs[:, 1]] if others is None else pairs)
    return np.unique(np.concatenate(found), axis=0)


def look_alike(first: Floats, second: Floats) -> NDArray[np.bool_]:
    """Return whether two lists of grey thumbnails (K, 256) look alike, (K,); see `find_duplicates`."""
    spread = np.minimum(first.std(axis=1), second.std(axis=1))
    difference = np.sqrt(np.square(first - second).mean(axis=1))
    return np.asarray(difference <= np.maximum(MAX_DIFFERENCE * spread, MIN_DIFFERENCE))


def groups_of_pairs(pairs: Ints, m: int) -> Ints:
    """Return the group of each of m images that these pairs connect, (m,); -1 for an image without a pair."""
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    graph = coo_matrix((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(m, m))
    group = connected_components(graph, directed=False)[1].astype(np.int64)
    alone = np.ones(m, np.bool_)
    alone[pairs.reshape(-1)] = False
    group[alone] = -1
    return np.asarray(group)


def grey_thumbnails(dataset: ImageDataset, rows: Ints) -> Floats:
    """Return the grey values of these thumbnails at 16 x 16 pixels, (K, 256) float32 in 0 to 255."""
    grey = np.empty((len(rows), SIDE * SIDE), np.float32)
    done = 0
    for batch in dataset.thumbnail_batches(REPORT, rows):
        side = batch.shape[1]
        if side % SIDE == 0:
            factor = side // SIDE
            small = block_sums(batch, factor).mean(axis=3) / factor**2
        else:
            small = batch.mean(axis=3).repeat(SIDE // side if side < SIDE else 1, axis=1)
            small = small.repeat(SIDE // side if side < SIDE else 1, axis=2)
        grey[done : done + len(batch)] = small.reshape(len(batch), -1)
        done += len(batch)
    return grey


def _band(hashes: Ints, band: int) -> Ints:
    return np.asarray((hashes >> np.uint64(16 * band)) & np.uint64(0xFFFF))
