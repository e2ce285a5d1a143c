"""What the map's browser half is sent: a few blobs of bytes, each constant for as long as its recipe is.

A blob is "ADQM", the length of a JSON header as uint32, the header padded to four bytes, and then the arrays the header
lists, each padded to four bytes, little endian. Points lie sorted by (bin, draw position): both are then implied by the
place in the blob, a bin's capacity is the length of its run, and a quota lights a prefix of it.
"""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image as PillowImage

from adq_core.keys import content_digest, recipe_key
from adq_core.records import Floats, Ints

MAGIC = b"ADQM"
LEVELS = 65_535  # a colour column is told to the browser in this many steps between its lowest and highest value
TYPES = {"float32": "f4", "uint32": "u4", "uint16": "u2", "uint8": "u1"}
ALL_AT_ONCE = 50_000  # up to this many points every column goes along at once; above, when somebody asks for it
ONE_SHEET = 2_000  # up to this many images every thumbnail goes along; above, the ones under the hand


@dataclass(frozen=True, eq=False)
class Column:
    """One number an image to colour the map by: a level, or, with `names`, a class.

    `label` is what stands over the colour key, `unit` what follows a value, `about` how to read the colours.
    """

    label: str
    values: Floats | Ints  # (M,), in the data set's row order
    names: tuple[str, ...] | None = None
    unit: str = ""
    about: str = ""


class Thumbnails(Protocol):
    """An array of thumbnails, or whatever draws the thumbnail of a row when asked."""

    def __getitem__(self, row: Any) -> NDArray[np.uint8]:
        """Return (T, T, 3) uint8."""
        ...


@dataclass(frozen=True, eq=False)
class MapStore:
    """All that a map needs to know of a data set, its projection, its bins and its draw order, packed once."""

    key: str
    points: bytes
    columns: Mapping[str, bytes]
    rows: Ints  # (M,) the data set's rows, sorted by (bin, draw position)
    xy: Floats  # (M, 2) float32, in the data set's row order, exactly as the browser has it
    capacity: Ints  # (n_bins,)
    ground: str = ""  # the digest of xy: the same map, whatever its bins
    thumbnails: Thumbnails | None = None  # by row, (T, T, 3) each; usually a memory map
    labels: Mapping[str, str] = field(default_factory=dict)  # column: what it is called on screen
    column_keys: Mapping[str, str] = field(default_factory=dict)  # column: the key of its blob

    def __len__(self) -> int:
        return len(self.rows)

    def lit(self, quota: Ints) -> Ints:
        """Return the rows, ascending, that these quotas choose: what the map lights, by the same prefixes."""
        starts = np.cumsum(self.capacity) - self.capacity
        runs = [self.rows[start : start + take] for start, take in zip(starts, quota, strict=True)]
        return np.sort(np.concatenate(runs)).astype(np.int64)


