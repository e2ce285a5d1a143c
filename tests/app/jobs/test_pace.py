"""The pace of a job and its remaining time, in words."""

from __future__ import annotations

import pytest

from app.jobs.registry import Job, duration


def test_the_pace_is_shown_only_after_enough_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr("app.jobs.registry.time.monotonic", lambda: now[0])
    job = Job("a", "Work")
    job.started = now[0]
    job.report(0, 100, "images")
    assert job.pace() is None
    now[0] += 2
    job.report(20, 100, "images")
    assert job.pace() == (10.0, 8.0)  # 20 steps in 2 s: 10 per second, 80 left
    job.report(0, 50, "other images")  # another phase has another pace
    assert job.pace() is None


@pytest.mark.parametrize(
    ("seconds", "words"), [(0.2, "1 s"), (8.4, "8 s"), (89, "89 s"), (180, "3 min"), (7500, "2 h 5 min")]
)
def test_durations_in_words(seconds: float, words: str) -> None:
    assert duration(seconds) == words


def test_every_phase_has_its_own_pace_and_steps_of_an_earlier_training_do_not_count(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = [100.0]
    monkeypatch.setattr("app.jobs.registry.time.monotonic", lambda: now[0])
    job = Job("a", "Work")
    job.started = now[0]
    job.report(50, 100, "images")  # 50 were done by the training that is resumed
    now[0] += 2
    job.report(70, 100, "images")
    assert job.pace() == (10.0, 3.0)
    job.report(0, 50, "other images")
    now[0] += 1
    job.report(10, 50, "other images")
    assert job.pace() == (10.0, 4.0)
