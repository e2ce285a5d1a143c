"""Messages between the server and the browser: `MapView` goes to the browser, `MapEvent` comes back.

`frontend/messages.js` is the browser's side of this file. `frontend/sync.js` describes when each message is sent and
which side may change which value.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from adq_core.digests import content_digest
from adq_core.records import Floats, Ints

from ..blobs import encode_blob

MAX_CORNERS = 2_000  # of a lasso; the browser sends at most a few hundred
MAX_THUMBNAILS = 96  # requested at once
MAX_COLUMNS = 16
MAX_COORDINATE = 3e38  # coordinates are float32


@dataclass(frozen=True, eq=False)
class QuotaSteps:
    """Quotas at every step of the alpha slider, for one rule and keep ratio: the browser needs no formula."""

    alphas: Floats  # (A,) ascending
    quota: Ints  # (A, n_bins)

    def __post_init__(self) -> None:
        if self.quota.ndim != 2 or len(self.quota) != len(self.alphas) or len(self.alphas) == 0:
            raise ValueError(
                f"quota must have one row per alpha, got {self.quota.shape} for {len(self.alphas)} alphas."
            )

    @property
    def key(self) -> str:
        """Return the digest of the table."""
        return f"quotas-{content_digest(np.asarray(self.alphas), np.asarray(self.quota))}"

    def blob(self, display: Mapping[str, Any]) -> tuple[str, bytes]:
        """Return the key and the blob of the table together with the values that stay the same while alpha moves."""
        key = content_digest(self.key, sorted(display.items()))[:16]
        alphas = [round(float(alpha), 6) for alpha in self.alphas]
        header = {"kind": "quotas", "key": key, "alphas": alphas, "display": dict(display)}
        return key, encode_blob(header, {"quota": np.asarray(self.quota).astype(np.uint32).ravel()})

    def at(self, alpha: float) -> Ints:
        """Return the (n_bins,) quotas of the step nearest to alpha."""
        quota: Ints = np.asarray(self.quota)[self.step(alpha)]
        return quota

    def step(self, alpha: float) -> int:
        """Return the index of the step nearest to alpha."""
        return int(np.argmin(np.abs(np.asarray(self.alphas) - alpha)))


@dataclass(frozen=True)
class Focus:
    """The bin and the image (its row in the data set) in focus; None: there is none."""

    bin: int | None = None
    row: int | None = None


@dataclass(frozen=True, eq=False)
class MapView:
    """Everything small that the map shows.

    `bin_colours` are the colours of the bins in a light and in a dark theme, in bin order, as "#rrggbb";
    `class_colours` those of the classes. There may be fewer colours than classes, because the shapes differ too.
    `alpha` and `focus` are the server's values; a change by the user replaces them until the server confirms it.
    """

    quotas: QuotaSteps
    alpha: float
    bin_colours: tuple[Sequence[str], Sequence[str]]
    class_colours: tuple[Sequence[str], Sequence[str]]
    focus: Focus = Focus()
    summary: str = ""  # the rule and the keep ratio, as text below the map
    height: int = 520  # of the canvas, in CSS pixels
    bin_word: str = "bin"


@dataclass(frozen=True)
class Requests:
    """Data that the browser needs, and the number of the event with which it asked."""

    columns: tuple[str, ...] = ()  # columns that the browser needs
    thumbnails: tuple[int, ...] = ()  # rows whose thumbnails the browser lacks
    serial: int = 0  # of the event; sent back as confirmation


@dataclass(frozen=True, eq=False)
class MapEvent:
    """The state of the map after user input: alpha, the focus, the lasso, and requests for data."""

    alpha: float
    focus: Focus = Focus()
    polygon: Floats | None = None  # (K, 2) float64, the lasso in data coordinates
    map_key: str | None = None  # the map on which the lasso was drawn, as `MapStore.map_key`
    requests: Requests = Requests()


def read_event(raw: object, *, view: MapView, n_rows: int) -> MapEvent:
    """Return the event that a browser sent. A browser can send anything: an invalid value counts as absent."""
    event = _mapping(raw)
    alpha = _number(event.get("alpha"), 0.0, 1.0)
    focus = _mapping(event.get("focus"))
    lasso = _mapping(event.get("lasso"))
    map_key = lasso.get("map_key")
    n_bins = view.quotas.quota.shape[1]
    return MapEvent(
        alpha=view.alpha if alpha is None else alpha,
        focus=Focus(_index(focus.get("bin"), n_bins), _index(focus.get("row"), n_rows)) if event else view.focus,
        polygon=_polygon(lasso.get("polygon")),
        map_key=map_key if isinstance(map_key, str) else None,
        requests=read_requests(raw, n_rows=n_rows),
    )


def read_requests(raw: object, *, n_rows: int) -> Requests:
    """Return the requests for data of an event that a browser sent; an invalid value counts as absent."""
    event = _mapping(raw)
    thumbnails = (_index(row, n_rows) for row in _items(event.get("thumbnails"), MAX_THUMBNAILS))
    return Requests(
        columns=tuple(name for name in _items(event.get("columns"), MAX_COLUMNS) if isinstance(name, str)),
        thumbnails=tuple(row for row in thumbnails if row is not None),
        serial=_index(event.get("serial"), 2**53) or 0,
    )


def changed_values(raw: object) -> dict[str, Any]:
    """Return the values that the user changed with an event, by name: alpha (float), bin and row (int or None).

    The other values of an event are only those that the browser has last received; they may be out of date.
    """
    event = _mapping(raw)
    changed = _items(event.get("changed"), 3)
    focus = _mapping(event.get("focus"))
    alpha = _number(event.get("alpha"), 0.0, 1.0)
    values: dict[str, Any] = {name: _index(focus.get(name), 2**53) for name in ("bin", "row") if name in changed}
    return values if alpha is None or "alpha" not in changed else {"alpha": alpha, **values}


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _number(value: object, low: float, high: float) -> float | None:
    """Return the value if it is a number in [low, high]."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if low <= value <= high else None  # a comparison holds neither for NaN nor for a huge int


def _index(value: object, end: int) -> int | None:
    """Return the value if it is a whole number in [0, end)."""
    number = _number(value, 0, end - 1)
    return int(number) if number is not None and number == int(number) else None


def _items(value: object, limit: int) -> list[Any]:
    return list(value[:limit]) if isinstance(value, list) else []


def _polygon(value: object) -> Floats | None:
    corners = _items(value, MAX_CORNERS)
    if len(corners) < 3 or not all(isinstance(corner, list) and len(corner) == 2 for corner in corners):
        return None
    limits = -MAX_COORDINATE, MAX_COORDINATE
    numbers = [[_number(x, *limits), _number(y, *limits)] for x, y in corners]
    return None if any(None in pair for pair in numbers) else np.array(numbers, np.float64)
