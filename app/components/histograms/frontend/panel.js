// One histogram: its canvas, its title, and the drag that selects a range.
import { binAt } from "./crossfilter.js";

const HEIGHT = 64; // CSS pixels of the bars
const CLICK = 4; // CSS pixels: a shorter drag is a click, which removes the range

const countText = (count) => count.toLocaleString("en-US");

export class Histogram {
  constructor(parent, { onDrag, onRelease }) {
    this.box = parent.appendChild(document.createElement("div"));
    this.box.className = "histogram";
    this.title = this.box.appendChild(document.createElement("p"));
    this.canvas = this.box.appendChild(document.createElement("canvas"));
    this.canvas.setAttribute("role", "img");
    this.ends = this.box.appendChild(document.createElement("p"));
    this.ends.className = "ends";
    this.low = this.ends.appendChild(document.createElement("span"));
    this.high = this.ends.appendChild(document.createElement("span"));
    this.listen(onDrag, onRelease);
  }

  listen(onDrag, onRelease) {
    const { canvas } = this;
    const share = ({ clientX }) => {
      const box = canvas.getBoundingClientRect();
      return (clientX - box.left) / box.width;
    };
    const bins = (event) => {
      const [a, b] = [this.start, share(event)].map((each) => binAt(each, this.column.n));
      return [Math.min(a, b), Math.max(a, b)];
    };
    canvas.addEventListener("pointerdown", (event) => {
      canvas.setPointerCapture(event.pointerId);
      [this.start, this.startX, this.hasMoved] = [share(event), event.clientX, false];
    });
    canvas.addEventListener("pointermove", (event) => {
      if (this.start === undefined) return;
      this.hasMoved ||= Math.abs(event.clientX - this.startX) > CLICK;
      if (this.hasMoved) onDrag(...bins(event));
    });
    const end = (event, isCancelled) => {
      if (this.start === undefined) return;
      const found = this.hasMoved && !isCancelled ? bins(event) : null;
      this.start = undefined;
      onRelease(found);
    };
    canvas.addEventListener("pointerup", (event) => end(event, false));
    canvas.addEventListener("pointercancel", (event) => end(event, true));
  }

  setColumn(column) {
    this.column = column;
    this.title.textContent = column.label;
    [this.low.textContent, this.high.textContent] = column.ends;
  }

  // Bars of all images in grey, those that match in colour; `range` are the bins inside the range, null: all.
  draw({ counts, all, range, text, theme }) {
    const { canvas, column } = this;
    const ratio = window.devicePixelRatio || 1;
    const width = Math.round(canvas.clientWidth * ratio);
    const height = Math.round(HEIGHT * ratio);
    if (!width) return;
    if (canvas.width !== width || canvas.height !== height) [canvas.width, canvas.height] = [width, height];
    const pen = canvas.getContext("2d");
    pen.clearRect(0, 0, width, height);
    const highest = Math.max(1, ...all); // one scale for both
    this.drawBars(pen, all, highest, theme.line);
    this.drawBars(pen, counts, highest, theme.accent, range, theme.soft);
    if (range) {
      const [from, to] = [(range[0] / column.n) * width, ((range[1] + 1) / column.n) * width];
      pen.fillStyle = theme.text;
      for (const x of [from, to - 2 * ratio]) pen.fillRect(Math.round(x), 0, 2 * ratio, height);
    }
    canvas.setAttribute("aria-label", `Histogram of ${column.label}: ${text}`);
  }

  // The square root makes small bars visible beside large ones.
  drawBars(pen, counts, highest, colour, range = null, outside = colour) {
    const { width, height } = pen.canvas;
    const step = width / counts.length;
    counts.forEach((count, bin) => {
      if (!count) return;
      const tall = Math.max(1, Math.round(height * Math.sqrt(count / highest)));
      pen.fillStyle = !range || (bin >= range[0] && bin <= range[1]) ? colour : outside;
      const left = Math.round(bin * step);
      pen.fillRect(left, height - tall, Math.max(1, Math.round((bin + 1) * step) - left - (step > 4 ? 1 : 0)), tall);
    });
  }
}

export { countText };
