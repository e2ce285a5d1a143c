"""How long does a step of alpha take until the map is drawn, on our map and on st.plotly_chart, and other actions?

python benchmarks/bench_map.py            # 2,000, 50,000 and 1,000,000 points; some minutes
python benchmarks/bench_map.py 2000       # only these sizes
python benchmarks/bench_map.py --table    # the README's table, from the results file

Needs Chromium (`ADQ_CHROMIUM` or on the path) and playwright. Times are taken inside the page: from the input event to
a message posted in the next animation frame, which arrives after the frame is drawn. `floor_ms` is the same for a
slider that only writes its value: no drawing can be faster than the screen. `floor_bytes_*` are the bytes that
Streamlit exchanges for one step of a page with only a slider.
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

SIZES = (2_000, 50_000, 1_000_000)
PLOTLY_UP_TO = 50_000
FRAME_MS = 1000 / 60
VIEWPORT = {"width": 1346, "height": 900}  # gives a canvas of 900 x 520
MAP = "[...(globalThis[Symbol.for('adq.bin_map')]?.maps.values() ?? [])][0]"
TOOLS = """
window.times = [];
window.painted = (since, then) => requestAnimationFrame(() => {
  const channel = new MessageChannel();
  channel.port1.onmessage = () => then(performance.now() - since);
  channel.port2.postMessage(0);
});
// Actions start at all moments of a frame, as in `presses`: an action right after a drawing waits for a whole frame.
let moment = 0;
window.timed = async (act) => {
  await new Promise((done) => setTimeout(done, 5 + 1000 / 60 * (moment++ * 0.618 % 1)));
  return new Promise((done) => { const since = performance.now(); act(); painted(since, done); });
};
window.watch = (target, kind) =>
  target.addEventListener(kind, () => painted(performance.now(), (ms) => times.push(ms)), true);
