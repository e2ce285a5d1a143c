"""The lazy greedy of docs/exact-greedy.md with one flat set, in NumPy: the shortest form of the idea, and an oracle."""

from __future__ import annotations

import numpy as np


def flat_lazy_greedy(rows: np.ndarray, sizes: list[int], tie_scale: float = 2.0**34) -> tuple[list[int], int]:
    """Return (order, number of rows evaluated) for rows (N, d) that contribute to V as they are."""
    n, v, slack = len(rows), rows.sum(axis=0), 1e-9
    left, order, n_evaluated = np.ones(n, bool), [], 0
    directions = [v / max(np.linalg.norm(v), 1e-300)]
    along, direction_of = rows @ directions[0], np.zeros(n, int)
    across = np.sqrt(np.maximum(0, (rows**2).sum(axis=1) - along**2)) + slack
    for size in sizes:
        start = v.copy()
        for _ in range(size):
            a = np.array(directions) @ v
            b = np.sqrt(np.maximum(0, v @ v - a**2)) + slack
            bound = np.where(left, along * a[direction_of] + across * b[direction_of], -np.inf)  # inequality 1
            best = rows[bound.argmax()] @ v
            places = np.flatnonzero(bound >= best - slack)
            values = rows[places] @ v
            n_evaluated += len(places)
            contenders = places[values >= values.max() - slack]
            steps = np.rint(rows[contenders] @ v * tie_scale)
            pick = int(contenders[steps == steps.max()].min())
            along[places], direction_of[places] = values / max(np.linalg.norm(v), 1e-300), len(directions)
            across[places] = np.sqrt(np.maximum(0, (rows[places] ** 2).sum(axis=1) - along[places] ** 2)) + slack
            directions.append(v / max(np.linalg.norm(v), 1e-300))
            order.append(pick)
            left[pick] = False
            v = v - 2 * rows[pick]
        v = (start + v) / 2
    return order, n_evaluated
