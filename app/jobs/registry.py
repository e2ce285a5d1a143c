"""Jobs: long work in background threads. Every session finds a job by the key of its result.

No Streamlit in here. Sessions that need the same result share one job and are its waiters. A job continues as long as
one session waits for it. When the last waiter leaves, because its settings have changed or because its user pressed
Stop, the job ends at its next step, or never starts. A job that fails keeps its error until a user tries again.

Jobs that wait for a worker: the session that was served least recently comes first, and its latest wish before its
earlier ones. So a session that asks for much does not delay the others.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Any

from adq_core.errors import AdqError, Cancelled
from adq_core.progress import Progress

from .turns import Turns

log = logging.getLogger(__name__)

UNEXPECTED = "Unexpected error. Details are in the server log; your data is unchanged."
STOPPED = "Stopped before it was finished. No result was stored."
CONTINUES = "Stopped waiting for this step. It continues, because another session needs it too."
WORKERS = 2  # more workers would share the cores of a usual machine and not be faster
CACHE_SIZE = 16  # finished jobs that are remembered, with their results
MAX_STOPPED = 64  # stops by single sessions that are remembered


@dataclass
class Job:
    """One piece of work: its progress, and its result or its error."""

    key: str
    title: str
    done: int = 0
    total: int = 0
    what: str = ""
    started: float | None = None  # time.monotonic() when a worker took it
    result: Any = None
    error: str | None = None
    failure: AdqError | None = None  # the exception behind `error`; None for an unexpected one
    cancelled: bool = False
    waiters: set[str] = field(default_factory=set)  # sessions that need the result
    stopped_by: str | None = None  # the last waiter, if its user pressed Stop; None if no user did
    ending: bool = False  # it is being stopped, so no session can join it
    wished: int = 0  # increases with every session that asks for it
    _phase_started: float = 0.0
    _phase_from: int = 0  # steps done at the start of the phase: a training may resume an earlier one
    _finished: threading.Event = field(default_factory=threading.Event)

    @property
    def finished(self) -> bool:
        """Return whether the job has ended, with a result or with an error."""
        return self._finished.is_set()

    def wait(self, seconds: float) -> bool:
        """Wait at most this number of seconds and return whether the job has finished."""
        return self._finished.wait(seconds)

    def report(self, done: int, total: int, what: str) -> None:
        """Record the progress."""
        if what != self.what or done < self.done:  # a new phase starts, with another pace
            self._phase_started, self._phase_from = time.monotonic(), done
        self.done, self.total, self.what = done, total, what

    @property
    def fraction(self) -> float:
        """Return the finished share of the present phase, 0 to 1."""
        return min(1.0, self.done / self.total) if self.total else 0.0

    def pace(self) -> tuple[float, float] | None:
        """Return (steps per second, seconds left) of the present phase; None while it is too early for an estimate."""
        spent = time.monotonic() - self._phase_started
        if self.started is None or not self._phase_from < self.done < self.total or spent < 0.5:
            return None
        rate = (self.done - self._phase_from) / spent
        return rate, (self.total - self.done) / rate


def no_preparation() -> None:
    """Do nothing: the default preparation."""


class Jobs:
    """All jobs of this server, by key.

    `prepare` runs once, before the first job that is not `bare`, while no other job runs. It imports large modules: a
    thread in scipy fails if another thread imports torch at the same time. `is_connected` returns whether a waiter
    still exists: the waiter of a closed or reloaded page does not prevent that a job is stopped.
    """

    def __init__(
        self,
        workers: int = WORKERS,
        prepare: Callable[[], None] = no_preparation,
        is_connected: Callable[[str], bool] = lambda waiter: True,
    ) -> None:
        self._is_connected = is_connected
        self._prepare: Callable[[], None] | None = prepare
        self._preparing = threading.Lock()
        self._jobs: dict[str, Job] = {}
        self._stopped: dict[tuple[str, str], Job] = {}  # (key, waiter): stopped copy of a job
        self._guard = threading.RLock()
        self._turns = Turns(workers, self._guard)

    def start(
        self, key: str, title: str, work: Callable[[Progress], Any], bare: bool = False, *, waiter: str = ""
    ) -> Job:
        """Return the job of this key for this waiter; `work(progress)` starts only if there is no such job.

        A waiter that has stopped the job gets the stopped one, until it calls `forget`.
        """
        with self._guard:
            found = self._stopped.get((key, waiter)) or self._jobs.get(key)
            if found is not None and not found.ending:
                self._join(found, waiter)
                return found
            if found is not None and found.stopped_by == waiter:
                return found  # it ends in a moment
            job = self._jobs[key] = Job(key, title, waiters={waiter}, wished=self._turns.next_number())
            old = [known for known in self._jobs.values() if known.finished]
            for known in old[: max(0, len(old) - CACHE_SIZE)]:
                del self._jobs[known.key]
        # A daemon thread, so that Ctrl-C ends the server at once; the store writes whole files or none.
        threading.Thread(target=self._take_turn, args=(job, work, bare), name=f"adq-job {title}", daemon=True).start()
        return job

    def _join(self, job: Job, waiter: str) -> None:
        if job.finished or job.stopped_by == waiter:
            return
        if job.stopped_by is not None:
            self._remember_stop(job.key, job.stopped_by, _stopped_job(job, CONTINUES))
            job.stopped_by = None
        if waiter not in job.waiters:
            job.waiters.add(waiter)
            job.wished = self._turns.next_number()

    def stop(self, key: str, waiter: str = "") -> None:
        """Stop waiting for this job because the user pressed Stop; the job ends unless other sessions wait for it."""
        with self._guard:
            job = self._jobs.get(key)
            if job is None or job.finished:
                return
            job.waiters = {other for other in job.waiters if other != waiter and self._is_connected(other)}
            if job.waiters:
                self._remember_stop(key, waiter, _stopped_job(job, CONTINUES))
            else:
                job.stopped_by = waiter
            self._turns.look_again()

    def leave(self, waiter: str, needed: Collection[str] = ()) -> None:
        """Stop waiting for all jobs except those with a key in `needed`."""
        with self._guard:
            for job in self._jobs.values():
                if job.key not in needed:
                    job.waiters.discard(waiter)
            self._turns.look_again()

    def awaited(self, waiter: str) -> set[str]:
        """Return the keys of the unfinished jobs that this session waits for."""
        with self._guard:
            return {job.key for job in self._jobs.values() if waiter in job.waiters and not job.finished}

    def _remember_stop(self, key: str, waiter: str, job: Job) -> None:
        self._stopped[key, waiter] = job
        while len(self._stopped) > MAX_STOPPED:
            del self._stopped[next(iter(self._stopped))]

    def _take_turn(self, job: Job, work: Callable[[Progress], Any], bare: bool) -> None:
        if not bare:
            self._prepare_alone()
        if not self._turns.wait_for(job):
            self._end_cancelled(job, STOPPED)
            job._finished.set()
            return
        try:
            self._do(job, work)
        finally:
            self._turns.give_back()

    def _prepare_alone(self) -> None:
        with self._preparing:
            if self._prepare is None:
                return
            self._turns.stop_all()
            try:
                self._prepare()
            except Exception:
                log.exception("The preparation failed; a job that needs a missing module will raise an error.")
            finally:
                self._prepare = None
                self._turns.resume()

    def _do(self, job: Job, work: Callable[[Progress], Any]) -> None:
        """Do the work in a worker thread and record how it ended."""

        def progress(done: int, total: int, what: str) -> None:
            with self._guard:
                if not job.waiters:
                    job.ending = True
                    raise Cancelled(STOPPED)
            job.report(done, total, what)

        job.started = job._phase_started = time.monotonic()
        try:
            progress(0, 0, "")  # a job that lost its waiters in the queue never starts
            job.result = work(progress)
        except Cancelled as stopped:
            self._end_cancelled(job, str(stopped) or STOPPED)
        except AdqError as error:
            job.error, job.failure = str(error), error
        except Exception:
            log.exception("The job %r failed.", job.title)
            job.error = UNEXPECTED
        finally:
            job._finished.set()

    def _end_cancelled(self, job: Job, message: str) -> None:
        """Remove a cancelled job, except for the session that stopped it: a later session starts a new job."""
        job.cancelled, job.error = True, message
        with self._guard:
            if self._jobs.get(job.key) is job:
                del self._jobs[job.key]
            if job.stopped_by is not None:
                job.ending = False
                self._remember_stop(job.key, job.stopped_by, job)

    def find(self, key: str, waiter: str = "") -> Job | None:
        """Return the running or finished job of this key, or the stopped job if this waiter stopped it; else None."""
        with self._guard:
            return self._stopped.get((key, waiter)) or self._jobs.get(key)

    def forget(self, key: str, waiter: str = "") -> None:
        """Remove a finished job, so that the next `start` tries again. A running job stays."""
        with self._guard:
            self._stopped.pop((key, waiter), None)
            found = self._jobs.get(key)
            if found is not None and found.finished:
                del self._jobs[key]

    def running(self) -> list[Job]:
        """Return the unfinished jobs, oldest first."""
        with self._guard:
            return [job for job in self._jobs.values() if not job.finished]


def _stopped_job(job: Job, message: str) -> Job:
    """Return a stopped copy of a job, for the session that stopped waiting while others still wait."""
    seen = Job(job.key, job.title, error=message, cancelled=True)
    seen._finished.set()
    return seen


def duration(seconds: float) -> str:
    """Return a time in words: 8 s, 3 min, 2 h 5 min."""
    whole = round(seconds)
    if whole < 90:
        return f"{max(1, whole)} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60} min"
