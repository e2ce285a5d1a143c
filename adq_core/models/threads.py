"""The number of threads of torch: as many as there are idle cores."""

from __future__ import annotations

import math
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from adq_core.parallel import cpu_count

LOAD_PERIOD = 60.0  # seconds over which the system averages its load


class _Load:
    """Exponentially averaged CPU use, averaged as the system's load is, of what the clock `cpu_time` measures."""

    def __init__(self, cpu_time: Callable[[], float]) -> None:
        self.load = 0.0
        self._cpu_time = cpu_time
        self._updated_at, self._cpu_seconds = time.monotonic(), cpu_time()

    def update(self, helpers: float = 0.0) -> float:
        """Return the current load; `helpers` is CPU time in seconds since the last update that the clock lacks."""
        now, cpu_seconds = time.monotonic(), self._cpu_time()
        if (elapsed := now - self._updated_at) > 0:
            weight = math.exp(-elapsed / LOAD_PERIOD)
            self.load = weight * self.load + (1 - weight) * (cpu_seconds - self._cpu_seconds + helpers) / elapsed
            self._updated_at, self._cpu_seconds = now, cpu_seconds
        return self.load


class _OwnLoad:
    """The load of the calling thread and of the threads that work for it.

    While one thread of this process uses torch, the whole process works for it: other threads decode its images, for
    example. When several threads have used torch within the last minute, only their own CPU time and that of torch's
    threads count, so that each sees the other as other work.
    """

    def __init__(self) -> None:
        self._process = _Load(time.process_time)
        self._threads = threading.local()
        self._last_use: dict[int, float] = {}
        self._lock = threading.Lock()

    def update(self, helpers: float = 0.0) -> float:
        """Return the current load; `helpers` is the CPU time in seconds of torch's threads since the last update."""
        if not hasattr(self._threads, "load"):
            self._threads.load = _Load(time.thread_time)
        of_thread: float = self._threads.load.update(helpers)
        now = time.monotonic()
        with self._lock:
            of_process = self._process.update()
            self._last_use[threading.get_ident()] = now
            self._last_use = {thread: used for thread, used in self._last_use.items() if now - used < LOAD_PERIOD}
            return of_process if len(self._last_use) == 1 else of_thread


_own_load = _OwnLoad()


def idle_cores() -> int:
    """Return the number of cores that were idle during the last minute, apart from the calling thread; at least 1.

    The load of the calling thread and of those that work for it is subtracted: otherwise a long computation would count
    its own threads as other work and continue with one thread.
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
