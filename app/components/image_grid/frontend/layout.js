// Positions of the tiles. An index is the position of an image in the present order; lengths are CSS pixels.
export const GAP = 6;
export const EDGE = 6; // around all tiles
export const CAPTION = 20; // height of the line with the class
export const CAPTION_FROM = 112; // size of a tile from which on it has a caption
export const MAX_SCROLL = 8_000_000; // browsers cut off higher elements

// `width` is that of the canvas, `size` the smallest side of a tile: the tiles of a line fill it.
export function makeLayout({ width: whole, size, count }) {
  const width = whole - 2 * EDGE;
  const columns = Math.max(1, Math.floor((width + GAP) / (size + GAP)));
  const tile = Math.max(1, Math.floor((width + GAP) / columns - GAP));
  const caption = size >= CAPTION_FROM ? CAPTION : 0;
  const pitch = tile + caption + GAP;
  const rows = Math.ceil(count / columns);
  const height = rows * pitch - GAP + 2 * EDGE;
  return { width, count, columns, tile, caption, pitchX: (width + GAP) / columns, pitch, rows, height: Math.max(0, height) };
}

// Height of the scrolled element. Above the limit, a pixel of the scroll bar is more than a pixel of the content.
export const scrolledHeight = (layout) => Math.min(layout.height, MAX_SCROLL);

const ratioOf = (layout, view) => {
  const [content, scrolled] = [layout.height - view, scrolledHeight(layout) - view];
  return content > 0 && scrolled > 0 ? content / scrolled : 1;
};

// Content at the upper edge of the view for a position of the scroll bar, and the reverse.
export const offsetOf = (layout, view, scrollTop) => scrollTop * ratioOf(layout, view);
export const scrollTopOf = (layout, view, offset) => offset / ratioOf(layout, view);

export function boxOf(layout, index) {
  const column = index % layout.columns;
  return { x: EDGE + Math.round(column * layout.pitchX), y: EDGE + Math.floor(index / layout.columns) * layout.pitch };
}

// Indexes in sight, [first, end).
export function visibleRange(layout, offset, view) {
  const first = Math.max(0, Math.floor((offset - EDGE) / layout.pitch)) * layout.columns;
  const end = Math.ceil((offset + view - EDGE) / layout.pitch) * layout.columns;
  return [Math.min(first, layout.count), Math.max(0, Math.min(end, layout.count))];
}

// First index of the line at the upper edge of the view: to scroll to it again gives at most the same offset.
export function topIndex(layout, offset) {
  return Math.max(0, Math.min(Math.floor(offset / layout.pitch) * layout.columns, layout.count - 1));
}

// Index of the tile at a position of the content; -1 between the tiles.
export function indexAt(layout, contentX, contentY) {
  const [x, y] = [contentX - EDGE, contentY - EDGE];
  if (x < 0 || y < 0 || x >= layout.width) return -1;
  const column = Math.min(layout.columns - 1, Math.floor((x + 0.5) / layout.pitchX)); // the positions are rounded
  const row = Math.floor(y / layout.pitch);
  const index = row * layout.columns + column;
  const isInside = x - Math.round(column * layout.pitchX) < layout.tile && y - row * layout.pitch < layout.tile + layout.caption;
  return isInside && index < layout.count ? index : -1;
}

// The smallest change of the offset that shows the whole tile.
export function offsetToShow(layout, index, offset, view) {
  const top = Math.floor(index / layout.columns) * layout.pitch;
  const bottom = top + layout.tile + layout.caption + 2 * EDGE;
  if (top < offset) return top;
  return bottom > offset + view ? Math.max(0, bottom - view) : offset;
}

// Whole lines of tiles in the view: a step of Page Up and Page Down.
export const linesPerPage = (layout, view) => Math.max(1, Math.floor((view + GAP) / layout.pitch));
