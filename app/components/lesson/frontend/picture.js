// One panel: an SVG with the frame of the present step, the formula of the step, and the picture in words.
import { draw, make } from "./elements.js";
import { fromPixels, nearest, sizeOf, toPixels } from "./geometry.js";
import { frameAt } from "./steps.js";

const REACH = { mouse: 16, pen: 20, touch: 30 }; // CSS pixels around a point
const DEFAULT_RADIUS = 7;

// The point with the ring is drawn last, above the others.
function inDrawingOrder(points, ring) {
  const order = [...points.keys()].filter((index) => index !== ring);
  return ring >= 0 && ring < points.length ? [...order, ring] : order;
}

export class Picture {
  constructor(panel) {
    this.figure = make("figure");
    this.title = make("h4");
    this.note = make("p", { class: "note" });
    this.caption = make("p", { class: "caption" });
    this.svg = draw("svg", { tabindex: "0" });
    this.words = make("p");
    const details = make("details", {}, make("summary", {}, "Picture in words"), this.words);
    this.figure.append(this.title, this.svg, this.note, this.caption, details);
    this.setPanel(panel);
  }

  setPanel(panel) {
    this.panel = panel;
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
    this.svg.replaceChildren(...this.partsOf(frame, points, selected, isHidden));
    this.note.textContent = isHidden ? "" : frame.note;
    this.words.textContent = isHidden ? "Make a prediction first." : frame.words;
    const { has_points: hasPoints, title } = this.panel;
    this.svg.setAttribute("aria-label", isHidden ? title : `${title}. ${frame.words}`);
    this.svg.setAttribute("role", hasPoints ? "application" : "img");
    this.svg.setAttribute("tabindex", hasPoints ? "0" : "-1");
  }

  partsOf(frame, points, selected, isHidden) {
    const { bars = [], lines = [], texts = [] } = frame;
    const { image, has_points: hasPoints } = this.panel;
    return [
      ...(image ? [this.image()] : []),
      ...(isHidden && !hasPoints ? [] : bars.map((bar) => this.bar(bar, points))),
      ...lines.flatMap((line) => this.line(line, points)),
      ...(hasPoints ? inDrawingOrder(points, frame.ring).map((index) => this.point(frame, points[index], index, selected)) : []),
      ...(isHidden ? [] : texts.map((text) => this.text(text))),
    ];
  }

  image() {
    const [width, height] = this.size;
    return draw("image", { href: this.panel.image, width, height, preserveAspectRatio: "none", class: "image" });
  }

  bar([x0, y0, x1, y1, colour, point], points) {
    const top = point >= 0 ? (points[point]?.[1] ?? y1) : y1;
    const [left, upper] = this.place([x0, Math.max(y0, top)]);
    const [right, lower] = this.place([x1, Math.min(y0, top)]);
    return draw("rect", { x: left, y: upper, width: right - left, height: lower - upper, fill: `var(--c${colour})` });
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

  point(frame, point, index, selected) {
    const [cx, cy] = this.place(point);
    const r = frame.radius?.[index] ?? DEFAULT_RADIUS;
    const colour = frame.fill?.[index] ?? -1;
    const group = draw("g", { class: "point", "data-point": index });
    if (index === selected) group.append(draw("circle", { cx, cy, r: r + 7, class: "selected" }));
    if (index === frame.ring) group.append(draw("circle", { cx, cy, r: r + 4, class: "ring" }));
    group.append(draw("circle", { cx, cy, r, class: "dot", fill: colour < 0 ? "var(--hollow)" : `var(--c${colour})` }));
    const tag = frame.tag?.[index];
    if (tag) group.append(draw("text", { x: cx, y: cy, class: colour < 0 ? "tag" : `tag on${colour}` }, tag));
    return group;
  }

  text([x, y, text, anchor]) {
    const [px, py] = this.place([x, y]);
    return draw("text", { x: px, y: py, "text-anchor": anchor, class: "text" }, text);
  }
}
