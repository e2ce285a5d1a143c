"""How long does the page Patches take to show a changed keep ratio, and how long does the first use of weights take?

    python benchmarks/bench_patches.py [STEPS]

Needs Chromium (`ADQ_CHROMIUM` or on the path) and playwright; takes a few minutes. A step is one key press on the
slider of the page Patches with the data set `photos`, on a server that has shown the page before; the result is the
sheet of six images with five pictures each. `step_ms` is measured in the page, from the key press to the frame after
the new sheet, together with the CPU milliseconds of the server and its threads. `floor_ms` is a step of the same slider
where only kept patches are shown and nothing is reconstructed. `paint_ms` is the time of the same reconstruction
without page and server. First use is the first call in a new process that has imported torch; the import of torch is
reported separately.
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

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks._browser import chromium, free_port, wait_for_server
from benchmarks._report import ROOT, in_fresh_process, write

STEPS = 16
MODELS = ("unet", "mae")
QUERY = "projection=pca&diversity=vectors"  # the stages before the patches are not measured
QUIET = "[data-testid=stApp][data-test-script-state=notRunning]"
WATCH = """() => {
  const sheet = () => document.querySelector('section[class^=sheet-]')?.className;
  addEventListener('keydown', () => {
    const since = performance.now(), before = sheet();
    window.shown = null;
    const look = () => sheet() && sheet() !== before
      ? requestAnimationFrame(() => (window.shown = performance.now() - since)) : requestAnimationFrame(look);
    look();
  }, { capture: true });
}"""


def serve(folder: str) -> tuple[subprocess.Popen[bytes], str]:
    port = free_port()
    command = [sys.executable, "-m", "streamlit", "run", str(ROOT / "app" / "main.py")]
    command += ["--server.port", str(port), "--server.address", "127.0.0.1", "--server.headless", "true"]
    process = subprocess.Popen(
        command, cwd=ROOT, env={**os.environ, "ADQ_CACHE": folder, "ADQ_WARM_UP": "0"}, stdout=subprocess.DEVNULL
    )
    address = f"http://127.0.0.1:{port}"
    wait_for_server(address)
    return process, address


def cpu_ms(pid: int) -> float:
    """Return the CPU time of a process so far; nan if the system has no /proc."""
    stat = Path(f"/proc/{pid}/stat")
    if not stat.exists():
        return float("nan")
    fields = stat.read_text().rsplit(")", 1)[1].split()
    return 1000 * (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def steps(page: Any, pid: int, count: int) -> dict[str, float]:
    """Press keys on the slider, over new ratios in both directions, and return milliseconds per step."""
    page.evaluate(WATCH)
    thumb = page.locator(".st-key-patch_keep_ratio").get_by_role("slider")
    thumb.focus()
    found, spent = [], []
    for number in range(count):
        before = cpu_ms(pid)
        page.keyboard.press("ArrowLeft" if number < count // 2 else "ArrowRight")
        page.wait_for_function("() => window.shown", timeout=60_000)
        found.append(page.evaluate("() => window.shown"))
        page.wait_for_timeout(300)
        page.wait_for_selector(QUIET)
        page.wait_for_timeout(200)
        spent.append(cpu_ms(pid) - before)
    fresh = found[: count // 2]  # on the way back all images have been reconstructed before
    return {
        "step_ms": round(statistics.median(fresh), 1),
        "step_worst_ms": round(max(fresh), 1),
        "step_again_ms": round(statistics.median(found[count // 2 :]), 1),
        "server_cpu_ms": round(statistics.median(spent[: count // 2]), 1),
    }


def case(how: str, model: str, count: int) -> dict[str, Any]:
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory() as folder:
        process, address = serve(folder)
        try:
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(**chromium())
                page = browser.new_context(viewport={"width": 1280, "height": 800}).new_page()
                for _ in range(2):  # at the second visit all results exist and torch is imported
                    page.goto(f"{address}/patches?{QUERY}&patches={how}&painter={model}", timeout=120_000)
                    page.get_by_text("How to read this").wait_for(timeout=240_000)
                    page.wait_for_timeout(2000)
                row = {"view": how, "painter": model, **steps(page, process.pid, count)}
                row["chromium"] = browser.version
                browser.close()
            return row | {"load": round(os.getloadavg()[0], 1)}
        finally:
            process.terminate()
            process.wait(timeout=30)


def reconstruction_times(model: str) -> dict[str, float]:
    """Return median wall-clock and CPU milliseconds of nine reconstructions of the six images, without the page."""
    import numpy as np

    from adq_core.patches import reconstruct

    images = np.random.default_rng(0).integers(0, 256, (6, 64, 64, 3), dtype=np.uint8)
    keep = np.random.default_rng(1).random((6, 64)) < 0.75
    wall, cpu = [], []
    for _ in range(10):
        started, spent = time.perf_counter(), time.process_time()
        reconstruct(images, keep, patch_size=8, model=model, mirrored=False)
        wall.append(1000 * (time.perf_counter() - started))
        cpu.append(1000 * (time.process_time() - spent))
    return {
        "paint_ms": round(statistics.median(wall[1:]), 1),
        "paint_cpu_ms": round(statistics.median(cpu[1:]), 1),
    }


def first(what: str) -> dict[str, float]:
    """Return wall-clock and CPU seconds of importing torch, of our import, and of the first use of these weights."""
    found: dict[str, float] = {}

    def note(name: str, started: tuple[float, float]) -> tuple[float, float]:
        now = time.perf_counter(), time.process_time()
        found[f"{name}_s"], found[f"{name}_cpu_s"] = (round(b - a, 3) for a, b in zip(started, now, strict=True))
        return now

    now = time.perf_counter(), time.process_time()
    import torch  # noqa: F401

    now = note("torch_import", now)
    import numpy as np

    from adq_core.models import encode
    from adq_core.patches import reconstruct

    now = note("our_import", now)
    if what == "small":
        encode(np.zeros((1, 3, 32, 32), np.float32))
    else:
        reconstruct(np.zeros((1, 64, 64, 3), np.uint8), np.zeros((1, 64), bool), patch_size=8, model=what)
    note("first_use", now)
    return found


def main(count: int) -> None:
    this = Path(__file__)
    rows: list[dict[str, Any]] = []
    for what in ("small", *MODELS):
        rows.append({"weights": what, **in_fresh_process(this, "first", what)})
        print(json.dumps(rows[-1]))
    for how, model in (("kept patches", MODELS[0]), *(("painted again", name) for name in MODELS)):
        row = in_fresh_process(this, "case", how, model, str(count))
        if how == "painted again":
            row |= in_fresh_process(this, "reconstruct", model)
            row["floor_ms"] = next(r["step_ms"] for r in rows if r.get("view") == "kept patches")
            row["times_floor"] = round(row["step_ms"] / row["floor_ms"], 2)
        rows.append(row)
        print(json.dumps(row))
    print(write("patches", rows, __doc__.splitlines()[0]))


if __name__ == "__main__":
    if sys.argv[1:2] == ["case"]:
        print(json.dumps(case(sys.argv[2], sys.argv[3], int(sys.argv[4]))))
    elif sys.argv[1:2] == ["reconstruct"]:
        print(json.dumps(reconstruction_times(sys.argv[2])))
    elif sys.argv[1:2] == ["first"]:
        print(json.dumps(first(sys.argv[2])))
    else:
        main(int(sys.argv[1]) if sys.argv[1:] else STEPS)
