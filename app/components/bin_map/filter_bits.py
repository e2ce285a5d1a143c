"""The filter of a map: one bit per image, in the order of the points."""

from __future__ import annotations

import numpy as np

from adq_core.digests import content_digest
from adq_core.records import Bools

from ..blobs import encode_blob
from .encoding import MapStore


def filter_blob(store: MapStore, shown: Bools | None) -> tuple[str, bytes] | None:
    """Return the key and the blob of the images that match the filter, (M,) in row order; None if all match.

    One bit per image, the lowest bit of each byte first, so a filter on 1,000,000 images is 125 kB. Positions, quotas
    and columns are not in it: they stay in the browser.
    """
    if shown is None or shown.all():
        return None
    bits = np.packbits(shown[store.rows], bitorder="little")
    key = f"filter-{content_digest(store.key, bits)[:20]}"
    return key, encode_blob({"kind": "filter", "key": key}, {"bits": bits})
