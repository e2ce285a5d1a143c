"""Parallel work: the number of cores, and an ordered map over items with bounded memory.

Threads, not processes: decoding, compiled loops and matrix products release the interpreter lock. `joblib.Parallel`
with `return_as="generator"` is not used: on 64-pixel JPEG files it took 1.2 to 2 times the CPU time of the thread pool,
and it computes ahead of a slow consumer without a bound.
"""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")


def cpu_count() -> int:
    """Return the number of cores that this process may use, at least 1: CPU affinity and container limits count."""
    import joblib

    return int(joblib.cpu_count())


class ByteBudget:
    """Memory that threads share: each waits until the bytes that it needs are free.

    A thread must not ask again while it holds bytes. One that needs more than the whole budget works alone. Threads are
    served in any order; results must not depend on it.
    """

    def __init__(self, total: int) -> None:
        self.total = total
        self._reset()
        if hasattr(os, "register_at_fork"):  # threads that hold bytes do not exist in the other process
            os.register_at_fork(after_in_child=self._reset)

    def _reset(self) -> None:
        self._used = 0
        self._changed = threading.Condition()

    @contextmanager
    def hold(self, n_bytes: int) -> Iterator[None]:
        """Hold this number of bytes, at most the whole budget, in the block."""
        needed = min(n_bytes, self.total)
        with self._changed:
            self._changed.wait_for(lambda: self._used + needed <= self.total)
            self._used += needed
        try:
            yield
        finally:
            with self._changed:
                self._used -= needed
                self._changed.notify_all()


def map_ordered(function: Callable[[T], R], items: Iterable[T], n_threads: int) -> Generator[R]:
    """Yield `function(item)` of each item, in order, computed by `n_threads` threads.

    At most `2 * n_threads` items are in progress or finished but not yet yielded, so memory does not grow with the
    number of items. An exception in `function` is raised where its result would be yielded. Closing the generator
    cancels all items that have not begun and waits for those that have.
    """
    pending: deque[Future[R]] = deque()
    with ThreadPoolExecutor(n_threads) as pool:
        try:
            for item in items:
                pending.append(pool.submit(function, item))
                if len(pending) >= 2 * n_threads:
                    yield pending.popleft().result()
            while pending:
                yield pending.popleft().result()
        finally:
            for future in pending:
                future.cancel()
