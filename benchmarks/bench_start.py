"""How long from the start of the server to a first picture and to the whole page, with nothing kept and with all?

    python benchmarks/bench_start.py

The built-in photographs with the default settings. *Cold*: an empty store and none of numba's compiled loops. *Warm*:
the same again, with both. Bytecode is there in both, as pip makes it while it installs. Seconds from starting
`streamlit run app/main.py`, through opening the page in Chromium, to the first map on it, and to a page on which
nothing is left to do; beside them the server's CPU seconds, which other work on the machine disturbs less. Then, on a
warm store, a full rerun of the map's page on `digits`, timed in a process of its own. Needs Chromium (`ADQ_CHROMIUM`
or on the path), playwright and psutil.
"""

from __future__ import annotations

import json
import os
import statistics
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
PICTURES = {  # page: what is its picture
    "": ".js-plotly-plot .scatterlayer .trace",
    "quotas": "canvas",
}
DONE = "[data-testid=stApp][data-test-script-state=notRunning]"


def environment(folder: Path) -> dict[str, str]:
    """Return the environment of a server that keeps its results and loops in this folder, and bytecode beside it."""
    kept = {"ADQ_CACHE": "store", "NUMBA_CACHE_DIR": "numba", "PYTHONPYCACHEPREFIX": "../bytecode"}
    own = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**own, **{name: str((folder / part).resolve()) for name, part in kept.items()}}


def measure(folder: Path, path: str, settings: str) -> dict[str, Any]:
    """Start a server, open one page and return when what was to be seen."""
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


def reruns(folder: Path) -> dict[str, Any]:
    """Return how long the server takes for a full rerun of the quotas page on `digits`, all results at hand."""
    script = f"""
import json, time
from streamlit.testing.v1 import AppTest
page = AppTest.from_file({str(ROOT / "app" / "main.py")!r}, default_timeout=300)
page.query_params["dataset"] = "digits"
page.run()
page.switch_page("views/quotas.py").run()
deadline = time.time() + 240
while time.time() < deadline and "Quotas over alpha" not in [title.value for title in page.subheader]:
    time.sleep(1)
    page.run()
assert not page.exception and not page.error and page.subheader, "the page is not complete"
times = []
for k in range(-5, 15):
    page.session_state["alpha"] = (k + 5) / 20
    since = time.perf_counter()
    page.run()
    times.append(1000 * (time.perf_counter() - since))
print(json.dumps(times[5:]))
"""
    calm = {**environment(folder), "ADQ_WARM_UP": "0"}
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, env=calm, capture_output=True, text=True, check=True
    )
    times = json.loads(done.stdout.strip().splitlines()[-1])
    return {"median_ms": round(statistics.median(times), 1), "least_ms": round(min(times), 1)}


def main() -> None:
    """Measure cold, then warm, for the home page and the map's page; write results/start.json."""
    rows = []
    with tempfile.TemporaryDirectory(prefix="bench-start-") as top:
        measure(Path(top) / "bytecode only", "", "")
        for path in PICTURES:
            folder = Path(top) / (path or "home")
            for store in ("cold", "warm"):
                rows.append({"page": path or "home", "store": store, **measure(folder, path, "")})
                print(rows[-1], flush=True)
            if path == "quotas":
                rows.append({"page": "quotas, rerun on digits", "store": "warm", **reruns(folder)})
                print(rows[-1], flush=True)
    print(write("start", rows, __doc__.splitlines()[0]))


if __name__ == "__main__":
    main()
