"""How many threads torch may use: as many as there are cores that nobody else uses."""

from __future__ import annotations

import math
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

MINUTE = 60.0  # seconds over which the system's load is averaged


class _Own(threading.local):
    """The calling thread's share in the system's load, averaged as the system does it, with torch's helpers."""

    def __init__(self) -> None:
        self.load = 0.0
        self.at = time.monotonic()
        self.used = time.thread_time()

    def update(self, helpers: float = 0.0) -> float:
        """Return the load by now; `helpers` is the time in seconds that torch's threads have worked since the last."""
        now, used = time.monotonic(), time.thread_time()
        if (passed := now - self.at) > 0:
            kept = math.exp(-passed / MINUTE)
            self.load = kept * self.load + (1 - kept) * (used - self.used + helpers) / passed
            self.at, self.used = now, used
        return self.load


_own = _Own()


def idle_cores() -> int:
    """Return how many cores nobody but the calling thread has used during the last minute, at least one.

    Without its own share a long work would see its own threads as another's, and go on with one.
    """
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
    return max(1, round(cores - max(0.0, load - _own.update())))


@contextmanager
def torch_threads(count: int | None = None) -> Iterator[None]:
    """Hold torch to `count` threads, or to the idle cores, and give them back.

    torch's threads wait for each other by spinning: where two of them share a core with somebody else's work, a network
    was seen to take five times as long on two threads as on one, and a small one a hundred times.
    """
    import torch

    before = torch.get_num_threads()
    threads = min(before, count or idle_cores())
    torch.set_num_threads(threads)
    began = time.monotonic()
    try:
        yield
    finally:
        _own.update((threads - 1) * (time.monotonic() - began))
        torch.set_num_threads(before)
