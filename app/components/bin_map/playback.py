"""The order of the images in the playback of the greedy selection."""

from __future__ import annotations

import numpy as np

from adq_core.records import Ints


def greedy_order(bin_of: Ints, rank: Ints, labels: Ints) -> Ints:
    """Return (M,) the position of each image when the order of the greedy selection is played bin after bin.

    The greedy algorithm fills a bin class by class; played that way, half of the map would stay dark for a long time.
    So within a bin the classes alternate: images are sorted by (r + 1/2) / s, where s is the number of images of the
    class in the bin and r the rank among them. Within a class the order is that of the greedy algorithm.
    """
    m = len(bin_of)
    by_rank = np.lexsort((rank, labels, bin_of))
    group = bin_of[by_rank].astype(np.int64) * (int(labels.max()) + 1) + labels[by_rank]
    size = np.bincount(group)
    turn = (np.arange(m) - (np.cumsum(size) - size)[group] + 0.5) / size[group]
    order = by_rank[np.lexsort((labels[by_rank], turn, bin_of[by_rank]))]
    place = np.empty(m, np.int64)
    place[order] = np.arange(m)
    return place
