"""How long does the app need from the start of the server to the first map and to the complete page, cold and warm?

    python benchmarks/bench_start.py

The built-in photographs with the default settings. *Cold*: an empty store and no functions compiled by numba. *Warm*:
the same again, with both. Bytecode exists in both cases, because pip writes it during the installation. Seconds are
counted from the start of `streamlit run app/main.py`, through opening the page in Chromium, to the first map, and to a
complete page; CPU seconds of the server are reported too, because other processes affect them less. Then, with a warm
store, every page reruns on `digits` at another alpha, in a process of its own that has computed the results itself,
like a server (torch and numba are loaded). Needs Chromium (`ADQ_CHROMIUM` or on the path), playwright and psutil.
`python benchmarks/bench_start.py reruns` prints only the reruns and writes nothing.

Reruns use Streamlit's AppTest. `median_ms` and `least_ms` are the times of its `run()`: the script, and work that only
AppTest does (it sends the values of the widgets, starts a thread and reads every element: a few milliseconds).
`script_ms` is the time of the script alone, for which a user of a server waits, and `script_cpu_ms` its CPU time, on
which other work on the machine has the smallest effect. In all cases the scripts are compiled again at every run, about
five milliseconds; a server compiles them once.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import psutil
from _browser import chromium, free_port, wait_for_server
from _report import ROOT, write

PATIENCE = 600
SERVER = ["--server.address=127.0.0.1", "--server.headless=true"]
PICTURES = {  # page: CSS selector of its first picture
    "": "canvas.picture",
    "quotas": "canvas.picture",
}
DONE = "[data-testid=stApp][data-test-script-state=notRunning]"


def environment(folder: Path) -> dict[str, str]:
    """Return the environment of a server with results and compiled functions in this folder, bytecode next to it."""
    variables = {"ADQ_CACHE": "store", "NUMBA_CACHE_DIR": "numba", "PYTHONPYCACHEPREFIX": "../bytecode"}
    own = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**own, **{name: str((folder / part).resolve()) for name, part in variables.items()}}


def measure(folder: Path, path: str, settings: str) -> dict[str, Any]:
    """Start a server, open one page and return the seconds until each of its parts was visible."""
    from playwright.sync_api import sync_playwright

    port = free_port()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**chromium())
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        started = time.perf_counter()
        server = subprocess.Popen(
            [sys.executable, "-m", "streamlit", "run", "app/main.py", f"--server.port={port}", *SERVER],
            cwd=ROOT,
            env=environment(folder),
            stdout=subprocess.DEVNULL,
        )
        try:
            cpu = psutil.Process(server.pid)

            def lap() -> dict[str, float]:
                used = cpu.cpu_times()
                return {
                    "seconds": round(time.perf_counter() - started, 2),
                    "cpu_seconds": round(used.user + used.system, 1),
                }

            wait_for_server(f"http://127.0.0.1:{port}")
            row = {"server_up": lap()}
            page.goto(f"http://127.0.0.1:{port}/{path}{settings}")
            page.wait_for_selector(PICTURES[path], timeout=PATIENCE * 1000)
            row["first_picture"] = lap()
            quiet_since = None
            while quiet_since is None or time.perf_counter() - quiet_since < 1.5:
                busy = page.locator("[data-testid=stProgress]").count() or not page.locator(DONE).count()
                if busy:
                    quiet_since = None
                elif quiet_since is None:
                    quiet_since, row["nothing_left"] = time.perf_counter(), lap()
                page.wait_for_timeout(100)
                if time.perf_counter() - started > PATIENCE:
                    raise SystemExit(f"The page /{path} was not complete within {PATIENCE} seconds.")
            row["peak_mb"] = round(cpu.memory_full_info().rss / 1e6)
            return row
        finally:
            browser.close()
            server.terminate()
            server.wait(timeout=20)


RERUNS = """
import json, os, statistics, time
from streamlit.runtime.scriptrunner.script_runner import ScriptRunner
from streamlit.testing.v1 import AppTest

spent = []
run_script = ScriptRunner._run_script

def timed(self, data):
    since, used = time.perf_counter(), time.thread_time()
    try:
        return run_script(self, data)
    finally:
        spent.append((1000 * (time.perf_counter() - since), 1000 * (time.thread_time() - used)))

def until_complete(page):
    deadline = time.time() + 400
    page.run()
    while page.get("progress") and time.time() < deadline:
        time.sleep(0.5)
        page.run()
    assert not (page.exception or page.error or page.get("progress")), "the page is not complete"

ScriptRunner._run_script = timed
page = AppTest.from_file(os.environ["ADQ_MAIN"], default_timeout=600)
page.query_params["dataset"] = "digits"
until_complete(page)
rows = []
for view in os.environ["ADQ_VIEWS"].split():
    if view != "home":
        page.switch_page(f"views/{view}.py")
    until_complete(page)
    whole = []
    for k in range(20):
        if k == 5:
            whole.clear()
            spent.clear()
        page.session_state["alpha"] = k / 20
        since = time.perf_counter()
        page.run()
        whole.append(1000 * (time.perf_counter() - since))
    script, cpu = zip(*spent, strict=True)
    middle = {"median_ms": whole, "script_ms": script, "script_cpu_ms": cpu}
    row = {"page": f"{view}, rerun on digits", "store": "warm"}
    row |= {name: round(statistics.median(values), 1) for name, values in middle.items()}
    rows.append(row | {"least_ms": round(min(whole), 1)})
print(json.dumps(rows))
"""


def reruns(folder: Path) -> list[dict[str, Any]]:
    """Return the times of a full rerun of each page on `digits` at another alpha, with all results stored."""
    calm = {**environment(folder), "ADQ_WARM_UP": "0", "ADQ_MAIN": str(ROOT / "app" / "main.py")}
    calm["ADQ_VIEWS"] = " ".join(sorted(path.stem for path in (ROOT / "app" / "views").glob("[a-z]*.py")))
    done = subprocess.run(
        [sys.executable, "-c", RERUNS], cwd=ROOT, env=calm, stdout=subprocess.PIPE, text=True, check=True
    )
    rows: list[dict[str, Any]] = json.loads(done.stdout.strip().splitlines()[-1])
    return rows


def main() -> None:
    """Measure cold, then warm, for the home page and the map's page, and the reruns; write results/start.json."""
    rows = []
    with tempfile.TemporaryDirectory(prefix="bench-start-") as top:
        measure(Path(top) / "bytecode only", "", "")
        for path in PICTURES:
            folder = Path(top) / (path or "home")
            for store in ("cold", "warm"):
                rows.append({"page": path or "home", "store": store, **measure(folder, path, "")})
                print(rows[-1], flush=True)
            if path == "quotas":
                rows += reruns(folder)
                print(*rows[-12:], sep="\n", flush=True)
    print(write("start", rows, __doc__.splitlines()[0]))


if __name__ == "__main__":
    if sys.argv[1:] == ["reruns"]:
        with tempfile.TemporaryDirectory(prefix="bench-start-") as top:
            print(*reruns(Path(top)), sep="\n")
    else:
        main()
