"""The second part of a scan: thumbnails in the value range of the whole set, and sentences about its files."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import BinaryIO, NamedTuple

import numpy as np

from adq_core.progress import Progress
from adq_core.storage import row_checksum

from .decoding import MAX_PIXELS, THUMBNAIL, UnreadableImageError, scan_image
from .formats import suffix
from .value_ranges import EACH_ITS_OWN, Extent, ValueRanges, range_of


class DeepFile(NamedTuple):
    """A file with more than 8 bits per value."""

    row: int
    file: str
    digest: str
    extent: Extent


def scale_thumbnails(
    read: Callable[[str, str], bytes],
    files: Sequence[DeepFile],
    ranges: ValueRanges,
    thumbnails: BinaryIO,
    progress: Progress,
) -> dict[int, int]:
    """Write the thumbnails of the files whose own range differs from that of the set again; return their checksums.

    The range of a set is known when all its files were read; until then, each file is scaled from its own. `read`
    returns the bytes of a file with a digest.
    """
    others = [file for file in files if range_of(file.extent, EACH_ITS_OWN) != range_of(file.extent, ranges)]
    sums: dict[int, int] = {}
    for done, (row, file, digest, _) in enumerate(others, start=1):
        with suppress(OSError, UnreadableImageError):  # a file that changed meanwhile is an error when it is read
            thumbnails.seek(row * THUMBNAIL**2 * 3)
            small = np.ascontiguousarray(scan_image(read(file, digest), ranges).thumbnail)
            thumbnails.write(small.tobytes())
            sums[row] = row_checksum(small)
        progress(done, len(others), "scaling images with more than 8 bits")
    thumbnails.seek(0, os.SEEK_END)
    return sums


def describe_files(files: Sequence[str], n_reduced: int) -> list[str]:
    """Return sentences about files that are read in an unusual way; `n_reduced` of them at a part of their size."""
    sentences = []
    if n_reduced:
        sentences.append(
            f"{n_reduced:,} JPEG {_files(n_reduced)} of more than {MAX_PIXELS // 10**6} million pixels: read at a "
            "half, a quarter or an eighth of the width and height."
        )
    n_unnamed = sum(not suffix(file) for file in files)
    if n_unnamed:
        sentences.append(f"{n_unnamed:,} {_files(n_unnamed)} without an ending: images by the content.")
    return sentences


def _files(n: int) -> str:
    return "file" if n == 1 else "files"
