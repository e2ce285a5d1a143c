// Histograms of the numeric columns that filter each other. Streamlit calls the default export for each mount: the levels
// of the columns, which rarely change, and the conditions, which change with the filter.
import { countFailures, crossfilter, decodeBlob, rangeOfBins, readHeader } from "./crossfilter.js";
import { countText, Histogram } from "./panel.js";
import { STYLE } from "./style.js";

const parts = new Map(); // id -> {levels, conditions, panel}
const latestCalls = new Map(); // mount key -> the latest call of `mount`

class Panel {
  constructor(root) {
    root.appendChild(document.createElement("style")).textContent = STYLE;
    this.box = root.appendChild(document.createElement("section"));
    this.box.className = "histograms";
    this.box.setAttribute("aria-label", "Histograms");
    this.grid = this.box.appendChild(document.createElement("div"));
    this.grid.className = "grid";
    this.live = this.box.appendChild(document.createElement("p"));
    this.live.className = "live";
    this.histograms = [];
    this.observer = new ResizeObserver(() => this.draw());
    this.observer.observe(this.box);
  }

  show(levels, conditions) {
    this.levels = levels;
    this.columns = levels.columns.map((column, c) => ({ ...column, levels: levels[`level${c}`] }));
    this.nBins = this.columns.map(({ n }) => n);
    this.perImage = this.columns.map((column) => column.levels);
    this.conditions = conditions;
    this.ranges = this.columns.map((_, c) => conditions[`range${c}`] ?? null);
    this.drag = null;
    while (this.histograms.length > this.columns.length) this.histograms.pop().box.remove();
    while (this.histograms.length < this.columns.length) this.addHistogram(this.histograms.length);
    this.histograms.forEach((histogram, c) => histogram.setColumn(this.columns[c]));
    this.failures = countFailures(levels.length, conditions.base, this.ranges);
    const none = { count: new Uint8Array(levels.length), column: new Uint8Array(levels.length) };
    this.all = crossfilter(this.perImage, this.nBins, none).counts;
    this.draw();
  }

  addHistogram(c) {
    const onDrag = (from, to) => this.dragTo(c, from, to);
    this.histograms.push(new Histogram(this.grid, { onDrag, onRelease: (found) => this.release(c, found) }));
  }

  dragTo(c, from, to) {
    if (this.drag?.column !== c)
      this.drag = { column: c, failures: countFailures(this.levels.length, this.conditions.base, this.ranges, c) };
    Object.assign(this.drag, { from, to });
    this.frame ??= requestAnimationFrame(() => {
      this.frame = undefined;
      this.draw();
    });
  }

  // The range stays as it was dragged until the server answers; a click removes the range of its column.
  release(c, found) {
    const column = this.columns[c];
    const hadRange = Boolean(this.conditions.bins[c]);
    if (!found && !hadRange) return;
    const [low, high] = found ? rangeOfBins(column, ...found) : [null, null];
    this.send("range", { column: column.name, low, high });
  }

  draw() {
    if (!this.levels) return;
    const { drag, conditions } = this;
    const began = performance.now();
    const found = drag
      ? crossfilter(this.perImage, this.nBins, drag.failures, drag.column, drag.from, drag.to)
      : crossfilter(this.perImage, this.nBins, this.failures);
    const style = getComputedStyle(this.box);
    const theme = Object.fromEntries(["accent", "soft", "line", "text"].map((name) => [name, style.getPropertyValue(`--${name}`)]));
    const text = `${countText(found.shown)} of ${countText(this.levels.length)} ${this.levels.noun}`;
    this.histograms.forEach((histogram, c) => {
      const range = drag?.column === c ? [drag.from, drag.to] : conditions.bins[c];
      histogram.draw({ counts: Array.from(found.counts[c]), all: Array.from(this.all[c]), range, text, theme });
    });
    this.live.textContent = `${text}. Drag over a histogram to select a range, click it to remove the range. Grey: all; heights are square roots of counts.`;
    this.drawTime = performance.now() - began;
  }

  remove() {
    this.observer.disconnect();
    cancelAnimationFrame(this.frame);
    this.box.remove();
  }
}

function update(part) {
  const { panel, levels, conditions } = part;
  if (!panel || !levels || conditions?.of !== levels.key) return;
  if (panel.levels === levels && panel.conditions === conditions) panel.draw();
  else panel.show(levels, conditions);
}

export default function mount(component) {
  const { key, data, parentElement, setTriggerValue } = component;
  latestCalls.set(key, component);
  const { id, kind, key: blobKey } = readHeader(data);
  if (!parts.has(id)) parts.set(id, {});
  const part = parts.get(id);
  if (part[kind]?.key !== blobKey) part[kind] = decodeBlob(data);
  if (kind === "conditions") {
    part.panel ??= new Panel(parentElement);
    part.panel.send = setTriggerValue;
  }
  update(part);
  // Streamlit may run the cleanup of an old call after a newer call of the same mount: only the latest cleanup counts.
  return () => {
    if (latestCalls.get(key) !== component) return;
    latestCalls.delete(key);
    delete part[kind];
    if (kind !== "conditions") return;
    part.panel.remove();
    part.panel = null;
  };
}

globalThis[Symbol.for("adq.histograms")] = { parts }; // read by browser tests