def pack(header: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> bytes:
    """Return one blob: the header as JSON, with the arrays' names, types and lengths, and then the arrays."""
    listed = [[name, TYPES[array.dtype.name], int(array.size)] for name, array in arrays.items()]
    told = json.dumps({**header, "arrays": listed}, separators=(",", ":"), ensure_ascii=False).encode()
    told += b" " * (-len(told) % 4)
    parts = [MAGIC, np.uint32(len(told)).tobytes(), told]
    for array in arrays.values():
        raw = np.ascontiguousarray(array).tobytes()
        parts += [raw, b"\0" * (-len(raw) % 4)]
    return b"".join(parts)


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
    """Return the packed map of M images: 12 bytes a point, and 2 bytes a point for every colour column.

    `play` (M,) is each image's place in the order in which the greedy took them (see `greedy_order`), 4 bytes a point.
    `key` must name all of this: the browser keeps what it has under a key and asks no more. `images` names the images
    alone: for as long as it is the same, those that a lasso picked stay picked, on another map of them too.
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
    ground = content_digest(xy)  # the same where only the bins changed: then zoom and lasso stay
    header |= {"ground": ground, "images": images}
    arrays: dict[str, NDArray[Any]] = {
        "x": xy[rows, 0].copy(),
        "y": xy[rows, 1].copy(),
        "row": rows.astype(np.uint32),
    }
    keys = {
        name: f"{name}-{recipe_key(key, column.label, content_digest(column.values))}"
        for name, column in (columns or {}).items()
    }
    packed = {name: _column(name, column, rows, keys[name]) for name, column in (columns or {}).items()}
    if play is not None:
        place = np.empty(len(rows), np.uint32)
        place[rows] = np.arange(len(rows), dtype=np.uint32)  # row -> place in the blob
        order = place[np.argsort(play, kind="stable")]
        keys["order"] = f"order-{recipe_key(key, content_digest(order))}"
        packed["order"] = pack({"kind": "column", "key": keys["order"], "name": "order"}, {"values": order})
    return MapStore(
        key=key,
        points=pack(header, arrays),
        columns=packed,
        rows=rows,
        xy=xy,
        capacity=capacity,
        ground=ground,
        thumbnails=thumbnails,
        labels={name: column.label for name, column in (columns or {}).items()},
        column_keys=keys,
    )


def _column(name: str, column: Column, rows: Ints, key: str) -> bytes:
    header: dict[str, Any] = {
        "kind": "column",
        "key": key,
        "name": name,
        "label": column.label,
        "unit": column.unit,
        "about": column.about,
    }
    if column.names is not None:
        return pack({**header, "names": list(column.names)}, {"values": column.values[rows].astype(np.uint16)})
    values = np.asarray(column.values, np.float64)[rows]
    low, high = float(np.nanmin(values)), float(np.nanmax(values))
    step = (high - low) / LEVELS or 1.0
    level = np.rint((np.nan_to_num(values, nan=low) - low) / step).astype(np.uint16)
    return pack({**header, "low": low, "high": high}, {"values": level})


def label_places(xy: Floats, bin_of: Ints, n_bins: int, *, cells: int = 48) -> Floats:
    """Return (n_bins, 2) where each bin's label stands: its densest place that no bin before it has taken.

    Density is counted on a grid of `cells` a side and smoothed over 3 x 3; places nearer than an eighth of the map's
    width and a twentieth of its height to one already taken are passed over while there are others.
    """
    low = xy.min(0)
    span = np.maximum(xy.max(0) - low, 1e-9)
    cell = np.minimum(((xy - low) / span * cells).astype(np.int64), cells - 1)  # (M, 2)
    flat = bin_of.astype(np.int64) * cells * cells + cell[:, 1] * cells + cell[:, 0]
    count = np.bincount(flat, minlength=n_bins * cells * cells).reshape(n_bins, cells, cells).astype(np.float64)
    padded = np.pad(count, ((0, 0), (1, 1), (1, 1)))
    dense = np.sum([padded[:, i : i + cells, j : j + cells] for i in range(3) for j in range(3)], axis=0)
    free = np.ones((cells, cells), bool)
    rows, cols = np.mgrid[:cells, :cells]
    places = np.empty((n_bins, 2))
    for n in range(n_bins):
        wanted = np.where(free & (dense[n] > 0), dense[n], -1.0)
        best = int(np.argmax(wanted if wanted.max() > 0 else dense[n]))
        row, col = divmod(best, cells)
        places[n] = low + (np.array([col, row]) + 0.5) / cells * span
        free &= (abs(cols - col) > cells / 8) | (abs(rows - row) > cells / 20)
    return places


def greedy_order(bin_of: Ints, rank: Ints, labels: Ints) -> Ints:
    """Return (M,) each image's place when the greedy's picks are told bin after bin.

    The greedy fills a bin class by class; told that way half the map would stay dark for long. So within a bin the
    classes take turns: by (rank within the class's share of the bin + 1/2) / that share. Within a class the order is
    the greedy's own.
    """
    m = len(bin_of)
    by = np.lexsort((rank, labels, bin_of))
    group = bin_of[by].astype(np.int64) * (int(labels.max()) + 1) + labels[by]
    size = np.bincount(group)
    turn = (np.arange(m) - (np.cumsum(size) - size)[group] + 0.5) / size[group]
    order = by[np.lexsort((labels[by], turn, bin_of[by]))]
    place = np.empty(m, np.int64)
    place[order] = np.arange(m)
    return place


def thumbnail_sheet(thumbnails: Thumbnails, rows: Sequence[int] | Ints, *, key: str, side: int = 48) -> bytes:
    """Return a blob with one WebP sheet of these rows' thumbnails, `side` pixels each, 40 in a line."""
    rows = np.asarray(rows, np.int64)
    across = min(40, max(1, len(rows)))
    sheet = PillowImage.new("RGB", (across * side, -(-len(rows) // across) * side))
    for place, row in enumerate(rows):
        one = PillowImage.fromarray(np.asarray(thumbnails[row])).resize((side, side), PillowImage.Resampling.BILINEAR)
        sheet.paste(one, (place % across * side, place // across * side))
    out = io.BytesIO()
    sheet.save(out, "WEBP", quality=72, method=2)
    name = f"sheet-{recipe_key(key, side, content_digest(rows))}"
    image = np.frombuffer(out.getvalue(), np.uint8)
    return pack(
        {"kind": "sheet", "key": name, "of": f"points-{key}", "across": across, "side": side},
        {"row": rows.astype(np.uint32), "image": image},
    )
