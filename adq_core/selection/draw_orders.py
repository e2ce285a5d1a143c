"""The fixed order of the images in each bin, and the selection: the first images of each bin in this order."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from adq_core.checking import check_bins, check_labels, check_per_image
from adq_core.errors import unknown_name
from adq_core.records import Bools, DrawOrder, Floats, Ints, Quotas, Selection

FIRST, BETWEEN, LAST = 0, 1, 2  # parts of the order of a bin: always kept, drawn, never taken


def draw_order(
    bin_of: Ints,
    labels: Ints,
    rank: Ints,
    texture: Floats,
    *,
    n_bins: int,
    order: str = "random",
    seed: int = 0,
    always: Bools | None = None,
    never: Bools | None = None,
    key: str = "",
) -> DrawOrder:
    """Return the position of each image in the draw order of its bin; every prefix is balanced over the classes.

    The named order sorts the images of one class in one bin. The classes of a bin are interleaved by (position within
    the class + offset) / class size. If the classes have equal sizes, the number of images of a class in a prefix
    differs from its share by less than one. The offsets differ between bins, because otherwise the same classes would
    have too few images in every bin: bins form pairs with opposite offsets, and the offsets of the pairs are spread
    evenly.

    So the whole subset is nearly balanced: with 100 classes in 10 bins, class counts were within 2 images of their
    share for 19 of 20 random quotas, and within 4 for all quotas that were tried. No fixed order is within 2 for every
    quota, since each bin may stop just after an image of the same class. The published code draws at random from each
    class of each bin.

    always, never: (M,) images that come first in their bin, and images that come last. The others are interleaved as if
    the first ones were the first of their class and the last ones were not in the bin, so that the classes of a prefix
    are as balanced as these images allow. Raises `SettingsError` for an unknown order.
    """
    if order not in DRAW_ORDERS:
        raise unknown_name("draw order", order, DRAW_ORDERS)
    m = len(bin_of)
    check_bins(bin_of, m, n_bins)
    check_labels(labels, m, int(labels.max(initial=0)) + 1 if labels.dtype.kind in "iu" else None)
    check_per_image(rank, m, "rank")
    check_per_image(texture, m, "texture")
    priority = DRAW_ORDERS[order](rank, texture, np.random.default_rng(seed))
    n_classes = int(labels.max()) + 1
    part = _parts(always, never, m)
    rows = np.lexsort((priority, part, labels, bin_of))
    group = bin_of[rows].astype(np.int64) * n_classes + labels[rows]
    size = np.bincount(group, minlength=n_bins * n_classes)
    share = np.bincount(group[part[rows] < LAST], minlength=n_bins * n_classes)  # images that may be taken
    place = _positions_in_groups(group, size)
    offset = class_offsets(n_bins, n_classes)[bin_of[rows], labels[rows]]
    interleaved = (place + offset) / np.maximum(share[group], 1)
    final = rows[np.lexsort((offset, interleaved, part[rows], bin_of[rows]))]
    position = np.empty(len(bin_of), np.int64)
    position[final] = _positions_in_groups(bin_of[final].astype(np.int64), np.bincount(bin_of, minlength=n_bins))
    return DrawOrder(draw_position=position, order=order, key=key)


def _parts(always: Bools | None, never: Bools | None, m: int) -> Ints:
    """Return the part of its bin's order in which each image is, (M,): first, in between, or last."""
    part = np.full(m, BETWEEN, np.int8)
    for given, number in ((always, FIRST), (never, LAST)):
        if given is not None:
            check_per_image(given, m, "always" if number == FIRST else "never")
            part[given] = number
    return part


def class_offsets(n_bins: int, n_classes: int) -> Floats:
    """Return the offset of each class in each bin, (n_bins, C) in (0, 1): small offsets come first."""
    start = (np.arange(n_classes) + 0.5) / n_classes
    pair = np.arange(n_bins) // 2
    offset = (start + np.array([_van_der_corput(int(number)) for number in pair])[:, None]) % 1.0
    return np.asarray(np.where((np.arange(n_bins) % 2 == 1)[:, None], 1.0 - offset, offset))


def _van_der_corput(number: int) -> float:
    """Return the mirrored binary digits of a number as a fraction in [0, 1): 0, 1/2, 1/4, 3/4, ... (evenly spread)."""
    return float(sum(((number >> bit) & 1) / 2 ** (bit + 1) for bit in range(32)))


def _positions_in_groups(group: Ints, size: Ints) -> Ints:
    """Return 0, 1, 2, ... within each group; `group` is sorted, `size` has the number of rows of each group."""
    return np.asarray(np.arange(len(group)) - (np.cumsum(size) - size)[group])


def select(order: DrawOrder, bin_of: Ints, quotas: Quotas, *, key: str = "") -> Selection:
    """Return the subset: the images whose draw position is below the quota of their bin."""
    return Selection(
        draw_position=order.draw_position,
        selected=order.draw_position < quotas.quota[bin_of],
        draw_order=order.order,
        key=key,
    )


def selected_first(selected: Bools, place: Ints, bin_of: Ints, *, n_bins: int, name: str, key: str = "") -> DrawOrder:
    """Return an order of each bin in which a given subset comes first: for subsets that quotas did not make.

    selected: (M,) the subset. place: (M,) the order in which its strategy takes images, -1: none; images of smaller
    place come first among the selected ones and among the others. With the number of selected images of each bin as
    quotas, `select` returns the given subset.
    """
    never = place < 0
    rows = np.lexsort((place, never, ~selected, bin_of))
    position = np.empty(len(bin_of), np.int64)
    position[rows] = _positions_in_groups(bin_of[rows].astype(np.int64), np.bincount(bin_of, minlength=n_bins))
    return DrawOrder(draw_position=position, order=name, key=key)


def rows_of_bin(bin_of: Ints, draw_position: Ints, number: int) -> Ints:
    """Return the rows of one bin in draw order: a quota q selects the first q of them.

    bin_of: (M,) bin of each image; draw_position: (M,) position of each image in the draw order of its bin.
    """
    rows = np.flatnonzero(bin_of == number)
    return rows[np.argsort(draw_position[rows], kind="stable")]


def random_priority(rank: Ints, texture: Floats, rng: np.random.Generator) -> Floats:
    """Return one random number per image: the random draw of the published code, with a seed."""
    return rng.random(len(rank))


def greedy_priority(rank: Ints, texture: Floats, rng: np.random.Generator) -> Floats:
    """Return the rank of the greedy selection: the images that it took first come first."""
    return np.asarray(rank, np.float64)


def texture_priority(rank: Ints, texture: Floats, rng: np.random.Generator) -> Floats:
    """Return the order of decreasing texture; images with equal texture (duplicates) are ordered by rank."""
    order = np.lexsort((rank, -np.asarray(texture, np.float64)))
    place = np.empty(len(rank), np.float64)
    place[order] = np.arange(len(rank))
    return place


# A new order is one function above, one line here, one choice of `Settings.draw_order` and one row in
# `test_contract_of_every_order` of tests/selection/test_draw_orders.py.
DRAW_ORDERS: dict[str, Callable[[Ints, Floats, np.random.Generator], Floats]] = {
    "random": random_priority,
    "greedy": greedy_priority,
    "texture": texture_priority,
}
