// Numbers and sentences. A formatter is made once: `n.toLocaleString("en")` makes a new one at every call, which takes
// longer than drawing the map.
const ENGLISH = new Intl.NumberFormat("en");
const formatters = new WeakMap(); // column -> formatter with as many decimals as its range needs
const MAX_LEVEL = 65535;

export const formatCount = (n) => ENGLISH.format(n);

export function formatAlpha(alpha) {
  const isWholePercent = Math.abs(alpha * 100 - Math.round(alpha * 100)) < 1e-6;
  return alpha.toFixed(isWholePercent ? 2 : 3);
}

// Value of a column with its unit.
export function formatValue(column, value) {
  if (!formatters.has(column)) {
    const range = column.high - column.low || Math.abs(column.high) || 1;
    const digits = Math.min(9, Math.max(0, 2 - Math.floor(Math.log10(range))));
    const options = { minimumFractionDigits: digits, maximumFractionDigits: digits };
    formatters.set(column, new Intl.NumberFormat("en", options));
  }
  return formatters.get(column).format(value) + column.unit;
}

// Name or value of a column at a level between 0 and 65535. With missing values, `first` is the level of the lowest value,
// and a missing value has level 0; otherwise `first` is 0.
export function formatLevel(column, level) {
  if (column.names) return column.names[level];
  const { first = 0, low, high } = column;
  if (level < first) return "missing";
  return formatValue(column, low + ((level - first) / (MAX_LEVEL - first)) * (high - low));
}

// Lines about one point: its bin, its draw position, whether it is selected, and its value in every column.
export function describePoint(i, { points, quota, binWord, columns }) {
  const bin = points.binOf[i];
  const position = i - points.start[bin];
  const status = position < quota[bin] ? "selected" : "not selected";
  return [
    `${binWord} ${bin}, draw position ${formatCount(position + 1)} of ${formatCount(points.capacity[bin])}: ${status}`,
    ...columns.map((column) => `${column.label}: ${formatLevel(column, column.values[i])}`),
  ];
}

// Accessible name of the canvas.
export function describeMap({ points, quota, binWord }) {
  const bins = points.capacity.map((size, bin) => `${binWord} ${bin}: ${formatCount(quota[bin])} of ${formatCount(size)}`);
  const selected = formatCount(quota.reduce((sum, each) => sum + each, 0));
  return `Map of ${formatCount(points.length)} images; the ${selected} selected images are highlighted. ${bins.join("; ")}.`;
}

// Numbers of images added and removed since the pinned state.
export function describeChanges({ added, removed }, pin) {
  const alpha = formatAlpha(pin.alpha);
  if (added || removed) return `+${formatCount(added)} in, \u2212${formatCount(removed)} out since alpha ${alpha}`;
  return pin.isAutomatic ? "move alpha to see what changes" : `pinned at ${alpha}`;
}
