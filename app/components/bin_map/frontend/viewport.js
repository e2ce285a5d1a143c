// Geometry of the map: data coordinates, pixels of a panel, and the view. A view is a centre, as a share of the bounds
// of the data, and a zoom factor. Pure functions.
export const WHOLE_MAP = { x: 0.5, y: 0.5, zoom: 1 };
const [MIN_ZOOM, MAX_ZOOM] = [0.5, 400];
const MIN_SPAN = 1e-9;

const spans = ([lowX, lowY, highX, highY]) => [Math.max(highX - lowX, MIN_SPAN), Math.max(highY - lowY, MIN_SPAN)];

// Data to pixels of a panel: px = x * scale + left, py = top - y * scale. Both axes have the same scale.
export function makeTransform(bounds, view, { width, height }, ratio) {
  const [lowX, lowY, highX, highY] = bounds;
  const [spanX, spanY] = spans(bounds);
  const margin = Math.min(28 * ratio, width / 12);
  const scale = view.zoom * Math.min((width - 2 * margin) / spanX, (height - 2 * margin) / spanY);
  const left = width / 2 - (lowX + view.x * (highX - lowX)) * scale;
  const top = height / 2 + (lowY + view.y * (highY - lowY)) * scale;
  return { scale, left, top };
}

export const toPixel = ({ scale, left, top }, x, y) => [x * scale + left, top - y * scale];
export const toData = ({ scale, left, top }, px, py) => [(px - left) / scale, (top - py) / scale];

// Number of panels side by side, so that the panels are about 1.25 times as wide as high.
export function panelsAcross(panels, width, height) {
  if (panels === 1) return 1;
  return Math.max(1, Math.min(panels, Math.round(Math.sqrt((panels * width) / height / 1.25))));
}

export function moveView(view, [dx, dy], scale, bounds) {
  const [spanX, spanY] = spans(bounds);
  return { x: view.x - dx / scale / spanX, y: view.y + dy / scale / spanY };
}

// Zoom so that the data at this pixel of the panel stays there.
export function zoomView(view, factor, [px, py], panel, scale, bounds) {
  const [spanX, spanY] = spans(bounds);
  const zoom = Math.min(MAX_ZOOM, Math.max(MIN_ZOOM, view.zoom * factor));
  const shift = 1 / scale - view.zoom / zoom / scale; // data units per pixel of distance from the centre
  return {
    zoom,
    x: view.x + ((px - panel.width / 2) * shift) / spanX,
    y: view.y - ((py - panel.height / 2) * shift) / spanY,
  };
}

// Zoom factor of a pinch: one finger moves, the other one stays. Fingers that move apart zoom in.
export function pinchFactor([beforeX, beforeY], [afterX, afterY], [otherX, otherY]) {
  const before = Math.hypot(beforeX - otherX, beforeY - otherY);
  return Math.hypot(afterX - otherX, afterY - otherY) / Math.max(1, before);
}

// Zoom factor of a turn of the wheel; null if the wheel should scroll the page. The wheel zooms only a focused map, or
// with Ctrl: a map in the middle of a page must not stop a visitor who scrolls.
export function wheelFactor({ deltaY, deltaMode, ctrlKey, metaKey }, isFocused) {
  if (!isFocused && !ctrlKey && !metaKey) return null;
  return Math.exp(-deltaY * (deltaMode ? 0.05 : 0.0015));
}

// Every k-th corner of a polygon, so that at most `limit` remain.
export function thinPolygon(corners, limit) {
  const step = Math.ceil(corners.length / limit);
  return corners.filter((_, n) => n % step === 0);
}
