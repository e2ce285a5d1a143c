"""Long work beside the page: a job is found by the key of what it makes, by any session, until it is forgotten.

No Streamlit in here. Two sessions that want the same thing get the same job; a page that is refreshed, or opened in
another tab, finds it again. A job that fails keeps its sentence until somebody asks to try again.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from adq_core.errors import AdqError, Cancelled
from adq_core.progress import Progress

log = logging.getLogger(__name__)

UNEXPECTED = "Something went wrong that nobody foresaw. The details are in the server's log; the data is untouched."
STOPPED = "Stopped before it was finished. Nothing was kept."
WORKERS = 2  # more would only take turns on the processors of a usual machine
KEPT = 16  # finished jobs that are remembered, with their results


@dataclass
class Job:
    """One piece of work: how far it is, what came out, or in a sentence why nothing did."""

    key: str
    title: str
    done: int = 0
    total: int = 0
    what: str = ""
    started: float | None = None  # time.monotonic() when a worker took it
    result: Any = None
    error: str | None = None
    cancelled: bool = False
    _phase_started: float = 0.0
    _phase_from: int = 0  # steps that were done when it began: a training may go on from an earlier one
    _stop: threading.Event = field(default_factory=threading.Event)
    _finished: threading.Event = field(default_factory=threading.Event)

    @property
    def finished(self) -> bool:
        """Return whether it came to an end, good or bad."""
        return self._finished.is_set()

    def wait(self, seconds: float) -> bool:
        """Return whether it finished within so many seconds."""
        return self._finished.wait(seconds)

    def cancel(self) -> None:
        """Ask it to stop; it does so at its next step."""
        self._stop.set()

    def report(self, done: int, total: int, what: str) -> None:
        """Take note of the progress: what the work calls. Raises `Cancelled` where somebody asked to stop."""
        if self._stop.is_set():
            raise Cancelled(STOPPED)
        if what != self.what or done < self.done:  # another phase has another pace
            self._phase_started, self._phase_from = time.monotonic(), done
        self.done, self.total, self.what = done, total, what

    @property
    def fraction(self) -> float:
        """Return how much of the present phase is done, 0 to 1."""
        return min(1.0, self.done / self.total) if self.total else 0.0

    def pace(self) -> tuple[float, float] | None:
        """Return (steps a second, seconds left) of the present phase; None while that is a guess."""
        spent = time.monotonic() - self._phase_started
        if self.started is None or not self._phase_from < self.done < self.total or spent < 0.5:
            return None
        rate = (self.done - self._phase_from) / spent
        return rate, (self.total - self.done) / rate


def nothing() -> None:
    """Prepare nothing."""


class Jobs:
    """All jobs of this server, by key.

    `prepare` runs once, before the first job that is not `bare`, while no job runs at all. It is there for imports:
    while one thread imports torch, another that is in scipy meets half a torch and fails.
    """

    def __init__(self, workers: int = WORKERS, prepare: Callable[[], None] = nothing) -> None:
        self._workers = workers
        self._turns = threading.Semaphore(workers)
        self._prepare: Callable[[], None] | None = prepare
        self._preparing = threading.Lock()
        self._jobs: dict[str, Job] = {}
        self._guard = threading.Lock()

    def start(self, key: str, title: str, work: Callable[[Progress], Any], bare: bool = False) -> Job:
        """Return the job of this key, starting `work(progress)` only if there is none."""
        with self._guard:
            found = self._jobs.get(key)
            if found is not None:
                return found
            job = Job(key, title)
            self._jobs[key] = job
            old = [known for known in self._jobs.values() if known.finished]
            for known in old[: max(0, len(old) - KEPT)]:
                del self._jobs[known.key]
        # A daemon, so that Ctrl-C ends the server at once; the store's writes appear whole or not at all.
        threading.Thread(target=self._take_turn, args=(job, work, bare), name=f"adq-job {title}", daemon=True).start()
        return job

    def _take_turn(self, job: Job, work: Callable[[Progress], Any], bare: bool) -> None:
        if not bare:
            self._prepare_alone()
        with self._turns:
            _do(job, work)

    def _prepare_alone(self) -> None:
        with self._preparing:
            if self._prepare is None:
                return
            for _ in range(self._workers):
                self._turns.acquire()
            try:
                self._prepare()
            except Exception:
                log.exception("Preparing failed; the jobs will tell what is missing.")
            finally:
                self._prepare = None
                self._turns.release(self._workers)

    def find(self, key: str) -> Job | None:
        """Return the job of this key, running or finished, else None."""
        with self._guard:
            return self._jobs.get(key)

    def forget(self, key: str) -> None:
        """Drop a finished job, so that the next `start` tries again. A running one stays."""
        with self._guard:
            found = self._jobs.get(key)
            if found is not None and found.finished:
                del self._jobs[key]

    def running(self) -> list[Job]:
        """Return the jobs that are not finished, oldest first."""
        with self._guard:
            return [job for job in self._jobs.values() if not job.finished]


def _do(job: Job, work: Callable[[Progress], Any]) -> None:
    """Do the work in a worker thread and write its end into the job, whatever that is."""
    job.started = job._phase_started = time.monotonic()
    try:
        job.report(0, 0, "")  # one that was cancelled while it queued never starts
        job.result = work(job.report)
    except Cancelled as stopped:
        job.cancelled, job.error = True, str(stopped) or STOPPED
    except AdqError as error:
        job.error = str(error)
    except Exception:
        log.exception("The job %r failed.", job.title)
        job.error = UNEXPECTED
    finally:
        job._finished.set()


def duration(seconds: float) -> str:
    """Return a time in words: 8 s, 3 min, 2 h 5 min."""
    whole = round(seconds)
    if whole < 90:
        return f"{max(1, whole)} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60} min"