window.floor = () => {
  const box = document.createElement('div');
  box.innerHTML = '<input id="plain" type="range" min="0" max="100"><output></output>';
  document.body.append(box);
  const [slider, output] = box.children;
  slider.addEventListener('input', () => requestAnimationFrame(() => (output.textContent = slider.value)));
  watch(slider, 'input');
  slider.focus();
};
0;
"""
ZOOM = f"""async () => {{
  const map = {MAP}, found = [];
  for (let k = 0; k < 31; k++) found.push(await timed(() => map.actions.zoomAt(k % 2 ? 1.25 : 0.8, 300 + k, 200)));
  return found;
}}"""
LASSO = f"""async () => {{
  const map = {MAP}, found = [], [lowX, lowY, highX, highY] = map.points.bounds;
  for (let k = 0; k < 15; k++) {{
    const corners = Array.from({{ length: 120 }}, (_, n) => [
      (lowX + highX) / 2 + Math.cos((n / 120) * 2 * Math.PI) * (highX - lowX) * (0.2 + k / 100),
      (lowY + highY) / 2 + Math.sin((n / 120) * 2 * Math.PI) * (highY - lowY) * 0.3]);
    found.push(await timed(() => map.lasso.set(corners)));
    map.sync.cancel();
  }}
  map.state.polygon = null;
  return found;
}}"""
HOVER = f"""() => {{
  const map = {MAP}, found = [];
  map.actions.hoverAt(10, 10); // the grid is made here, once per zoom
  for (let k = 0; k < 20; k++) {{
    const since = performance.now(); // its resolution is 0.1 ms: measure twenty positions at a time
    for (let n = 20 * k; n < 20 * k + 20; n++) map.actions.hoverAt(60 + ((n * 37) % 780), 40 + ((n * 53) % 440));
    found.push((performance.now() - since) / 20);
  }}
  map.actions.hover(-1);
  return found;
}}"""
GRID = (
    f"() => {{ const m = {MAP}, since = performance.now(); m.renderer.makeGrid(); return performance.now() - since; }}"
)


def median(values: list[float]) -> float:
    return round(statistics.median(values), 2)


def spread(name: str, values: list[float]) -> dict[str, float]:
    """Return the median and the 10th percentile, because other work on the machine can only increase the times."""
    return {f"{name}_ms": median(values), f"{name}_10th_ms": round(statistics.quantiles(values, n=10)[0], 2)}


def serve() -> tuple[subprocess.Popen[bytes], str]:
    port = free_port()
    command = [sys.executable, "-m", "streamlit", "run", str(ROOT / "benchmarks" / "_map_page.py")]
    command += ["--server.port", str(port), "--server.address", "127.0.0.1", "--server.headless", "true"]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)
    address = f"http://127.0.0.1:{port}"
    wait_for_server(address)
    return process, address


def presses(page: Any, selector: str, keys: list[str], pause: int = 30) -> list[float]:
    """Press keys on a slider and return the milliseconds from each input event to the end of its drawing.

    `wait_for_function` checks once per frame, so with a fixed pause every key would be pressed at the same moment of a
    frame, and the median would be the time from that moment to the next frame: 17 ms for a slider that draws nothing. A
    user presses keys at any moment, so the pauses differ by steps of the golden section, which cover a frame evenly.
    """
    page.evaluate("() => { times.length = 0; }")
    page.locator(selector).focus()
    for n, key in enumerate(keys):
        page.keyboard.press(key)
        page.wait_for_function(f"() => times.length > {n}")
        page.wait_for_timeout(pause + FRAME_MS * (n * 0.618 % 1))
    return page.evaluate("() => times")


def measure_map(page: Any, address: str, m: int) -> dict[str, Any]:
    frames: dict[str, list[int]] = {"sent": [], "received": []}

    def listen(socket_: Any) -> None:
        socket_.on("framesent", lambda data: frames["sent"].append(len(data)))
        socket_.on("framereceived", lambda data: frames["received"].append(len(data)))

    page.on("websocket", listen)
    first = []
    for _ in range(4):  # the first visit computes the store, the others use it
        page.goto("about:blank")
        since = time.perf_counter()
        page.goto(f"{address}/?draw=map&m={m}")
        page.wait_for_function(
            f"() => globalThis[Symbol.for('adq.bin_map')]?.maps?.size && {MAP}.quota", timeout=120_000
        )
        first.append(time.perf_counter() - since)
    page.evaluate(TOOLS)
    page.wait_for_timeout(1500)
    row: dict[str, Any] = {"draw": "map", "points": m}
    row["canvas"] = page.evaluate(f"() => {MAP}.renderer.size.slice(0, 2)")
    row["first_picture_s"], row["first_picture_cold_s"] = round(statistics.median(first[1:]), 2), round(first[0], 2)
    page.evaluate(f"() => watch({MAP}.panel.slider, 'input')")
    keys = ["ArrowRight"] * 25 + ["ArrowLeft"] * 25
    alpha = presses(page, ".alpha input", keys)
    row |= spread("alpha", alpha) | {"alpha_90th_ms": round(statistics.quantiles(alpha, n=10)[-1], 2)}
    page.wait_for_timeout(1500)
    box = page.locator(".alpha input").bounding_box()
    y = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] * 0.65, y)
    page.mouse.down()
    frames["sent"].clear()
    frames["received"].clear()
    for k in range(60):
        page.mouse.move(box["x"] + box["width"] * (0.65 - 0.005 * k), y)
    page.wait_for_timeout(800)
    row["messages_during_drag"] = len(frames["sent"]) + len(frames["received"])
    page.mouse.up()
    page.wait_for_timeout(2500)
    row["messages_at_rest"] = len(frames["sent"])
    row["bytes_sent_at_rest"], row["bytes_received_at_rest"] = sum(frames["sent"]), sum(frames["received"])
    row |= spread("zoom", page.evaluate(ZOOM)) | spread("lasso", page.evaluate(LASSO))
    row["grid_after_zoom_ms"] = median([page.evaluate(GRID) for _ in range(5)])
    row["hover_ms"] = median(page.evaluate(HOVER))
    page.evaluate("() => floor()")
    row |= spread("floor", presses(page, "#plain", keys))
    return row


def bytes_of_a_bare_slider(page: Any, address: str) -> dict[str, int]:
    """Return the bytes that Streamlit sends and receives for one step of a page with only a slider: the minimum."""
    frames: dict[str, list[int]] = {"sent": [], "received": []}

    def listen(socket_: Any) -> None:
        socket_.on("framesent", lambda data: frames["sent"].append(len(data)))
        socket_.on("framereceived", lambda data: frames["received"].append(len(data)))

    page.on("websocket", listen)
    page.goto(f"{address}/?draw=slider")
    slider = page.locator("[data-testid=stSlider] input")
    slider.focus()
    page.wait_for_timeout(1500)
    frames["sent"].clear()
    frames["received"].clear()
    page.keyboard.press("ArrowRight")
    page.wait_for_timeout(2000)
    return {"floor_bytes_sent": sum(frames["sent"]), "floor_bytes_received": sum(frames["received"])}


def measure_plotly(page: Any, address: str, m: int) -> dict[str, Any]:
    page.goto(f"{address}/?draw=plotly&m={m}")
    page.wait_for_function("() => document.querySelector('.gtitle')?.textContent === 'alpha 0.65'", timeout=120_000)
    page.wait_for_timeout(1500)
    page.evaluate(TOOLS)
    thumb = page.locator("[data-testid=stSlider] input")
    thumb.focus()
    found = []
    for n in range(1, 8):
        page.evaluate(
            """(title) => { window.shown = null; addEventListener('keydown', () => {
              const since = performance.now();
              const look = () => document.querySelector('.gtitle')?.textContent === title
                ? painted(since, (ms) => (window.shown = ms)) : requestAnimationFrame(look);
              look();
            }, { capture: true, once: true }); }""",
            f"alpha {0.65 + n / 100:.2f}",
        )
        page.keyboard.press("ArrowRight")
        page.wait_for_function("() => window.shown", timeout=60_000)
        found.append(page.evaluate("() => window.shown"))
        page.wait_for_timeout(300)
    return {"draw": "plotly", "points": m, **spread("alpha", found)}


def case(draw: str, m: int) -> dict[str, Any]:
    from playwright.sync_api import sync_playwright

    process, address = serve()
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(**chromium())
            page = browser.new_context(viewport=VIEWPORT, color_scheme="light").new_page()
            row = (measure_map if draw == "map" else measure_plotly)(page, address, m)
            if draw == "map":
                row |= bytes_of_a_bare_slider(browser.new_page(), address)
            row["chromium"] = browser.version
            browser.close()
        row["load"] = round(os.getloadavg()[0], 1)
        return row
    finally:
        process.terminate()
        process.wait(timeout=30)


def table() -> str:
    """Return the table in the README, from the results file."""
    report = json.loads((RESULTS / "bench_map.json").read_text())
    maps = {row["points"]: row for row in report["rows"] if row["draw"] == "map"}
    times = {row["points"]: row["times_our_map"] for row in report["rows"] if row["draw"] == "plotly"}
    lines = ["| the map in the browser | " + " | ".join(f"{m:,} points" for m in maps) + " |"]
    lines.append("|---|" + "---|" * len(maps))
    formats = {
        "from a step of alpha to the end of drawing": lambda m: f"{maps[m]['alpha_ms']:.0f} ms",
        "the same with `st.plotly_chart`": lambda m: f"{times[m]:.0f} x" if m in times else "-",
        "a slider that draws nothing": lambda m: f"{maps[m]['floor_ms']:.0f} ms",
        "zoom; lasso": lambda m: f"{maps[m]['zoom_ms']:.0f}; {maps[m]['lasso_ms']:.0f} ms",
        "messages during a drag": lambda m: f"{maps[m]['messages_during_drag']}",
        "bytes sent, received after a drag": lambda m: (
            f"{maps[m]['bytes_sent_at_rest']:,}, {maps[m]['bytes_received_at_rest']:,}"
        ),
        "the same for a page with only a slider": lambda m: (
            f"{maps[m]['floor_bytes_sent']:,}, {maps[m]['floor_bytes_received']:,}"
        ),
        "map drawn after the page opens": lambda m: f"{maps[m]['first_picture_s']:.1f} s",
    }
    lines += [f"| {name} | " + " | ".join(text(m) for m in maps) + " |" for name, text in formats.items()]
    lines.append(f"\n{report['date'][:10]}, commit {report['commit']}, {report['machine']['processor']}; medians,")
    lines.append("Chromium without a graphics card, canvas 900 x 520: `benchmarks/results/bench_map.json`.")
    return "\n".join(lines)


def main(sizes: list[int]) -> None:
    rows = []
    for m in sizes:
        for draw in ("map", "plotly") if m <= PLOTLY_UP_TO else ("map",):
            rows.append(in_fresh_process(Path(__file__), "case", draw, str(m)))
            print(json.dumps(rows[-1]))
    for row in rows:
        if row["draw"] == "plotly":
            ours = next(r["alpha_ms"] for r in rows if r["draw"] == "map" and r["points"] == row["points"])
            row["times_our_map"] = round(row["alpha_ms"] / ours, 1)
    question = "How long does a step of alpha take until the map is drawn, and other actions?"
    print(write("bench_map", rows, question, flags=FLAGS))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--table"]:
        print(table())
    elif sys.argv[1:2] == ["case"]:
        print(json.dumps(case(sys.argv[2], int(sys.argv[3]))))
    else:
        main([int(word) for word in sys.argv[1:]] or list(SIZES))
