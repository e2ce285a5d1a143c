"""The order in which waiting jobs get a worker."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from adq_core.progress import Progress
from app.jobs.registry import Job, Jobs

PATIENCE = 20  # seconds


class Busy:
    """Jobs with one worker, which a first job holds until the test releases it."""

    def __init__(self) -> None:
        self.jobs, self.ran, self._release = Jobs(workers=1), [], threading.Event()
        self.started: list[Job] = []
        begun = threading.Event()

        def hold(progress: Progress) -> None:
            begun.set()
            self._release.wait(PATIENCE)

        self.jobs.start("busy", "Busy", hold, waiter="somebody")
        assert begun.wait(PATIENCE)

    def ask(self, key: str, waiter: str) -> Job:
        """Queue a job, and return when its thread waits for a turn."""
        job = self.jobs.start(key, key, lambda progress: self.ran.append(key), waiter=waiter)
        while job not in self.jobs._turns._queue and not job.finished:
            job.wait(0.001)
        self.started.append(job)
        return job

    def run(self) -> list[str]:
        """Release the worker and return the keys in the order in which the jobs ran."""
        self._release.set()
        assert all(job.wait(PATIENCE) for job in self.started)
        return self.ran


@pytest.fixture
def busy() -> Iterator[Busy]:
    busy = Busy()
    yield busy
    busy.run()


def test_the_latest_wish_of_a_session_runs_first(busy: Busy) -> None:
    for number in range(4):
        busy.ask(f"map {number}", "me")
    assert busy.run() == ["map 3", "map 2", "map 1", "map 0"]


def test_a_session_that_asks_for_much_does_not_delay_the_others(busy: Busy) -> None:
    for number in range(3):
        busy.ask(f"mine {number}", "me")
    busy.ask("yours", "you")
    busy.ask("theirs", "they")
    assert busy.run() == ["mine 2", "yours", "theirs", "mine 1", "mine 0"]


def test_a_session_that_was_served_waits_for_those_that_were_not(busy: Busy) -> None:
    busy.ask("first of somebody", "somebody")  # whose job holds the worker
    busy.ask("first of you", "you")
    assert busy.run() == ["first of you", "first of somebody"]


def test_a_wish_that_another_session_shares_moves_up(busy: Busy) -> None:
    busy.ask("shared", "me")
    busy.ask("mine", "me")
    busy.ask("shared", "you")
    assert busy.run() == ["shared", "mine"]


def test_a_job_that_nobody_needs_leaves_the_queue_while_all_workers_are_busy(busy: Busy) -> None:
    left, stopped, needed = (busy.ask(key, "me") for key in ("left", "stopped", "needed"))
    busy.jobs.leave("me", {"stopped", "needed"})
    assert left.wait(PATIENCE)
    busy.jobs.stop("stopped", "me")
    assert stopped.wait(PATIENCE)
    assert (left.cancelled, stopped.cancelled, needed.finished) == (True, True, False)
    assert busy.jobs.find("left", "me") is None
    assert busy.jobs.find("stopped", "me") is stopped
    assert busy.run() == ["needed"]


def test_the_memory_of_served_sessions_is_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.jobs.turns.MAX_SERVED", 5)
    jobs = Jobs(workers=2)
    for number in range(20):
        assert jobs.start(str(number), "Work", lambda progress: None, waiter=str(number)).wait(PATIENCE)
    assert len(jobs._turns._served) == 5
