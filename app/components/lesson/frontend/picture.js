// One panel: an SVG with the frame of the present step, the formula of the step, and the picture in words.
import { draw, make } from "./elements.js";
import { fromPixels, nearest, sizeOf, toPixels } from "./geometry.js";
import { frameAt, takenAt } from "./steps.js";

const REACH = { mouse: 16, pen: 20, touch: 30 }; // CSS pixels around a point
const DEFAULT_RADIUS = 7;

// The point with the ring is drawn last, above the others.
function inDrawingOrder(points, ring) {
  const order = [...points.keys()].filter((index) => index !== ring);
  return ring >= 0 && ring < points.length ? [...order, ring] : order;
}

export class Picture {
  constructor(panel, hasCells) {
    this.figure = make("figure");
    this.title = make("h4");
    this.note = make("p", { class: "note" });
    this.caption = make("p", { class: "caption" });
    this.svg = draw("svg", { tabindex: "0" });
    this.words = make("p");
    const details = make("details", {}, make("summary", {}, "Picture in words"), this.words);
    this.figure.append(this.title, this.svg, this.note, this.caption, details);
    this.setPanel(panel, hasCells);
  }

  setPanel(panel, hasCells) {
    this.panel = panel;
    this.hasCells = hasCells;
    this.size = sizeOf(panel);
    this.svg.setAttribute("viewBox", `0 0 ${this.size.join(" ")}`);
    this.title.textContent = panel.title;
    this.caption.textContent = panel.caption;
  }

  place(point) {
    return toPixels(this.panel.box, this.size, point);
  }

  // Units of the SVG per CSS pixel.
  get scale() {
    return this.size[0] / (this.svg.getBoundingClientRect().width || this.size[0]);
  }

  positionOf({ clientX, clientY }) {
    const { left, top } = this.svg.getBoundingClientRect();
    return fromPixels(this.panel.box, this.size, [(clientX - left) * this.scale, (clientY - top) * this.scale]);
  }

  pointAt(event, points) {
    if (!this.panel.has_points) return -1;
    const { left, top } = this.svg.getBoundingClientRect();
    const pixel = [(event.clientX - left) * this.scale, (event.clientY - top) * this.scale];
    const reach = (REACH[event.pointerType] ?? REACH.mouse) * this.scale;
    return nearest(points.map((point) => this.place(point)), pixel, reach);
  }

  // Draw a step; `points` may be newer than the frame, while the user drags.
  draw(points, step, selected, isHidden) {
    const frame = frameAt(this.panel, step);
    this.step = step;
    this.svg.replaceChildren(...this.partsOf(frame, points, selected, isHidden));
    this.note.textContent = isHidden ? "" : frame.note;
    this.words.textContent = isHidden ? "Make a prediction first." : frame.words;
    const { title } = this.panel;
    const isActive = this.panel.has_points || this.hasCells;
    this.svg.setAttribute("aria-label", isHidden ? title : `${title}. ${frame.words}`);
    this.svg.setAttribute("role", isActive ? "application" : "img");
    this.svg.setAttribute("tabindex", isActive ? "0" : "-1");
  }

  // Frame around a pixel of an image and the eight pixels beside it.
  drawCell([column, row], columns) {
    const rows = Math.round(columns * this.panel.height);
    const [width, height] = [this.size[0] / columns, this.size[1] / rows];
    const box = (x, y, n, name) =>
      draw("rect", { x: x * width, y: y * height, width: n * width, height: n * height, class: name });
    this.svg.append(box(column - 1, row - 1, 3, "around"), box(column, row, 1, "cell"));
  }

  partsOf(frame, points, selected, isHidden) {
    const { bars = [], dots = [], lines = [], texts = [] } = frame;
    const { reveals, has_points: hasPoints } = this.panel;
    if (isHidden && reveals) return [];
    return [
      ...(frame.image ? [this.image(frame.image)] : []),
      ...bars.map((bar) => this.bar(bar, points)),
      ...dots.map((dot) => this.dot(dot)),
      ...lines.flatMap((line) => this.line(line, points)),
      ...(hasPoints ? inDrawingOrder(points, frame.ring).map((index) => this.point(frame, points[index], index, selected)) : []),
      ...(isHidden ? [] : texts.map((text) => this.text(text))),
    ];
  }

  image(href) {
    const [width, height] = this.size;
    return draw("image", { href, width, height, preserveAspectRatio: "none", class: "image" });
  }

  bar([x0, y0, x1, y1, colour, point], points) {
    const top = point >= 0 ? (points[point]?.[1] ?? y1) : y1;
    const [left, upper] = this.place([x0, Math.max(y0, top)]);
    const [right, lower] = this.place([x1, Math.min(y0, top)]);
    return draw("rect", { x: left, y: upper, width: right - left, height: lower - upper, fill: `var(--c${colour})` });
  }

  dot([x, y, r, colour, isFilled]) {
    const [cx, cy] = this.place([x, y]);
    const fill = isFilled ? `var(--c${colour})` : "var(--paper)";
    return draw("circle", { cx, cy, r, fill, stroke: `var(--c${colour})`, class: isFilled ? "still chosen" : "still" });
  }

  line([x0, y0, x1, y1, style], points) {
    const [px, py] = this.place([x0, y0]);
    if (style === "circle") {
      const [edge] = this.place([x0 + x1, y0]);
      return [draw("circle", { cx: px, cy: py, r: edge - px, class: "circle" })];
    }
    if (style === "cross") {
      const [edge] = this.place([x0 + x1, y0]);
      const arm = edge - px;
      return [draw("path", { d: `M${px - arm} ${py}H${px + arm}M${px} ${py - arm}V${py + arm}`, class: "cross" })];
    }
    // A spoke ends at a point and follows it: x1 is the number of the point.
    const end = this.place(style === "spoke" ? (points[x1] ?? [x0, y0]) : [x1, y1]);
    const line = draw("line", { x1: px, y1: py, x2: end[0], y2: end[1], class: style });
    return style === "arrow" ? [line, draw("circle", { cx: end[0], cy: end[1], r: 6, class: "tip" })] : [line];
  }

  // Colour of a point (-1: none) and the short text in it, both from the step on at which it is taken.
  lookOf({ fill, tag }, index) {
    const taken = takenAt(this.panel, index, this.step);
    if (taken) return { colour: this.panel.colours[index], tag: taken };
    return { colour: fill?.[index] ?? -1, tag: tag?.[index] };
  }

  point(frame, point, index, selected) {
    const [cx, cy] = this.place(point);
    const r = frame.radius?.[index] ?? DEFAULT_RADIUS;
    const { colour, tag } = this.lookOf(frame, index);
    const group = draw("g", { class: "point", "data-point": index });
    if (index === selected) group.append(draw("circle", { cx, cy, r: r + 7, class: "selected" }));
    if (index === frame.ring) group.append(draw("circle", { cx, cy, r: r + 4, class: "ring" }));
    group.append(draw("circle", { cx, cy, r, class: "dot", fill: colour < 0 ? "var(--hollow)" : `var(--c${colour})` }));
    if (tag) group.append(draw("text", { x: cx, y: cy, class: colour < 0 ? "tag" : `tag on${colour}` }, tag));
    return group;
  }

  text([x, y, text, anchor]) {
    const [px, py] = this.place([x, y]);
    return draw("text", { x: px, y: py, "text-anchor": anchor, class: "text" }, text);
  }
}
