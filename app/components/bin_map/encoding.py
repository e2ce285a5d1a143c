"""Blobs of bytes for the browser: points, columns and thumbnails, each constant under its key.

Points are sorted by (bin, draw position): the position in the blob implies both, a bin is a run of points, and a quota
selects the first points of the run.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image as PillowImage

from adq_core.digests import content_digest, derive_key
from adq_core.projection import label_places
from adq_core.records import Floats, Ints

from ..blobs import encode_blob

LEVELS = 65_535  # steps between the lowest and the highest value of a column
FIRST_LEVEL = 256  # level of the lowest value in a column with missing values, whose level is 0
MAX_POINTS_WITH_ALL_COLUMNS = 50_000  # with more points, a column is sent when the browser requests it
MAX_THUMBNAILS_IN_ONE_SHEET = 2_000  # of more images, only the requested thumbnails are sent


@dataclass(frozen=True, eq=False)
class Column:
    """One number per image that colours the map: a value, or, with `names`, a class.

    `label` is the title in the colour key, `unit` is written after a value, `about` explains the colours.
    """

    label: str
    values: Floats | Ints  # (M,) in row order of the data set
    names: tuple[str, ...] | None = None
    unit: str = ""
    about: str = ""


class Thumbnails(Protocol):
    """Thumbnails by row: an array, or an object that draws the thumbnail of a row."""

    def __getitem__(self, row: Any) -> NDArray[np.uint8]:
        """Return (T, T, 3) uint8."""
        ...


@dataclass(frozen=True, eq=False)
class MapStore:
    """The encoded map of a data set: its projection, bins, draw order, columns and thumbnails."""

    key: str
    points: bytes
    columns: Mapping[str, bytes]
    rows: Ints  # (M,) rows of the data set, sorted by (bin, draw position)
    xy: Floats  # (M, 2) float32, in row order of the data set, the same numbers as in the browser
    capacity: Ints  # (n_bins,)
    map_key: str = ""  # digest of xy: the same for the same map with other bins
    thumbnails: Thumbnails | None = None  # by row
    labels: Mapping[str, str] = field(default_factory=dict)  # column: its name on screen
    column_keys: Mapping[str, str] = field(default_factory=dict)  # column: key of its blob

    def __len__(self) -> int:
        return len(self.rows)

    def selected_rows(self, quota: Ints) -> Ints:
        """Return the rows, ascending, of the images that these quotas select: the first `quota[bin]` of each bin."""
        starts = np.cumsum(self.capacity) - self.capacity
        runs = [self.rows[start : start + take] for start, take in zip(starts, quota, strict=True)]
        return np.sort(np.concatenate(runs)).astype(np.int64)


def display_of_store(store: MapStore) -> dict[str, Any]:
    """Return how the browser finds the points, columns and thumbnails of a map; sent together with what it shows."""
    return {
        "columns": {name: {"label": label, "key": store.column_keys[name]} for name, label in store.labels.items()},
        "has_thumbnails": store.thumbnails is not None,
        "points_key": f"points-{store.key}",
    }


def build_store(
    xy: Floats,
    bin_of: Ints,
    draw_position: Ints,
    *,
    n_bins: int,
    key: str,
    columns: Mapping[str, Column] | None = None,
    play: Ints | None = None,
    thumbnails: Thumbnails | None = None,
    images: str = "",
) -> MapStore:
    """Return the encoded map of M images: 12 bytes per point, and 2 bytes per point for every column.

    `play` (M,) is the position of each image in the playback (see `greedy_order`), 4 bytes per point. `key` must
    identify all other arguments: the browser does not request data again under a known key. `images` identifies the
    images alone: as long as it is the same, the images of a lasso stay selected, also on another map of these images.
    """
    xy = np.ascontiguousarray(xy, np.float32)
    rows = np.lexsort((draw_position, bin_of))
    capacity = np.bincount(bin_of, minlength=n_bins).astype(np.int64)
    low, high = xy.min(0), xy.max(0)
    header = {
        "kind": "points",
        "key": f"points-{key}",
        "capacity": capacity.tolist(),
        "bounds": [float(v) for v in (*low, *high)],
        "places": label_places(xy, bin_of, n_bins).tolist(),
    }
    map_key = content_digest(xy)  # unchanged if only the bins change: zoom and lasso stay
    header |= {"map_key": map_key, "images": images}
    arrays: dict[str, NDArray[Any]] = {
        "x": xy[rows, 0].copy(),
        "y": xy[rows, 1].copy(),
        "row": rows.astype(np.uint32),
    }
    keys = {
        name: f"{name}-{derive_key(key, column.label, content_digest(column.values))}"
        for name, column in (columns or {}).items()
    }
    encoded = {name: _encode_column(name, column, rows, keys[name]) for name, column in (columns or {}).items()}
    if play is not None:
        position = np.empty(len(rows), np.uint32)
        position[rows] = np.arange(len(rows), dtype=np.uint32)  # row -> position in the blob
        order = position[np.argsort(play, kind="stable")]
        keys["order"] = f"order-{derive_key(key, content_digest(order))}"
        encoded["order"] = encode_blob({"kind": "column", "key": keys["order"], "name": "order"}, {"values": order})
    return MapStore(
        key=key,
        points=encode_blob(header, arrays),
        columns=encoded,
        rows=rows,
        xy=xy,
        capacity=capacity,
        map_key=map_key,
        thumbnails=thumbnails,
        labels={name: column.label for name, column in (columns or {}).items()},
        column_keys=keys,
    )


def _encode_column(name: str, column: Column, rows: Ints, key: str) -> bytes:
    header: dict[str, Any] = {
        "kind": "column",
        "key": key,
        "name": name,
        "label": column.label,
        "unit": column.unit,
        "about": column.about,
    }
    if column.names is not None:
        return encode_blob({**header, "names": list(column.names)}, {"values": column.values[rows].astype(np.uint16)})
    values = np.asarray(column.values, np.float64)[rows]
    low, high = float(np.nanmin(values)), float(np.nanmax(values))
    missing = np.isnan(values)
    first = FIRST_LEVEL if missing.any() else 0
    step = (high - low) / (LEVELS - first) or 1.0
    level = np.where(missing, 0, first + np.rint((values - low) / step))
    level = np.nan_to_num(level).astype(np.uint16)
    return encode_blob({**header, "low": low, "high": high, "first": first}, {"values": level})


def thumbnail_sheet(thumbnails: Thumbnails, rows: Sequence[int] | Ints, *, key: str, side: int = 48) -> bytes:
    """Return a blob with the thumbnails of these rows in one WebP sheet: `side` pixels each, at most 40 per line."""
    rows = np.asarray(rows, np.int64)
    across = min(40, max(1, len(rows)))
    sheet = PillowImage.new("RGB", (across * side, -(-len(rows) // across) * side))
    for place, row in enumerate(rows):
        one = PillowImage.fromarray(np.asarray(thumbnails[row])).resize((side, side), PillowImage.Resampling.BILINEAR)
        sheet.paste(one, (place % across * side, place // across * side))
    out = io.BytesIO()
    sheet.save(out, "WEBP", quality=72, method=2)
    name = f"sheet-{derive_key(key, side, content_digest(rows))}"
    image = np.frombuffer(out.getvalue(), np.uint8)
    return encode_blob(
        {"kind": "sheet", "key": name, "of": f"points-{key}", "across": across, "side": side},
        {"row": rows.astype(np.uint32), "image": image},
    )
