"""How long does a change of alpha take when 20 people use one server on two cores, and does its memory grow?

    python benchmarks/bench_sessions.py

One server with the built-in set `digits`, raw pixels and PCA, results in the store. 20 sessions are open on the page
Quotas; each moves alpha again and again and waits for the whole page. *Busy*: without a pause, so all 20 wait for the
two cores at every moment. *Calm*: each pauses 1 to 3 seconds between two changes, as people do at most. Beside it, in
the same run and under the same load, a bare Streamlit script (one slider, one text) shows what Streamlit itself takes.
Sessions speak the protocol of the frontend over WebSockets (`_sessions.py`): the seconds include the script, the
network layer and the transfer, but not the work of a browser. Then 2,000 changes of alpha in four sessions one after
the other: the resident memory of the server after the first 200 and after all of them.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import psutil
from _browser import free_port, wait_for_server
from _report import ROOT, write
from _sessions import Session

SESSIONS, CHANGES = 20, 12  # changes per session
ACTIONS, WARM, VISITORS = 2_000, 200, 4
QUERY = {"dataset": "digits", "embeddings": "pixels", "projection": "pca", "diversity": "vectors"}
BARE = "import streamlit as st\nst.markdown(f\"alpha {st.slider('alpha', 0.0, 1.0, 0.5, 0.01, key='alpha'):.2f}\")\n"


@contextmanager
def server(script: Path, folder: Path) -> Iterator[tuple[int, psutil.Process]]:
    """Start a server on two cores and return its port and its process."""
    port = free_port()
    command = [sys.executable, "-m", "streamlit", "run", str(script), "--server.headless=true"]
    command += [f"--server.port={port}", "--server.address=127.0.0.1", "--browser.gatherUsageStats=false"]
    variables = {"ADQ_CACHE": str(folder / "cache"), "ADQ_DATA": str(folder / "data"), "ADQ_WARM_UP": "0"}
    process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **variables}, stdout=subprocess.DEVNULL)
    started = psutil.Process(process.pid)
    if hasattr(started, "cpu_affinity"):
        started.cpu_affinity(started.cpu_affinity()[:2])
    try:
        wait_for_server(f"http://127.0.0.1:{port}")
        yield port, started
    finally:
        process.terminate()
        process.wait(timeout=60)


def seconds_of_changes(open_session: Callable[[], Session], pause: float) -> list[float]:
    """Return the seconds of every change of alpha in 20 sessions at the same time."""

    def visitor(number: int) -> list[float]:
        rng, seconds = np.random.default_rng(number), []
        with open_session() as session:
            session.settle()
            for _ in range(CHANGES):
                time.sleep(pause * rng.uniform(0.5, 1.5))
                session.set_slider("alpha", round(rng.integers(0, 101) / 100, 2))
                seconds.append(session.rerun())
        return seconds[1:]  # at the first change the others may still be opening the page

    with ThreadPoolExecutor(SESSIONS) as pool:
        return [one for seconds in pool.map(visitor, range(SESSIONS)) for one in seconds]


def row(case: str, seconds: list[float], elapsed: float) -> dict[str, Any]:
    """Return the result of one case in milliseconds."""
    median, high = np.quantile(seconds, [0.5, 0.95])
    return {
        "case": case,
        "sessions": SESSIONS,
        "reruns": len(seconds),
        "median_ms": round(1000 * float(median)),
        "p95_ms": round(1000 * float(high)),
        "most_ms": round(1000 * max(seconds)),
        "reruns_per_second": round(len(seconds) / elapsed, 1),
    }


def latencies(sessions: dict[str, Callable[[], Session]]) -> list[dict[str, Any]]:
    """Return the rows of the busy and of the calm case of each server; the servers take turns under equal load."""
    rows = []
    for case, pause in (("busy", 0.0), ("calm", 2.0)):
        for name, open_session in sessions.items():
            start = time.perf_counter()
            seconds = seconds_of_changes(open_session, pause)
            rows.append(row(f"{name}, {case}", seconds, time.perf_counter() - start))
            print(rows[-1], flush=True)
    return rows


def memory(port: int, process: psutil.Process) -> dict[str, Any]:
    """Return the resident memory of the server after 200 and after 2,000 changes of alpha, in MB."""
    rng, after_warm, used = np.random.default_rng(0), 0, 0
    for visitor in range(VISITORS):
        with Session(port, "quotas", **QUERY) as session:
            session.settle()
            for _ in range(ACTIONS // VISITORS):
                session.set_slider("alpha", round(rng.integers(0, 101) / 100, 2))
                session.set_slider("Keep ratio", round(rng.integers(10, 190) / 200, 3))
                session.rerun()
                used += 1
                if used == WARM:
                    after_warm = process.memory_info().rss
        print(f"visitor {visitor}: {process.memory_info().rss / 1e6:.0f} MB", flush=True)
    after = process.memory_info().rss
    return {
        "case": "memory",
        "actions": used,
        "after_200_mb": round(after_warm / 1e6),
        "after_all_mb": round(after / 1e6),
        "growth_percent": round(100 * (after / after_warm - 1), 1),
    }


def main() -> None:
    """Measure all cases and write the results."""
    question = "How long does a change of alpha take with 20 sessions on two cores, and does memory grow?"
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "bare.py").write_text(BARE, encoding="utf-8")
        with server(ROOT / "app" / "main.py", folder) as (port, process):
            with Session(port, "quotas", **QUERY) as first:
                first.settle()
            with server(folder / "bare.py", folder) as (bare_port, _):
                app, bare = lambda: Session(port, "quotas", **QUERY), lambda: Session(bare_port)
                rows = latencies({"Quotas": app, "bare script": bare})
            rows.append(memory(port, process))
            print(rows[-1], flush=True)
    print(write("sessions", rows, question))


if __name__ == "__main__":
    main()
