// Positions in a picture. Pure functions: from the units of a lesson to pixels and back, and where a point may be.

export const WIDTH = 480; // of a picture, in the units of its SVG

export function sizeOf({ height }) {
  return [WIDTH, Math.round(WIDTH * height)];
}

export function toPixels([x0, y0, x1, y1], [width, height], [x, y]) {
  return [((x - x0) / (x1 - x0)) * width, height - ((y - y0) / (y1 - y0)) * height];
}

export function fromPixels([x0, y0, x1, y1], [width, height], [px, py]) {
  return [x0 + (px / width) * (x1 - x0), y0 + ((height - py) / height) * (y1 - y0)];
}

const clamp = (value, low, high) => Math.min(Math.max(value, low), high);

// Where a point that is moved to [x, y] may be: on its circle, above its bin, or inside the box.
export function allowed({ movement, box }, [x, y], before) {
  const [x0, y0, x1, y1] = box;
  if (movement === "up") return [before[0], clamp(y, Math.max(0, y0), y1)];
  if (movement !== "circle") return [clamp(x, x0, x1), clamp(y, y0, y1)];
  const length = Math.hypot(x, y);
  return length > 1e-6 ? [x / length, y / length] : before;
}

const TURN = Math.PI / 36; // 5 degrees
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

// Position after an arrow key; null for another key. On a circle, arrows left and up turn to the left.
export function nudged(limits, key, before) {
  const arrow = ARROWS[key];
  if (!arrow) return null;
  const [x, y] = before;
  if (limits.movement === "circle") {
    const angle = Math.atan2(y, x) + (arrow[1] - arrow[0]) * TURN;
    return [Math.cos(angle), Math.sin(angle)];
  }
  const [x0, y0, x1, y1] = limits.box;
  return allowed(limits, [x + (arrow[0] * (x1 - x0)) / 40, y + (arrow[1] * (y1 - y0)) / 40], before);
}

// Index of the point nearest to a pixel within reach; -1: none.
export function nearest(pixels, [px, py], reach) {
  let best = -1;
  let distance = reach;
  pixels.forEach(([x, y], index) => {
    const d = Math.hypot(x - px, y - py);
    if (d <= distance) [best, distance] = [index, d];
  });
  return best;
}

// Pixel of an image, [column, row], at a position in the units of the box; null outside of the image.
export function cellAt([x, y], columns, rows) {
  const [column, row] = [Math.floor(x), rows - 1 - Math.floor(y)];
  return column >= 0 && column < columns && row >= 0 && row < rows ? [column, row] : null;
}

// Pixel after an arrow key; null for another key.
export function nextCell(key, [column, row], columns, rows) {
  const arrow = ARROWS[key];
  return arrow ? [clamp(column + arrow[0], 0, columns - 1), clamp(row - arrow[1], 0, rows - 1)] : null;
}
