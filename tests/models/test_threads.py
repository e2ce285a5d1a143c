"""torch's threads: others' work is left its cores, one's own is not taken for others'."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
import torch

from adq_core.models import threads


@dataclass
class Machine:
    """A machine of eight cores whose clocks and load the test moves; `own` is what this thread's work adds to it."""

    now: float = 0.0
    used: float = 0.0
    others: float = 0.0
    own: float = 0.0

    def work(self, seconds: float, cores: int) -> None:
        """Let this thread work, with torch's helpers on as many cores in all, and the load average follow."""
        self.now += seconds
        self.used += seconds
        kept = 2.718281828 ** (-seconds / 60)
        self.own = kept * self.own + (1 - kept) * cores


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Iterator[Machine]:
    one = Machine()
    monkeypatch.setattr(threads.os, "sched_getaffinity", lambda _: range(8), raising=False)
    monkeypatch.setattr(threads.os, "getloadavg", lambda: (one.own + one.others, 0, 0))
    monkeypatch.setattr(threads.time, "monotonic", lambda: one.now)
    monkeypatch.setattr(threads.time, "thread_time", lambda: one.used)
    monkeypatch.setattr(threads, "_own", threads._Own())
    before = torch.get_num_threads()
    torch.set_num_threads(8)
    yield one
    torch.set_num_threads(before)


def batches(machine: Machine, count: int) -> list[int]:
    """Return the threads that each of so many batches of two seconds got."""
    got = []
    for _ in range(count):
        with threads.torch_threads():
            got.append(torch.get_num_threads())
            machine.work(2.0, got[-1])
    return got


def test_a_long_work_keeps_its_cores(machine: Machine) -> None:
    assert set(batches(machine, 200)) == {8}
    assert torch.get_num_threads() == 8


def test_others_keep_theirs(machine: Machine) -> None:
    machine.others = 5.0
    assert set(batches(machine, 100)) == {3}
    machine.others = 30.0
    assert set(batches(machine, 10)) == {1}, "one at the least"
    machine.others = 0.0
    assert batches(machine, 100)[-1] == 8


def test_another_thread_of_this_process_is_another(machine: Machine) -> None:
    batches(machine, 200)
    seen: list[int] = []
    other = threading.Thread(target=lambda: seen.append(threads.idle_cores()))
    other.start()
    other.join()
    assert seen == [1], "eight cores are in use, and not by it"


def test_a_count_is_taken_as_it_is(machine: Machine) -> None:
    with threads.torch_threads(3):
        assert torch.get_num_threads() == 3
    assert torch.get_num_threads() == 8
