"""The nested sets of candidate rows of the lazy greedy: rows of the active set have a bound each, other rows share one.

The sets have no effect on the picks: they may be of any size, as long as the bounds hold (`docs/exact-greedy.md`).
"""

from __future__ import annotations

import numpy as np

from adq_core.records import Floats, Ints

from ._compiled_loops import (
    BOUNDS_PER_PRODUCT,
    DIRECTIONS,
    N_DIRECTIONS,
    SIZE,
    ActiveSet,
    GreedyState,
    KernelRows,
    OutsideSets,
    evaluate,
    pick_from_active,
    refresh_directions,
    store_projection,
)
from ._compiled_set_loops import drop_taken, select_members

LEVELS = 5  # all rows left, three sets between, the active set
ACTIVE = LEVELS - 1


class CandidateSets:
    """Nested sets of rows, from all rows left (level 0) to the active set, in which each row has its own bound.

    The members of a set that are outside the next smaller one share one bound. When that bound reaches the best value,
    the next smaller set is refilled. Costs are counted in inner products, and sizes adapt so that scanning a set costs
    about as much as refilling it.
    """

    def __init__(self, rows: KernelRows, state: GreedyState) -> None:
        (n, d), k = rows.x.shape, LEVELS - 1
        self._rows, self._state = rows, state
        self._members = np.empty((LEVELS, n), np.int64)
        self._along, self._across = np.empty((LEVELS, n)), np.empty((LEVELS, n))
        self._size = np.zeros(LEVELS, np.int64)
        self._directions = np.empty((k, d + 1))  # of V when `_along` and `_across` of a level were computed
        self._target_size = 64.0 * 4.0 ** np.arange(k)[::-1]  # of the set below each level; first guesses
        self._refill_cost = np.zeros(k, np.int64)  # of the last refill from each level
        self._cost_since = np.zeros(k, np.int64)  # of scanning the set below, since that refill
        self._cost_since_projection = np.zeros(k, np.int64)  # of refills from each level
        self._projected = np.zeros(k, np.bool_)  # whether the last refill used the V of that pick
        self._refilled_at = -1  # number of picks at the last refill
        self._active = ActiveSet(
            self._members[ACTIVE],
            self._along[ACTIVE],
            self._across[ACTIVE],
            np.zeros(n, np.int64),
            np.empty((DIRECTIONS, d + 1)),
            np.zeros(2, np.int64),
            np.empty(n),
            np.empty(n, np.int64),
        )
        self._outside = OutsideSets(
            np.empty((k, d + 1)), np.zeros(k), np.full(k, -np.inf), np.zeros(k), np.empty(k), np.zeros(k)
        )

    def begin_bin(self) -> None:
        """Start again with all rows left."""
        left = np.flatnonzero(~self._state.taken)
        self._members[0, : len(left)], self._size[0] = left, len(left)
        self._refill(0, 0, project=True)

    def pick(self, picks: Ints, gains: Floats, count: int, max_work: int) -> tuple[int, int]:
        """Pick until `picks` is full or about `max_work` inner products; return (count, rows evaluated)."""
        work = 0
        while count < len(picks) and work < max_work:
            count, evaluated, scanned, level = pick_from_active(
                self._rows, self._state, self._active, self._outside, picks, gains, count, max_work - work
            )
            work += evaluated
            self._cost_since[ACTIVE - 1] += scanned
            if level >= 0:
                work += self._refill(level, count, self._adapt(level, count))
        return count, work

    def _refill(self, level: int, count: int, project: bool) -> int:
        """Refill all sets below `level` and return the number of rows evaluated.

        With `project`, rows of this level are evaluated for the present V first. Otherwise rows of the next level are.
        """
        work, current = 0, False
        for k in range(level, ACTIVE):
            members, along, across = (array[k, : self._size[k]] for array in (self._members, self._along, self._across))
            m = self._size[k] = drop_taken(self._state.taken, members, along, across)
            if k > level:
                project = not current
                self._cost_since_projection[k] = 0
            elif project:
                self._cost_since_projection[k] = -m
            if project:
                self._evaluate(k)
                work += m
            current = current or project
            self._projected[k], self._cost_since[k] = current, 0
            below = (array[k + 1] for array in (self._members, self._along, self._across))
            outside = self._outside
            outside.direction[k] = self._directions[k]
            self._size[k + 1], outside.total[k], outside.across[k] = select_members(
                members[:m], along[:m], across[:m], outside.weight[k], int(self._target_size[k]), *below
            )
            if k + 1 < ACTIVE:
                self._directions[k + 1] = self._directions[k]
        active = self._active
        active.counts[SIZE] = self._size[ACTIVE]
        if current:
            active.directions[0], active.counts[N_DIRECTIONS] = self._directions[ACTIVE - 1], 1
            active.direction_of[: self._size[ACTIVE]] = 0
        else:
            active.direction_of[: self._size[ACTIVE]] = 1
            work += refresh_directions(self._rows, active, self._state.v)
        self._refill_cost[level:] = work + self._size[level:ACTIVE] // BOUNDS_PER_PRODUCT
        self._cost_since_projection[level] += self._refill_cost[level]
        if level > 0:
            self._cost_since[level - 1] += self._refill_cost[level]
        self._refilled_at = count
        return work

    def _evaluate(self, k: int) -> None:
        """Compute `along` and `across` of the members of set k for the present V."""
        members, places = self._members[k], np.arange(self._size[k])
        evaluate(self._rows, members, places, self._state.v, self._active.bound)
        store_projection(
            self._rows,
            members,
            places,
            self._active.bound,
            self._state.v,
            self._directions[k],
            self._along[k],
            self._across[k],
        )

    def _adapt(self, level: int, count: int) -> bool:
        """Adapt the size of the set below `level`, which must be refilled; return whether to evaluate the level first.

        A set gets more rows than before if scanning it has cost less than its last refill.
        """
        if self._refilled_at < count:
            paid = self._cost_since[level] >= self._refill_cost[level]
            self._target_size[level] = max(16.0, self._target_size[level] * (0.8 if paid else 1.4))
            self._outside.weight[level] = 0.7 * self._outside.ratio[level]
        elif self._projected[level]:
            self._target_size[level] = 1.3 * self._target_size[level] + 16
            self._outside.weight[level] *= 0.5
        return bool(self._refilled_at == count or self._cost_since_projection[level] >= self._size[level])
