"""What the map is told and what it tells: `MapView` goes to the browser, `MapState` comes back when the hand rests."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from adq_core.keys import content_digest
from adq_core.records import Bools, Floats, Ints

from ... import palette
from .encoding import pack

MOST_CORNERS = 2_000  # of a lasso; the browser sends at most a few hundred
MOST_WANTED = 96  # thumbnails asked for at once


@dataclass(frozen=True, eq=False)
class QuotaSteps:
    """The quotas of every step of the alpha slider for one rule and one keep ratio: so no formula exists twice."""

    alphas: Floats  # (A,) ascending
    quota: Ints  # (A, n_bins)

    def __post_init__(self) -> None:
        if self.quota.ndim != 2 or len(self.quota) != len(self.alphas) or len(self.alphas) == 0:
            raise ValueError(f"quota must have one row an alpha, got {self.quota.shape} for {len(self.alphas)} alphas.")

    @property
    def key(self) -> str:
        """Return the digest of the table."""
        return f"quotas-{content_digest(np.asarray(self.alphas), np.asarray(self.quota))}"

    def blob(self, look: Mapping[str, Any]) -> tuple[str, bytes]:
        """Return the table as the browser reads it, with what else stays the same while alpha moves, and its key."""
        key = content_digest(self.key, sorted(look.items()))[:16]
        alphas = [round(float(alpha), 6) for alpha in self.alphas]
        header = {"kind": "quotas", "key": key, "alphas": alphas, "look": dict(look)}
        return key, pack(header, {"quota": np.asarray(self.quota).astype(np.uint32).ravel()})

    def at(self, alpha: float) -> Ints:
        """Return the (n_bins,) quotas of the step nearest to alpha."""
        found: Ints = np.asarray(self.quota)[self.step(alpha)]
        return found

    def step(self, alpha: float) -> int:
        """Return the number of the step nearest to alpha."""
        return int(np.argmin(np.abs(np.asarray(self.alphas) - alpha)))


@dataclass(frozen=True, eq=False)
class MapView:
    """What to show: everything that is small and changes.

    `bin_colours` are the colours of the bins in a light and in a dark theme, in bin order, as "#rrggbb";
    `class_colours` those of the classes, which may be fewer than there are classes (the shapes differ too).
    `alpha`, `bin` and `row` are what the server holds; a hand on the map wins over them until it rests.
    """

    quotas: QuotaSteps
    alpha: float
    bin_colours: tuple[Sequence[str], Sequence[str]]
    class_colours: tuple[Sequence[str], Sequence[str]] = field(
        default_factory=lambda: (palette.class_colours(8, False), palette.class_colours(8, True))
    )
    bin: int | None = None
    row: int | None = None
    about: str = ""  # the rule and the keep ratio in words, under the slider
    height: int = 520  # of the picture, in CSS pixels
    bin_word: str = "bin"


@dataclass(frozen=True, eq=False)
class MapState:
    """What the hand left: alpha, the selected bin and image, a lasso, a pinned state, the colouring."""

    alpha: float
    bin: int | None = None
    row: int | None = None
    polygon: Floats | None = None  # (K, 2) float64, data coordinates
    ground: str | None = None  # the map on which the polygon was drawn, as `MapStore.ground`
    pin_alpha: float | None = None
    pin_quota: Ints | None = None  # (n_bins,)
    colour: str = "bin"
    multiples: bool = False
    columns: tuple[str, ...] = ()  # colour columns that the browser lacks
    wants: tuple[int, ...] = ()  # rows whose thumbnails it lacks
    serial: int = 0  # of the message, echoed, so that the browser knows what the server has heard


def read_state(raw: object, *, view: MapView, n_rows: int) -> MapState:
    """Return what a browser sent as a `MapState`; it can send anything, and what is odd counts as not said."""
    told: Mapping[str, Any] = raw if isinstance(raw, Mapping) else {}
    n_bins = view.quotas.quota.shape[1]
    alpha = _number(told.get("alpha"), 0.0, 1.0)
    said = told.get("pin")
    pin: Mapping[str, Any] = said if isinstance(said, Mapping) else {}
    pin_alpha = _number(pin.get("alpha"), 0.0, 1.0)
    pin_quota = [_whole(q, 2**32) for q in _listed(pin.get("quota"), n_bins)]
    pinned = pin_alpha is not None and len(pin_quota) == n_bins and None not in pin_quota
    wants = (_whole(row, n_rows) for row in _listed(told.get("wants"), MOST_WANTED))
    colour, ground = told.get("colour"), told.get("ground")
    return MapState(
        alpha=view.alpha if alpha is None else alpha,
        bin=_whole(told.get("bin"), n_bins) if told else view.bin,
        row=_whole(told.get("row"), n_rows) if told else view.row,
        polygon=_polygon(told.get("polygon")),
        ground=ground if isinstance(ground, str) else None,
        pin_alpha=pin_alpha if pinned else None,
        pin_quota=np.array(pin_quota, np.int64) if pinned else None,
        colour=colour if isinstance(colour, str) else "bin",
        multiples=told.get("multiples") is True,
        columns=tuple(name for name in _listed(told.get("columns"), 16) if isinstance(name, str)),
        wants=tuple(row for row in wants if row is not None),
        serial=_whole(told.get("serial"), 2**53) or 0,
    )


def _number(value: object, low: float, high: float) -> float | None:
    """Return the value where it is a finite number in [low, high]."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return float(value) if low <= value <= high else None


