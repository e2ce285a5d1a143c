// Keys that move to another image. Home and End go to the first and the last image, as in a list of files.
const MOVES = {
  ArrowLeft: ({ index }) => Math.max(0, index - 1),
  ArrowRight: ({ index, last }) => Math.min(last, index + 1),
  ArrowUp: ({ index, columns }) => (index >= columns ? index - columns : index),
  ArrowDown: downFrom,
  PageUp: ({ index, columns, lines }) => Math.max(index % columns, index - lines * columns),
  PageDown: ({ index, columns, lines, last }) => Math.min(lastInColumn(index % columns, last, columns), index + lines * columns),
  Home: () => 0,
  End: ({ last }) => last,
};

// The index after a key; null for other keys. `index` -1: none is active yet. `lines` are those of a page.
export function indexAfterKey(key, { index, count, columns, lines }) {
  if (!count || !Object.hasOwn(MOVES, key)) return null;
  const last = count - 1;
  if (index < 0) return key === "End" ? last : 0;
  return MOVES[key]({ index, columns, lines, last });
}

// In the last line, or in the one above it.
function lastInColumn(column, last, columns) {
  return last - ((last - column) % columns);
}

// One line down; from above a gap in the last line, to the last image.
function downFrom({ index, columns, last }) {
  if (index + columns <= last) return index + columns;
  const isAboveLastLine = Math.floor(index / columns) < Math.floor(last / columns);
  return isAboveLastLine ? last : index;
}
