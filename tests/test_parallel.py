"""Parallel work: the results are in order, few are computed ahead, and errors and closing end the work."""

from __future__ import annotations

import os
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from typing import Any

import joblib
import pytest

from adq_core import parallel
from adq_core.parallel import ByteBudget, cpu_count, map_ordered


def test_the_number_of_cores_is_joblibs(monkeypatch: pytest.MonkeyPatch) -> None:
    assert cpu_count() >= 1
    monkeypatch.setattr(joblib, "cpu_count", lambda: 3)
    assert cpu_count() == 3


@pytest.mark.parametrize("n_threads", [1, 2, 5])
def test_results_are_in_the_order_of_the_items(n_threads: int) -> None:
    later = threading.Event()

    def work(item: int) -> int:
        if n_threads > 1 and item == 0:
            assert later.wait(60)  # the first item ends after the second one
        if item == 1:
            later.set()
        return item * item

    assert list(map_ordered(work, range(20), n_threads)) == [item * item for item in range(20)]


def test_few_items_are_computed_ahead() -> None:
    taken: list[int] = []

    def items() -> list[int]:
        for item in range(100):
            taken.append(item)
            yield item

    with closing(map_ordered(lambda item: item, items(), 2)) as results:
        assert next(results) == 0
        assert len(taken) == 4
        assert next(results) == 1
        assert len(taken) == 5


def test_an_exception_is_raised_in_the_place_of_the_result() -> None:
    begun: list[int] = []

    def work(item: int) -> int:
        begun.append(item)
        return 10 // (5 - item)

    results = map_ordered(work, range(100), 2)
    assert [next(results) for _ in range(5)] == [2, 2, 3, 5, 10]
    with pytest.raises(ZeroDivisionError):
        next(results)
    assert len(begun) <= 9


def test_closing_cancels_the_items_that_have_not_begun(monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[int] = []
    futures: list[Future[None]] = []
    finish, cancelled, both_busy = threading.Event(), threading.Event(), threading.Event()

    class Pool(ThreadPoolExecutor):
        def submit(self, *arguments: Any) -> Future[None]:
            futures.append(super().submit(*arguments))
            return futures[-1]

    def work(item: int) -> None:
        begun.append(item)
        if len(begun) == 3:
            both_busy.set()
        if item > 0:
            assert finish.wait(60)

    monkeypatch.setattr(parallel, "ThreadPoolExecutor", Pool)
    results = map_ordered(work, range(100), 2)
    next(results)
    assert both_busy.wait(60)
    futures[3].add_done_callback(lambda future: cancelled.set())  # both threads wait in the items 1 and 2
    closing_thread = threading.Thread(target=results.close)
    closing_thread.start()
    assert cancelled.wait(60)
    finish.set()
    closing_thread.join(60)
    assert futures[3].cancelled()
    assert sorted(begun) == [0, 1, 2]


def test_threads_wait_until_their_bytes_are_free() -> None:
    budget, entered, leave = ByteBudget(100), threading.Event(), threading.Event()

    def hold(n_bytes: int) -> None:
        with budget.hold(n_bytes):
            entered.set()
            assert leave.wait(60)

    with ThreadPoolExecutor(3) as pool:
        first = pool.submit(hold, 60)
        assert entered.wait(60)
        entered.clear()
        second = pool.submit(hold, 41)
        assert not entered.wait(0.1)
        third = pool.submit(hold, 40)  # fits beside the first
        assert entered.wait(60)
        leave.set()
        for future in (first, second, third):
            future.result(60)


def test_one_that_needs_more_than_all_bytes_works_alone_and_an_error_frees_them() -> None:
    budget, passed = ByteBudget(100), threading.Event()

    def hold() -> None:
        for _ in range(2):
            with pytest.raises(ZeroDivisionError), budget.hold(1000):
                raise ZeroDivisionError
        with budget.hold(100):
            passed.set()

    threading.Thread(target=hold, daemon=True).start()  # if bytes are not freed, it waits for ever
    assert passed.wait(20)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_forked_process_has_its_whole_budget() -> None:
    budget = ByteBudget(100)
    with budget.hold(100):
        process = os.fork()
        if process == 0:
            with budget.hold(100):
                os._exit(7)
        assert os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]) == 7
