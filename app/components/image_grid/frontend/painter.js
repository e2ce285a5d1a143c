// Draws the visible tiles into the canvas. A selected image has a frame and a corner, a marked one is smaller and has a
// tick: shapes, so that nobody needs to see the colours.
import { boxOf } from "./layout.js";

const TICK = 18; // CSS pixels, of the disc with the tick

// Colours of the page as CSS colours; with forced colours, those of the system.
export function readColours(element) {
  if (matchMedia("(forced-colors: active)").matches)
    return { ink: "CanvasText", paper: "Canvas", accent: "Highlight", field: "GrayText", font: "sans-serif" };
  const style = getComputedStyle(element);
  const read = (name, fallback) => style.getPropertyValue(name).trim() || fallback;
  const ink = read("--st-text-color", "#222222");
  return {
    ink,
    paper: read("--st-background-color", "#ffffff"),
    accent: read("--st-primary-color", "#006d77"),
    field: read("--st-secondary-background-color", "#dddddd"),
    font: read("--st-font", "sans-serif"),
  };
}

export class Painter {
  constructor(canvas) {
    this.canvas = canvas;
    this.pen = canvas.getContext("2d", { alpha: false });
    this.captions = new Map(); // text and width -> shortened text
  }

  setSize(width, height, ratio) {
    this.ratio = ratio;
    const [wide, high] = [Math.round(width * ratio), Math.round(height * ratio)];
    if (this.canvas.width !== wide) this.canvas.width = wide;
    if (this.canvas.height !== high) this.canvas.height = high;
  }

  // `scene`: layout, offset, range, order, tileOf(row), textsOf(row), isSelected(row), isMarked(row), active, linked,
  // hasFocus and colours; active and linked are indexes.
  draw(scene) {
    const { pen, ratio, canvas } = this;
    const { colours, range, layout } = scene;
    pen.setTransform(1, 0, 0, 1, 0, 0);
    pen.fillStyle = colours.paper;
    pen.fillRect(0, 0, canvas.width, canvas.height);
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.font = `12px ${colours.font}`;
    pen.textBaseline = "top";
    for (let index = range[0]; index < range[1]; index++) {
      const { x, y } = boxOf(layout, index);
      this.drawTile(scene, scene.order[index], x, y - scene.offset);
    }
    this.drawRings(scene);
  }

  drawTile(scene, row, x, y) {
    const { pen } = this;
    const { layout, colours } = scene;
    const side = layout.tile;
    const isMarked = scene.isMarked(row);
    const inset = isMarked ? Math.max(3, Math.round(side / 11)) : 0;
    if (isMarked) {
      pen.globalAlpha = 0.3;
      pen.fillStyle = colours.accent;
      pen.fillRect(x, y, side, side);
      pen.globalAlpha = 1;
    }
    this.drawPicture(scene.tileOf(row), x + inset, y + inset, side - 2 * inset, colours);
    if (scene.isSelected(row)) this.drawSelected(x + inset, y + inset, side - 2 * inset, colours);
    if (isMarked) this.drawTick(x, y, side, colours);
    if (layout.caption) this.drawCaption(scene.textsOf(row)?.[1], x, y + side + 3, side, colours);
  }

  drawPicture(tile, x, y, side, { field }) {
    const { pen } = this;
    if (!tile) {
      pen.fillStyle = field;
      pen.fillRect(x, y, side, side);
      return;
    }
    const [bitmap, left, top, size] = tile;
    pen.imageSmoothingEnabled = size > 32; // tiny images stay pixelated
    pen.drawImage(bitmap, left, top, size, size, x, y, side, side);
  }

  // A frame with a paper-coloured line inside, visible on every picture, and a filled corner.
  drawSelected(x, y, side, { accent, paper }) {
    const { pen } = this;
    const width = side < 48 ? 2 : 3;
    pen.strokeStyle = accent;
    pen.lineWidth = width;
    pen.strokeRect(x + width / 2, y + width / 2, side - width, side - width);
    pen.strokeStyle = paper;
    pen.lineWidth = 1;
    pen.strokeRect(x + width + 0.5, y + width + 0.5, side - 2 * width - 1, side - 2 * width - 1);
    const corner = Math.max(9, Math.min(20, side / 4));
    pen.fillStyle = accent;
    pen.beginPath();
    pen.moveTo(x + side - corner, y);
    pen.lineTo(x + side, y);
    pen.lineTo(x + side, y + corner);
    pen.fill();
  }

  drawTick(x, y, side, { ink, paper }) {
    const { pen } = this;
    const radius = Math.min(TICK, side / 2) / 2;
    const [cx, cy] = [x + radius + 1, y + radius + 1];
    pen.fillStyle = ink;
    pen.beginPath();
    pen.arc(cx, cy, radius, 0, 7);
    pen.fill();
    pen.strokeStyle = paper;
    pen.lineWidth = Math.max(1.5, radius / 4);
    pen.beginPath();
    pen.moveTo(cx - radius * 0.45, cy);
    pen.lineTo(cx - radius * 0.1, cy + radius * 0.38);
    pen.lineTo(cx + radius * 0.48, cy - radius * 0.35);
    pen.stroke();
  }

  drawCaption(text, x, y, width, { ink }) {
    if (!text) return;
    const { pen } = this;
    pen.fillStyle = ink;
    const key = `${width} ${text}`;
    if (!this.captions.has(key)) this.captions.set(key, fit(text, width, (part) => pen.measureText(part).width));
    if (this.captions.size > 5000) this.captions.clear();
    pen.fillText(this.captions.get(key) ?? "", x, y);
  }

  // The image that the keys act on, and the one under the pointer here or on the map.
  drawRings({ layout, offset, active, linked, hasFocus, colours, range }) {
    const isVisible = (index) => index >= range[0] && index < range[1];
    if (isVisible(linked)) this.drawRing(boxOf(layout, linked), offset, layout.tile, 0, colours);
    if (hasFocus && isVisible(active)) this.drawRing(boxOf(layout, active), offset, layout.tile, 2, colours);
  }

  drawRing({ x, y }, offset, side, inset, { ink, paper }) {
    const { pen } = this;
    for (const [colour, width, at] of [[paper, 5, 0.5], [ink, 2.5, -0.5]]) {
      pen.strokeStyle = colour;
      pen.lineWidth = width;
      pen.strokeRect(x + at + inset - 1, y - offset + at + inset - 1, side - 2 * (at + inset) + 2, side - 2 * (at + inset) + 2);
    }
  }
}

// The text, or its beginning and "…", that fits into a width.
export function fit(text, width, measure) {
  if (measure(text) <= width) return text;
  let [low, high] = [0, text.length];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (measure(`${text.slice(0, middle)}…`) <= width) low = middle;
    else high = middle - 1;
  }
  return `${text.slice(0, low)}…`;
}
