"""Jobs: sharing between sessions, stopping, jobs that no session waits for, and the ends of a job."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from adq_core.errors import InputError
from adq_core.progress import Progress
from app.jobs.registry import CACHE_SIZE, CONTINUES, STOPPED, UNEXPECTED, Jobs


def test_one_computation_for_all_sessions() -> None:
    jobs, gate, runs = Jobs(), threading.Event(), []

    def work(progress: Progress) -> int:
        runs.append(1)
        assert gate.wait(10)
        return 7

    first = jobs.start("a", "Work", work)
    others = [jobs.start("a", "Work", work) for _ in range(5)]
    assert all(job is first for job in others)
    assert jobs.find("a") is first
    assert jobs.running() == [first]
    gate.set()
    assert first.wait(10)
    assert (first.result, first.error, len(runs)) == (7, None, 1)
    assert jobs.start("a", "Work", work) is first, "a finished job is not started again"
    assert jobs.running() == []


def test_progress_is_recorded() -> None:
    jobs, reported, go_on = Jobs(), threading.Event(), threading.Event()

    def work(progress: Progress) -> None:
        progress(3, 4, "images")
        reported.set()
        assert go_on.wait(10)

    job = jobs.start("a", "Work", work)
    assert reported.wait(10)
    assert (job.done, job.total, job.what, job.fraction, job.finished) == (3, 4, "images", 0.75, False)
    go_on.set()
    assert job.wait(10)


def test_stop_ends_a_job_at_its_next_step() -> None:
    jobs, started = Jobs(), threading.Event()
    steps = []

    def work(progress: Progress) -> None:
        for step in range(10_000):
            progress(step, 10_000, "steps")
            steps.append(step)
            started.set()
            job_seen.wait(0.01)

    job_seen = threading.Event()
    job = jobs.start("a", "Work", work)
    assert started.wait(10)
    jobs.stop("a")
    assert job.wait(10)
    assert job.cancelled
    assert job.error == STOPPED
    assert len(steps) < 10_000


def test_a_job_cancelled_in_the_queue_never_starts() -> None:
    jobs, gate, ran = Jobs(workers=1), threading.Event(), []
    first = jobs.start("a", "First", lambda progress: gate.wait(10))
    second = jobs.start("b", "Second", lambda progress: ran.append(1))
    jobs.stop("b")
    gate.set()
    assert first.wait(10)
    assert second.wait(10)
    assert second.cancelled
    assert not ran


class Steps:
    """Work that reports steps until the test finishes it."""

    def __init__(self) -> None:
        self.started, self.finish, self.runs = threading.Event(), threading.Event(), 0

    def __call__(self, progress: Progress) -> int:
        self.runs += 1
        step = 0
        while not self.finish.wait(0.005):
            step += 1
            progress(step, 10_000_000, "steps")
            self.started.set()
        return step


def test_stop_by_one_session_leaves_the_job_to_the_others() -> None:
    jobs, work = Jobs(), Steps()
    job = jobs.start("a", "Work", work, waiter="one")
    assert jobs.start("a", "Work", work, waiter="two") is job
    assert work.started.wait(10)
    jobs.stop("a", "one")
    seen = jobs.start("a", "Work", work, waiter="one")
    assert (seen.finished, seen.cancelled, seen.error) == (True, True, CONTINUES)
    assert jobs.find("a", "one") is seen
    assert jobs.find("a", "two") is jobs.start("a", "Work", work, waiter="two") is job
    done = job.done
    while job.done == done:
        assert not job.wait(0.005), "it continues"
    jobs.forget("a", "one")
    assert jobs.start("a", "Work", work, waiter="one") is job, "after a retry it waits for the same job"
    work.finish.set()
    assert job.wait(10)
    assert (job.error, work.runs) == (None, 1)


def test_the_last_session_that_stops_ends_the_job() -> None:
    jobs, work = Jobs(), Steps()
    job = jobs.start("a", "Work", work, waiter="one")
    jobs.start("a", "Work", work, waiter="two")
    assert work.started.wait(10)
    jobs.stop("a", "one")
    jobs.stop("a", "two")
    assert job.wait(10)
    while jobs.find("a", "two") is None:
        job.wait(0.005)
    assert (jobs.find("a", "two"), job.error) == (job, STOPPED)
    again = jobs.start("a", "Work", work, waiter="three")
    assert again is not job, "a session that has not stopped it does not see the stopped job"
    work.finish.set()
    assert again.wait(10)
    assert again.error is None


def test_a_reloaded_page_does_not_prevent_that_the_job_is_stopped() -> None:
    connected = {"before the reload", "after it"}
    jobs, work = Jobs(is_connected=lambda waiter: waiter in connected), Steps()
    job = jobs.start("a", "Work", work, waiter="before the reload")
    jobs.start("a", "Work", work, waiter="after it")
    assert work.started.wait(10)
    connected.remove("before the reload")
    jobs.stop("a", "after it")
    assert job.wait(10)
    assert (job.cancelled, job.error) == (True, STOPPED)


def test_a_session_that_joins_while_a_job_is_being_stopped_gets_a_result() -> None:
    for late in range(20):
        jobs, work = Jobs(), Steps()
        jobs.start("a", "Work", work, waiter="one")
        assert work.started.wait(10)
        jobs.stop("a", "one")
        threading.Event().wait(late / 4000)
        job = jobs.start("a", "Work", work, waiter="two")
        work.finish.set()
        assert job.wait(10)
        assert job.error is None
        assert jobs.find("a", "two") is job


def test_a_job_that_no_session_needs_any_more_ends_and_is_forgotten() -> None:
    jobs, work = Jobs(), Steps()
    job = jobs.start("a", "Work", work, waiter="one")
    assert work.started.wait(10)
    jobs.leave("one", {"a"})
    assert jobs.awaited("one") == {"a"}, "still needed"
    jobs.leave("one")
    assert job.wait(10)
    while jobs.find("a", "one") is not None:
        job.wait(0.005)
    work.finish.set()
    again = jobs.start("a", "Work", work, waiter="one")
    assert again.wait(10)
    assert again.error is None, "the same session that returns to these settings sees no stopped job"


def test_of_many_superseded_jobs_only_the_last_one_runs() -> None:
    jobs, gate, ran = Jobs(workers=1), threading.Event(), []
    first = jobs.start("busy", "Busy", lambda progress: gate.wait(10), waiter="other")
    queued = []
    for seed in range(8):  # as while a slider moves
        queued.append(jobs.start(f"map {seed}", "Map", lambda progress, seed=seed: ran.append(seed), waiter="one"))
        jobs.leave("one", {f"map {seed}"})
    gate.set()
    assert first.wait(10)
    assert all(job.wait(10) for job in queued)
    assert ran == [7]
    assert queued[-1].error is None


def _refuse(progress: Progress) -> None:
    raise InputError("Images must be images, got a song. Give another folder.")


def _break(progress: Progress) -> None:
    raise ZeroDivisionError("/home/somebody/secret")


@pytest.mark.parametrize(
    ("work", "sentence"),
    [(_refuse, "Images must be images, got a song. Give another folder."), (_break, UNEXPECTED)],
)
def test_an_error_becomes_a_sentence_and_the_job_can_be_retried(
    work: Callable[[Progress], None], sentence: str
) -> None:
    jobs = Jobs()
    job = jobs.start("a", "Work", work)
    assert job.wait(10)
    assert (job.error, job.result, job.cancelled) == (sentence, None, False)
    jobs.forget("a")
    assert jobs.find("a") is None
    again = jobs.start("a", "Work", lambda progress: 1)
    assert again.wait(10)
    assert (again.error, again.result) == (None, 1)


def test_the_preparation_runs_once_and_alone() -> None:
    together: list[str] = []
    seen: list[tuple[str, ...]] = []
    open_gate = threading.Event()

    def prepare() -> None:
        seen.append(tuple(together))

    def bare(progress: Progress) -> None:
        together.append("bare")
        assert open_gate.wait(10)
        together.remove("bare")

    jobs = Jobs(prepare=prepare)
    first = jobs.start("a", "Bare", bare, bare=True)
    while not together:
        first.wait(0.01)
    others = [jobs.start(name, "Work", lambda progress: len(seen)) for name in "bcd"]
    assert not others[0].wait(0.05), "a job that needs the preparation waits for the running job"
    assert seen == []
    open_gate.set()
    assert all(job.wait(10) for job in (first, *others))
    assert seen == [()], "no other job ran during the preparation"
    assert [job.result for job in others] == [1, 1, 1]


def test_a_failed_preparation_leaves_the_jobs_running() -> None:
    jobs = Jobs(prepare=lambda: 1 // 0)
    job = jobs.start("a", "Work", lambda progress: 1)
    assert job.wait(10)
    assert job.result == 1


def test_a_running_job_cannot_be_forgotten() -> None:
    jobs, gate = Jobs(), threading.Event()
    job = jobs.start("a", "Work", lambda progress: gate.wait(10))
    jobs.forget("a")
    assert jobs.find("a") is job
    gate.set()
    assert job.wait(10)


def test_the_number_of_remembered_finished_jobs_is_limited() -> None:
    jobs = Jobs()
    for number in range(CACHE_SIZE + 20):
        assert jobs.start(str(number), "Work", lambda progress: None).wait(10)
    assert jobs.find("0") is None
    assert jobs.find(str(CACHE_SIZE + 19)) is not None
    assert sum(jobs.find(str(number)) is not None for number in range(CACHE_SIZE + 20)) <= CACHE_SIZE + 1
