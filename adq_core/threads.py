"""How many threads torch may use: as many as there are idle cores."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager


def idle_cores() -> int:
    """Return how many cores nobody has used during the last minute, at least one."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
    return max(1, round(cores - load))


@contextmanager
def torch_threads(count: int | None = None) -> Iterator[None]:
    """Hold torch to `count` threads, or to the idle cores, and give them back.

    torch's threads wait for each other by spinning: where two of them share a core with somebody else's work, a network
    was seen to take five times as long on two threads as on one, and a small one a hundred times.
    """
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(min(before, count or idle_cores()))
    try:
        yield
    finally:
        torch.set_num_threads(before)
