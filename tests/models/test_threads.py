"""The number of torch's threads: busy cores are not used, and the own load is not counted as other work."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
import torch

from adq_core.models import threads


@dataclass
class Machine:
    """A machine with eight cores whose clocks and load the test sets; `own` is the load of this thread."""

    now: float = 0.0
    cpu_seconds: float = 0.0  # of this thread
    process_seconds: float = 0.0
    others: float = 0.0
    own: float = 0.0

    def work(self, seconds: float, cores: int) -> None:
        """Let this thread work, with torch's helpers on as many cores in all, and the load average follow."""
        self.now += seconds
        self.cpu_seconds += seconds
        self.process_seconds += seconds * cores
        kept = 2.718281828 ** (-seconds / 60)
        self.own = kept * self.own + (1 - kept) * cores


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Iterator[Machine]:
    one = Machine()
    monkeypatch.setattr(threads, "cpu_count", lambda: 8)
    monkeypatch.setattr(threads.os, "getloadavg", lambda: (one.own + one.others, 0, 0))
    monkeypatch.setattr(threads.time, "monotonic", lambda: one.now)
    monkeypatch.setattr(threads.time, "thread_time", lambda: one.cpu_seconds)
    monkeypatch.setattr(threads.time, "process_time", lambda: one.process_seconds)
    monkeypatch.setattr(threads, "_own_load", threads._OwnLoad())
    before = torch.get_num_threads()
    torch.set_num_threads(8)
    yield one
    torch.set_num_threads(before)


def batches(machine: Machine, count: int) -> list[int]:
    """Return the number of threads of each of `count` batches that take two seconds."""
    got = []
    for _ in range(count):
        with threads.torch_threads():
            got.append(torch.get_num_threads())
            machine.work(2.0, got[-1])
    return got


def test_a_long_computation_keeps_its_cores(machine: Machine) -> None:
    assert set(batches(machine, 200)) == {8}
    assert torch.get_num_threads() == 8


def test_cores_used_by_other_processes_are_not_used(machine: Machine) -> None:
    machine.others = 5.0
    assert set(batches(machine, 100)) == {3}
    machine.others = 30.0
    assert set(batches(machine, 10)) == {1}, "at least one thread"
    machine.others = 0.0
    assert batches(machine, 100)[-1] == 8


def test_the_load_of_another_thread_of_this_process_counts(machine: Machine) -> None:
    batches(machine, 200)
    seen: list[int] = []
    other = threading.Thread(target=lambda: seen.append(threads.idle_cores()))
    other.start()
    other.join()
    assert seen == [1], "another thread uses eight cores"


def test_threads_that_decode_images_for_a_computation_are_not_other_work(machine: Machine) -> None:
    for _ in range(100):
        machine.work(2.0, 4)  # this thread waits for three others, with no thread of torch
    assert threads.idle_cores() == 8


def test_a_given_number_of_threads_is_used(machine: Machine) -> None:
    with threads.torch_threads(3):
        assert torch.get_num_threads() == 3
    assert torch.get_num_threads() == 8
