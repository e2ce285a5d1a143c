"""The effect of the lists "always keep" and "never take" on a selection, as measured outside the checks."""

from __future__ import annotations

from typing import NamedTuple

from adq_core.records import Bools


class ListEffect(NamedTuple):
    """A selection without the lists, and the accuracy of a probe with the lists against without them."""

    always: Bools  # (M,)
    never: Bools  # (M,)
    plain: Bools  # (M,) the selection of the same settings without the lists
    gain: float  # accuracy with the lists minus without them, mean over the seeds; nan: not measured
    half_width: float  # of its 95 % interval
    n_seeds: int
    reason: str = ""  # why the accuracy could not be measured; empty: it was
