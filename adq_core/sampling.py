"""Within a bin the images have one fixed order, and a quota takes a prefix of it."""

from __future__ import annotations

import numpy as np

from .records import DrawOrder, Ints, Quotas, Selection


def draw_order(
    bin_of: Ints, labels: Ints, rank: Ints, *, n_bins: int, order: str = "random", seed: int = 0, key: str = ""
) -> DrawOrder:
    """Return each image's place in its bin's draw order, every prefix of which is balanced over the classes."""
    m = len(bin_of)
    priority = DRAW_ORDERS[order](rank, np.random.default_rng(seed))
    n_classes = int(labels.max()) + 1
    by = np.lexsort((priority, labels, bin_of))
    group = bin_of[by].astype(np.int64) * n_classes + labels[by]
    size = np.bincount(group, minlength=n_bins * n_classes)
    first = np.cumsum(size) - size
    place = np.arange(m) - first[group]
    turn = (labels[by] / n_classes + _van_der_corput(n_bins)[bin_of[by]]) % 1.0
    when = (place + (turn * n_classes // 1 + 0.5) / n_classes) / size[group]
    final = by[np.lexsort((labels[by], when, bin_of[by]))]
    position = np.empty(m, np.int64)
    capacity = np.bincount(bin_of, minlength=n_bins)
    position[final] = np.arange(m) - (np.cumsum(capacity) - capacity)[bin_of[final]]
    return DrawOrder(draw_position=position, order=order, key=key)


def _van_der_corput(n: int) -> np.ndarray:
    """Return n offsets in [0, 1) any run of which is spread evenly: 0, 1/2, 1/4, 3/4, ..."""
    return np.array([sum(((i >> b) & 1) / 2 ** (b + 1) for b in range(32)) for i in range(n)])


def select(order: DrawOrder, bin_of: Ints, quotas: Quotas, *, key: str = "") -> Selection:
    """Return the subset: an image is in when its draw position is below its bin's quota."""
    return Selection(
        draw_position=order.draw_position,
        selected=order.draw_position < quotas.quota[bin_of],
        draw_order=order.order,
        key=key,
    )


def random_priority(rank: Ints, rng: np.random.Generator) -> np.ndarray:
    """Return a random number an image: the published draw, seeded."""
    return rng.random(len(rank))


DRAW_ORDERS = {"random": random_priority}
