"""How smoothly do many images scroll in the image browser, in st.image and in st.dataframe with an image column?

python benchmarks/bench_browse.py            # 100,000 images; st.image and st.dataframe at sizes that they survive
python benchmarks/bench_browse.py 2000       # only this size, for all three
python benchmarks/bench_browse.py --table    # the README's table, from the results file

Needs Chromium (`ADQ_CHROMIUM` or on the path) and playwright. The images are the built-in photographs, each shifted and
with its own brightness, so that no two are equal. The page scrolls by script for eight seconds: `slow_*` three screens
per second, `fast_*` from one end to the other. Frames are counted in the page by `requestAnimationFrame`. Chromium
draws by the processor, without a GPU. `bytes` are those that the browser receives until the first picture and while it
scrolls; `memory_mb` is the resident memory of the page's process afterwards; `filled` is the share of visible tiles
that have their picture half a second after the scrolling.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from _browser import FLAGS, chromium, free_port, wait_for_server
from _report import RESULTS, ROOT, in_fresh_process, write

SIZE = 100_000
OTHERS = {"image": (1_000, 3_000), "frame": (1_000, 10_000)}  # sizes tried for the two elements of Streamlit
SECONDS = 8
LIMIT_S = 120  # until the first picture
VIEWPORT = {"width": 1346, "height": 900}
GRID = "[...(globalThis[Symbol.for('adq.image_grid')]?.grids.values() ?? [])][0]"
READY = {
    "grid": f"() => {GRID}?.layout && {GRID}.sheets.tiles[0].size >= 64",
    "image": "() => document.querySelectorAll('[data-testid=stImage] img').length >= 1"
    " && [...document.querySelectorAll('[data-testid=stImage] img')].slice(0, 20).every(one => one.complete)",
    "frame": "() => document.querySelector('[data-testid=stDataFrame] canvas')",
}
SCROLLER = {
    "grid": f"{GRID}.panel.scroller",
    "image": "[...document.querySelectorAll('[data-testid=stVerticalBlock], [data-testid=stLayoutWrapper] *')]"
    ".find(one => one.scrollHeight > one.clientHeight + 50 && getComputedStyle(one).overflowY === 'auto')",
    "frame": "document.querySelector('[data-testid=stDataFrame] .dvn-scroller')",
}
SCROLL = """async ([seconds, perSecond]) => {
  const scroller = SCROLLER;
  const end = scroller.scrollHeight - scroller.clientHeight, began = performance.now(), times = [];
  const speed = perSecond ? perSecond * scroller.clientHeight : end / seconds;
  await new Promise((done) => {
    const step = (now) => {
      times.push(now);
      scroller.scrollTop = Math.min(end, ((now - began) / 1000) * speed);
      if (now - began < seconds * 1000) requestAnimationFrame(step);
      else done();
    };
    requestAnimationFrame(step);
  });
  return times.slice(1).map((time, n) => time - times[n]);
}"""
FILLED = f"""() => {{
  const grid = {GRID}, first = Math.floor(grid.offset / grid.layout.pitch) * grid.layout.columns;
  const rows = grid.order.subarray(first, first + grid.layout.columns * Math.ceil(grid.viewHeight / grid.layout.pitch));
  return rows.filter((row) => grid.sheets.tile(row, false)).length / rows.length;
}}"""


def serve() -> tuple[subprocess.Popen[bytes], str]:
    """Start the server of the page; return its process and its address."""
    port = free_port()
    command = [sys.executable, "-m", "streamlit", "run", str(ROOT / "benchmarks" / "_browse_page.py")]
    command += ["--server.port", str(port), "--server.address", "127.0.0.1", "--server.headless", "true"]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)
    address = f"http://127.0.0.1:{port}"
    wait_for_server(address)
    return process, address


def frames_per_second(name: str, gaps: list[float]) -> dict[str, float]:
    """Return the mean frames per second, and the rate that 95 % of the frames reach."""
    slow = statistics.quantiles(gaps, n=20)[-1]
    return {f"{name}_fps": round(1000 * len(gaps) / sum(gaps), 1), f"{name}_95th_fps": round(1000 / slow, 1)}


def renderer_memory() -> float:
    """Return the largest resident memory, in MB, of the processes below this one that draw pages."""
    found = [0.0]
    for path in Path("/proc").glob("[0-9]*"):
        try:
            if b"--type=renderer" in (path / "cmdline").read_bytes() and _is_below(int(path.name), os.getpid()):
                found.append(int(_status(int(path.name), "VmRSS")) / 1000)
        except (OSError, IndexError):  # the process has ended
            continue
    return round(max(found), 1)


def _is_below(process: int, ancestor: int) -> bool:
    while process > 1 and process != ancestor:
        process = int(_status(process, "PPid"))
    return process == ancestor


def _status(process: int, name: str) -> str:
    return Path(f"/proc/{process}/status").read_text().split(f"{name}:")[1].split()[0]


def measure(draw: str, m: int) -> dict[str, Any]:
    """Return the row of one element at one size."""
    from playwright.sync_api import Error, sync_playwright

    process, address = serve()
    row: dict[str, Any] = {"draw": draw, "images": m}
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(**chromium())
            page = browser.new_page(viewport=VIEWPORT)
            received = [0]
            session = page.context.new_cdp_session(page)
            session.send("Network.enable")
            session.on("Network.dataReceived", lambda event: _add(received, event["encodedDataLength"]))
            session.on(
                "Network.webSocketFrameReceived", lambda event: _add(received, len(event["response"]["payloadData"]))
            )
            page.set_default_timeout(LIMIT_S * 1000)
            try:
                page.goto(f"{address}/?draw={draw}&m={m}")  # makes the images
                page.wait_for_function(READY[draw], timeout=LIMIT_S * 1000)
                page.goto("about:blank")
                received[0], since = 0, time.perf_counter()
                page.goto(f"{address}/?draw={draw}&m={m}")
                page.wait_for_function(READY[draw], timeout=LIMIT_S * 1000)
                row["first_picture_s"] = round(time.perf_counter() - since, 2)
                row |= _scroll(page, draw, received)
            except Error as error:
                row["failed"] = str(error).splitlines()[0][:120]
            row["memory_mb"] = renderer_memory()
            browser.close()
    finally:
        process.terminate()
        process.wait(timeout=60)
    return row


def _scroll(page: Any, draw: str, received: list[int]) -> dict[str, Any]:
    page.wait_for_timeout(2000)
    row: dict[str, Any] = {"first_mb": round(received[0] / 1e6, 2)}
    script = SCROLL.replace("SCROLLER", SCROLLER[draw])
    for name, speed in (("slow", 3), ("fast", 0)):
        before = received[0]
        row |= frames_per_second(name, page.evaluate(script, [SECONDS, speed]))
        page.wait_for_timeout(500)
        if draw == "grid":
            row[f"{name}_filled"] = round(page.evaluate(FILLED), 3)
        row[f"{name}_mb"] = round((received[0] - before) / 1e6, 2)
    return row


def _add(total: list[int], count: float) -> None:
    total[0] += int(count)


def table() -> str:
    """Return the rows of the results file as a Markdown table."""
    rows = json.loads((RESULTS / "browse.json").read_text())["rows"]
    names = {"grid": "image browser", "image": "`st.image`", "frame": "`st.dataframe`"}
    lines = [
        "| | images | frames per second, slow | fast | first picture | received | memory |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        if "failed" in row:
            lines.append(
                f"| {names[row['draw']]} | {row['images']:,} | did not finish | | | | {row['memory_mb']:.0f} MB |"
            )
            continue
        total = row["first_mb"] + row["slow_mb"] + row["fast_mb"]
        lines.append(
            f"| {names[row['draw']]} | {row['images']:,} | {row['slow_fps']:.0f} | {row['fast_fps']:.0f} | "
            f"{row['first_picture_s']:.1f} s | {total:.1f} MB | {row['memory_mb']:.0f} MB |"
        )
    return "\n".join(lines)


def main(arguments: list[str]) -> None:
    """Measure each case in a process of its own and write the results."""
    if arguments == ["--table"]:
        print(table())
        return
    if arguments[:1] == ["--one"]:
        print(json.dumps(measure(arguments[1], int(arguments[2]))))
        return
    size = int(arguments[0]) if arguments else SIZE
    others = dict.fromkeys(OTHERS, (size,)) if arguments else OTHERS
    cases = [("grid", size), *((draw, m) for draw, sizes in others.items() for m in sizes)]
    rows = []
    for draw, m in cases:
        rows.append(in_fresh_process(__file__, "--one", draw, str(m)))
        print(rows[-1], flush=True)
    ours = rows[0]
    for row in rows[1:]:
        if "slow_fps" in row and "slow_fps" in ours:
            row["slow_fps_of_ours"] = round(row["slow_fps"] / ours["slow_fps"], 2)
            row["memory_of_ours"] = round(row["memory_mb"] / ours["memory_mb"], 2)
    print(write("browse", rows, __doc__.splitlines()[0], flags=FLAGS, viewport=VIEWPORT, seconds=SECONDS))
    print(table())


if __name__ == "__main__":
    main(sys.argv[1:])
