"""One image of each group of near duplicates, and the others."""

from __future__ import annotations

import numpy as np

from adq_core.records import Bools, Ints


def all_but_one(pairs: Ints, always: Bools, selected: Bools, rank: Ints) -> Ints:
    """Return the rows that can go so that one image of each group stays, ascending.

    pairs: (K, 2) rows of two images that look alike; images that are connected by pairs are one group. One image stays
    in each group: one that is always kept (all of these stay), else a selected one, else the one of lowest rank. So the
    present selection changes as little as possible.
    """
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    m = len(always)
    graph = coo_matrix((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(m, m))
    group = connected_components(graph, directed=False)[1]
    rows = np.unique(pairs)
    order = rows[np.lexsort((rows, rank[rows], ~selected[rows], ~always[rows], group[rows]))]
    is_first = np.ones(len(order), np.bool_)
    is_first[1:] = group[order][1:] != group[order][:-1]
    return np.sort(order[~is_first & ~always[order]])
