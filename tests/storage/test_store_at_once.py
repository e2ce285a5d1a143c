"""Concurrent requests for one key: threads and processes compute it once, and each can be cancelled."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from adq_core.errors import Cancelled, InputError
from adq_core.records import Texture
from adq_core.storage.store import Store
from tests.store_records import ExampleRecord, example_record, must_not_compute

ROOT = Path(__file__).parents[2]


def at_once(count: int, request: Callable[[int], object]) -> list[object]:
    """Return the results or exceptions of `request` in `count` threads that start at the same time."""
    gate, results = threading.Barrier(count), [None] * count

    def work(number: int) -> None:
        gate.wait()
        try:
            results[number] = request(number)
        except BaseException as error:
            results[number] = error

    threads = [threading.Thread(target=work, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return results


@pytest.mark.parametrize("on_disk", [False, True])
def test_threads_that_request_one_key_compute_it_once(on_disk: bool, tmp_path: Path) -> None:
    store, made, crowd = Store(tmp_path if on_disk else None), [], Crowd(7)

    def make() -> ExampleRecord:
        made.append(1)
        assert crowd.complete.wait(60)
        return example_record()

    results = at_once(8, lambda number: store.get_or_compute(ExampleRecord, "k", make, waiting=crowd.waiting))
    assert len(made) == 1
    assert len(set(map(id, results))) == 1
    assert isinstance(results[0], ExampleRecord)


def test_threads_that_request_different_keys_do_not_wait_for_each_other() -> None:
    store, meet = Store(), threading.Barrier(4, timeout=60)

    def make(number: int) -> ExampleRecord:
        meet.wait()  # continues only if all four are computed at the same time
        return example_record(str(number))

    results = at_once(4, lambda number: store.get_or_compute(ExampleRecord, str(number), lambda: make(number)))
    assert [answer.key for answer in results] == ["0", "1", "2", "3"]


class Crowd:
    """Count the waiting threads, so that the computation continues only when all others wait."""

    def __init__(self, expected: int) -> None:
        self.expected, self.seen, self.complete = expected, set[int](), threading.Event()

    def waiting(self) -> None:
        self.seen.add(threading.get_ident())
        if len(self.seen) == self.expected:
            self.complete.set()


def test_an_error_is_raised_in_every_waiting_thread_and_leaves_no_file(tmp_path: Path) -> None:
    store, tries, crowd = Store(tmp_path), [], Crowd(5)

    def make() -> ExampleRecord:
        tries.append(1)
        assert crowd.complete.wait(60)
        raise InputError("no good")

    results = at_once(6, lambda number: store.get_or_compute(ExampleRecord, "k", make, waiting=crowd.waiting))
    assert [str(answer) for answer in results] == ["no good"] * 6
    assert len(tries) == 1
    assert not (tmp_path / "example").exists()
    assert store._pending == {}
    assert store.get_or_compute(ExampleRecord, "k", example_record).key == "k"


def test_after_a_cancelled_computation_the_next_thread_computes() -> None:
    store, tries, crowd = Store(), [], Crowd(3)

    def make() -> ExampleRecord:
        tries.append(1)
        if len(tries) == 1:
            assert crowd.complete.wait(60)
            raise Cancelled("stopped")
        return example_record()

    results = at_once(4, lambda number: store.get_or_compute(ExampleRecord, "k", make, waiting=crowd.waiting))
    assert sorted(type(answer).__name__ for answer in results) == [
        "Cancelled",
        "ExampleRecord",
        "ExampleRecord",
        "ExampleRecord",
    ]
    assert len(tries) == 2


def test_waiting_can_be_cancelled() -> None:
    store, begun, go = Store(), threading.Event(), threading.Event()

    def slow() -> ExampleRecord:
        begun.set()
        go.wait(60)
        return example_record()

    first = threading.Thread(target=lambda: store.get_or_compute(ExampleRecord, "k", slow))
    first.start()
    assert begun.wait(60)

    def stop() -> None:
        raise Cancelled("stopped")

    with pytest.raises(Cancelled):
        store.get_or_compute(ExampleRecord, "k", must_not_compute, waiting=stop)
    go.set()
    first.join(60)
    assert store.get_or_compute(ExampleRecord, "k", must_not_compute).key == "k"


MAKER = """
import sys, time
from pathlib import Path
import numpy as np
from adq_core.records import Texture
from adq_core.storage.store import Store

folder = Path(sys.argv[1])

def make():
    with (folder / "made").open("a") as file:
        file.write("x")
    time.sleep(0.5)
    return Texture(values=np.arange(3.0), key="k")

(folder / f"here{sys.argv[2]}").touch()
while len(list(folder.glob("here*"))) < 2:
    time.sleep(0.01)
print(Store(folder / "store").get_or_compute(Texture, "k", make).digest())
"""


def test_processes_that_request_one_key_compute_it_once(tmp_path: Path) -> None:
    command = [sys.executable, "-c", MAKER, str(tmp_path)]
    started = [
        subprocess.Popen([*command, str(number)], cwd=ROOT, stdout=subprocess.PIPE, text=True) for number in range(2)
    ]
    results = {process.communicate(timeout=300)[0] for process in started}
    assert results == {Texture(values=np.arange(3.0), key="k").digest() + "\n"}
    assert (tmp_path / "made").read_text() == "x"
