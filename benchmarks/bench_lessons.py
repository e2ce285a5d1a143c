"""How long does the answer to a drag take when a class of thirty works on one lesson at the same time, on two cores?

    python benchmarks/bench_lessons.py            all lessons
    python benchmarks/bench_lessons.py Greedy     only these; the results are not written

Thirty sessions have the same lesson open. Each drags a point: it sends the new positions of all points, waits for the
scene with all steps, and sends the next ones. *Class*: a pause of 0.5 to 1.5 seconds between two messages, as students
who look at the result make. *Dragging*: every session sends the next message a tenth of a second after the last answer,
so that all thirty drag at every moment without a pause. The server has two cores. Sessions speak the protocol of the
frontend (`_sessions.py`): the seconds include the script, the network layer and the transfer, but not the browser.
`server_cpu_ms` is the processor time of the
server per message, with its share of opening the pages; unlike the seconds, it does not depend on the load of the
machine. Goal: 300 ms for 95 % of the answers in the class.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from _report import ROOT, write
from _sessions import Session
from bench_sessions import QUERY, server

from app.lessons import LESSONS, Lesson

SESSIONS, MOVES = 30, 12
GOAL_MS = 300
CASES = {"class": (0.5, 1.5), "dragging": (0.1, 0.1)}  # shortest and longest pause in seconds


def seconds_of_moves(port: int, lesson: Lesson, pause: tuple[float, float]) -> list[float]:
    """Return the seconds of every answer in thirty sessions at the same time."""

    def visitor(number: int) -> list[float]:
        rng, seconds, case = np.random.default_rng(number), [], lesson.cases[0]
        points = lesson.start(case)
        low, high = np.reshape(lesson.limits(case).box, (2, 2))
        with Session(port, "learn", lesson=lesson.name, **QUERY) as session:
            session.settle()
            for serial in range(1, MOVES + 1):
                time.sleep(rng.uniform(*pause))
                points[rng.integers(len(points))] = rng.uniform(np.maximum(low, 0.1), high)
                component, fragment = session.component("lesson")
                moved = {"place": f"{lesson.name}/{case}", "serial": serial, "points": points.tolist()}
                session.set_state(component, {"moved": moved})
                seconds.append(session.rerun(fragment=fragment))
                answer = json.loads(session.component("lesson")[0].json)
                assert answer["serial"] == serial, "the server has not used the points"
        return seconds[2:]  # at the first moves the others may still be opening the page

    with ThreadPoolExecutor(SESSIONS) as pool:
        return [one for seconds in pool.map(visitor, range(SESSIONS)) for one in seconds]


def main() -> None:
    """Measure every lesson with points in both cases and write the results."""
    question = f"How long does the answer to a drag take with {SESSIONS} sessions on two cores? Goal: {GOAL_MS} ms."
    names = sys.argv[1:]
    rows: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as name, server(ROOT / "app" / "main.py", Path(name)) as (port, process):
        for lesson in LESSONS.values():
            if not len(lesson.start(lesson.cases[0])) or (names and lesson.name not in names):
                continue
            with Session(port, "learn", lesson=lesson.name, **QUERY) as first:
                first.settle()
            for case, pause in CASES.items():
                before, used = os.getloadavg()[0], sum(process.cpu_times()[:2])
                seconds = seconds_of_moves(port, lesson, pause)
                median, high = np.quantile(seconds, [0.5, 0.95])
                rows.append(
                    {
                        "case": f"{lesson.name}, {case}",
                        "sessions": SESSIONS,
                        "answers": len(seconds),
                        "median_ms": round(1000 * float(median)),
                        "p95_ms": round(1000 * float(high)),
                        "most_ms": round(1000 * max(seconds)),
                        "server_cpu_ms": round(1000 * (sum(process.cpu_times()[:2]) - used) / (SESSIONS * MOVES), 1),
                        "load_before": round(before, 1),
                    }
                )
                print(rows[-1], flush=True)
    if not names:
        print(write("lessons", rows, question))


if __name__ == "__main__":
    main()