def _whole(value: object, below: int) -> int | None:
    """Return the value where it is a whole number in [0, below)."""
    number = _number(value, 0, below - 1)
    return int(number) if number is not None and number == int(number) else None


def _listed(value: object, most: int) -> list[Any]:
    return list(value[:most]) if isinstance(value, list) else []


def _polygon(value: object) -> Floats | None:
    corners = _listed(value, MOST_CORNERS)
    if len(corners) < 3 or not all(isinstance(corner, list) and len(corner) == 2 for corner in corners):
        return None
    numbers = [[_number(x, -3e38, 3e38), _number(y, -3e38, 3e38)] for x, y in corners]
    return None if any(None in pair for pair in numbers) else np.array(numbers, np.float64)


def inside(polygon: Floats, xy: Floats) -> Bools:
    """Return (M,) whether each point lies inside the polygon (even-odd rule, last corner joined to the first).

    A point on an edge may count either way, but the same way here and in the browser: both count crossings of the edges
    by a ray to the right, in float64, with the same expression.
    """
    x, y = xy[:, 0].astype(np.float64), xy[:, 1].astype(np.float64)
    found = np.zeros(len(xy), bool)
    near = np.flatnonzero((x >= polygon[:, 0].min()) & (x <= polygon[:, 0].max()))
    near = near[(y[near] >= polygon[:, 1].min()) & (y[near] <= polygon[:, 1].max())]
    x, y, odd = x[near], y[near], np.zeros(len(near), bool)
    for (xi, yi), (xj, yj) in zip(polygon, np.roll(polygon, 1, axis=0), strict=True):
        if yi == yj:
            continue  # a level edge is never crossed by a level ray
        odd ^= ((yi > y) != (yj > y)) & (x < (xj - xi) * (y - yi) / (yj - yi) + xi)
    found[near] = odd
    return found


def rows_inside(polygon: Floats | None, xy: Floats) -> Ints:
    """Return the rows, ascending, of the points inside the polygon; none where there is no polygon."""
    return np.flatnonzero(inside(polygon, xy)) if polygon is not None else np.empty(0, np.int64)


def alpha_sentence(quotas: QuotaSteps, capacity: Ints, *, bin_word: str = "bin") -> str:
    """Return in words what alpha does: which bins grow and shrink, which moves most, in how much the ends differ.

    Small here does not mean that alpha is useless in general: with equal bins and a small keep ratio a quota is a few
    images, and the steps are whole images.
    """
    table = np.asarray(quotas.quota)
    moved = table.max(0) - table.min(0)
    if not moved.any():
        return "Alpha changes nothing here: every quota is the same at every alpha."
    most = int(np.argmax(moved))
    first, last = table[0], table[-1]
    images, kept = int(np.maximum(last - first, 0).sum()), int(last.sum())
    ways = (("more", np.flatnonzero(last > first)), ("fewer", np.flatnonzero(last < first)))
    give = ", ".join(
        f"{_named(bins, bin_word)} {'gives' if len(bins) == 1 else 'give'} {word}" for word, bins in ways if len(bins)
    )
    return (
        f"From alpha {quotas.alphas[0]:g} to {quotas.alphas[-1]:g}, {give or f'every {bin_word} ends where it began'}"
        f". {bin_word.capitalize()} {most} moves most, between {table[:, most].min():,} and {table[:, most].max():,} "
        f"of its {capacity[most]:,} images. The choices at both ends differ in {images:,} of {kept:,} images."
    )


def _named(bins: Ints, word: str, most: int = 8) -> str:
    """Return bins by their numbers, neighbours from three on as a range; only how many they are where they are many."""
    runs = [run.tolist() for run in np.split(bins, np.flatnonzero(np.diff(bins) > 1) + 1)]
    parts = [part for run in runs for part in ([f"{run[0]} to {run[-1]}"] if len(run) > 2 else map(str, run))]
    if len(bins) == 1:
        return f"{word} {parts[0]}"
    if len(parts) > most:
        return f"{len(bins)} {word}s"
    return f"{word}s {', '.join(parts[:-1])}{' and ' if len(parts) > 1 else ''}{parts[-1]}"
