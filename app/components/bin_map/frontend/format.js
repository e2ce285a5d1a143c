// Numbers in words. A formatter is made once: n.toLocaleString("en") makes one each time, which costs more than a picture.
const ENGLISH = new Intl.NumberFormat("en");
const count = (n) => ENGLISH.format(n);
const inWords = (alpha) =>
  Math.abs(alpha * 100 - Math.round(alpha * 100)) < 1e-6 ? alpha.toFixed(2) : alpha.toFixed(3);

// A level of a column, with as many decimals as its range needs.
function told(column, value) {
  if (!column.format) {
    const range = column.high - column.low || Math.abs(column.high) || 1;
    const digits = Math.min(9, Math.max(0, 2 - Math.floor(Math.log10(range))));
    column.format = new Intl.NumberFormat("en", { minimumFractionDigits: digits, maximumFractionDigits: digits });
  }
  return column.format.format(value) + column.unit;
}
