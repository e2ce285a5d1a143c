"""The number of threads of torch: as many as there are idle cores."""

from __future__ import annotations

import math
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from adq_core.parallel import cpu_count

LOAD_PERIOD = 60.0  # seconds over which the system averages its load


class _OwnLoad(threading.local):
    """Exponentially averaged CPU use of this thread and its torch threads, averaged as the system's load is."""

    def __init__(self) -> None:
        self.load = 0.0
        self.updated_at = time.monotonic()
        self.cpu_seconds = time.thread_time()

    def update(self, helpers: float = 0.0) -> float:
        """Return the current load; `helpers` is the CPU time in seconds of torch's threads since the last update."""
        now, cpu_seconds = time.monotonic(), time.thread_time()
        if (elapsed := now - self.updated_at) > 0:
            weight = math.exp(-elapsed / LOAD_PERIOD)
            self.load = weight * self.load + (1 - weight) * (cpu_seconds - self.cpu_seconds + helpers) / elapsed
            self.updated_at, self.cpu_seconds = now, cpu_seconds
        return self.load


_own_load = _OwnLoad()


def idle_cores() -> int:
    """Return the number of cores that were idle during the last minute, apart from the calling thread; at least 1.

    The load of the calling thread is subtracted: otherwise a long computation would count its own threads as other
    work and continue with one thread.
    """
    cores = cpu_count()
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
    return max(1, round(cores - max(0.0, load - _own_load.update())))


@contextmanager
def torch_threads(count: int | None = None) -> Iterator[None]:
    """Limit torch to `count` threads, or to the number of idle cores, inside the block.

    torch's threads wait for each other in a busy loop. When they share cores with other work, a network took five times
    as long on two threads as on one, and a small network a hundred times.
    """
    import torch

    previous = torch.get_num_threads()
    threads = min(previous, count or idle_cores())
    torch.set_num_threads(threads)
    began = time.monotonic()
    try:
        yield
    finally:
        _own_load.update((threads - 1) * (time.monotonic() - began))
        torch.set_num_threads(previous)
