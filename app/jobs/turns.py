"""The order in which waiting jobs get a worker. No Streamlit in here."""

from __future__ import annotations

import itertools
import threading
from collections import OrderedDict
from typing import Protocol

MAX_SERVED = 1024  # sessions whose last turn is remembered


class Waiting(Protocol):
    """A job that waits for its turn."""

    waiters: set[str]  # sessions that need it; changed under the lock
    wished: int  # increases with every session that asks for it
    ending: bool


class Turns:
    """A limited number of turns for jobs that wait in threads of their own.

    The session that was served least recently comes first, and its latest wish before its earlier ones. All attributes
    of the jobs are read and changed under the lock `guard`.
    """

    def __init__(self, workers: int, guard: threading.RLock) -> None:
        self._free, self._workers = workers, workers
        self._is_stopped = False
        self._changed = threading.Condition(guard)
        self._queue: list[Waiting] = []
        self._served: OrderedDict[str, int] = OrderedDict()  # session: number of its last turn, the oldest first
        self._numbers = itertools.count(1)

    def next_number(self) -> int:
        """Return a number that is higher than all before."""
        return next(self._numbers)

    def look_again(self) -> None:
        """Let the waiting jobs see that the sessions that need them have changed."""
        with self._changed:
            self._changed.notify_all()

    def wait_for(self, job: Waiting) -> bool:
        """Wait until it is the turn of this job and return True; return False once no session needs it any more."""
        with self._changed:
            self._queue.append(job)
            self._changed.wait_for(lambda: not job.waiters or (self._has_turn() and self._next() is job))
            self._queue.remove(job)
            job.ending = not job.waiters
            if not job.ending:
                self._free -= 1
                self._remember(job.waiters)
            self._changed.notify_all()
            return not job.ending

    def give_back(self) -> None:
        """End a turn."""
        with self._changed:
            self._free += 1
            self._changed.notify_all()

    def stop_all(self) -> None:
        """Let no job begin any more, and wait until the running ones have ended."""
        with self._changed:
            self._is_stopped = True
            self._changed.wait_for(lambda: self._free == self._workers)

    def resume(self) -> None:
        """Let jobs begin again."""
        with self._changed:
            self._is_stopped = False
            self._changed.notify_all()

    def _has_turn(self) -> bool:
        return self._free > 0 and not self._is_stopped

    def _next(self) -> Waiting:
        latest: dict[str, Waiting] = {}
        for job in self._queue:
            for waiter in job.waiters:
                if waiter not in latest or job.wished > latest[waiter].wished:
                    latest[waiter] = job
        return latest[min(latest, key=lambda waiter: (self._served.get(waiter, 0), latest[waiter].wished))]

    def _remember(self, waiters: set[str]) -> None:
        for waiter in waiters:
            self._served[waiter] = self.next_number()
            self._served.move_to_end(waiter)
        while len(self._served) > MAX_SERVED:
            self._served.popitem(last=False)
