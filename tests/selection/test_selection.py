"""A selection contains the first images of each bin in the draw order, as many as the quota of the bin."""

from __future__ import annotations

import numpy as np

from adq_core.quotas.rules import make_quotas
from adq_core.selection.draw_orders import draw_order, select

BIN_OF = np.repeat([0, 1], [10, 20])
LABELS = np.arange(30) % 2


def order_of(seed: int):
    return draw_order(BIN_OF, LABELS, np.arange(30), np.zeros(30), n_bins=2, order="random", seed=seed)


def test_a_bin_gives_exactly_its_quota_from_the_front_of_the_order() -> None:
    quotas = make_quotas(np.array([2.0, 1.0]), np.array([10, 20]), rule="budget", alpha=1.0, keep_ratio=0.3)
    assert quotas.quota.tolist() == [6, 3]
    order = order_of(0)
    selection = select(order, BIN_OF, quotas)
    for number, quota in enumerate([6, 3]):
        places = order.draw_position[selection.selected & np.equal(BIN_OF, number)]
        assert sorted(places.tolist()) == list(range(quota))


def test_the_random_order_depends_on_the_seed() -> None:
    one, same, other = (order_of(seed).draw_position.tolist() for seed in (0, 0, 1))
    assert one == same
    assert one != other
