// The images that the user has marked, by row of the data set. They stay marked in another order and when a filter
// hides them.
export class Marks {
  constructor(count) {
    this.bits = new Uint8Array(count);
    this.size = 0;
    this.base = null; // the marks before the last range: a new range from the same image replaces it
  }

  has(row) {
    return this.bits[row] === 1;
  }

  set(row, isMarked) {
    if (this.has(row) === isMarked) return;
    this.bits[row] = isMarked ? 1 : 0;
    this.size += isMarked ? 1 : -1;
  }

  toggle(row) {
    this.set(row, !this.has(row));
    this.base = null;
  }

  // Mark the images from one index of the order to another, in addition to those before the last range.
  markRange(order, from, to) {
    this.base ??= this.bits.slice();
    this.bits.set(this.base);
    const [first, last] = from < to ? [from, to] : [to, from];
    for (let index = first; index <= last; index++) this.bits[order[index]] = 1;
    this.size = this.bits.reduce((sum, bit) => sum + bit, 0);
  }

  markAll(order) {
    this.markRange(order, 0, order.length - 1);
    this.base = null;
  }

  clear() {
    this.bits.fill(0);
    [this.size, this.base] = [0, null];
  }

  endRange() {
    this.base = null;
  }

  rows() {
    const rows = [];
    this.bits.forEach((bit, row) => bit && rows.push(row));
    return rows;
  }

  // Marked images among those of an order.
  countIn(order) {
    let count = 0;
    for (const row of order) count += this.bits[row];
    return count;
  }

  // Text for the server: runs of rows, "gap.length" in base 36, or all bits in base64 where that is shorter.
  toText() {
    const runs = [];
    let [end, length] = [0, 0];
    for (let row = 0; row < this.bits.length && length <= this.bits.length / 6; row++) {
      if (!this.bits[row]) continue;
      let stop = row;
      while (this.bits[stop]) stop++;
      runs.push(`${(row - end).toString(36)}.${(stop - row).toString(36)}`);
      length += runs.at(-1).length + 1;
      [end, row] = [stop, stop];
    }
    return length > this.bits.length / 6 ? `b${packBits(this.bits)}` : `r${runs.join("-")}`;
  }

  static fromText(text, count) {
    const marks = new Marks(count);
    if (text.startsWith("b")) unpackBits(text.slice(1), marks.bits);
    else for (const [first, end] of runsOf(text.slice(1))) marks.bits.fill(1, first, end);
    marks.size = marks.bits.reduce((sum, bit) => sum + bit, 0);
    return marks;
  }
}

function runsOf(text) {
  let end = 0;
  const runs = text ? text.split("-") : [];
  return runs.map((run) => {
    const [gap, length] = run.split(".").map((part) => Number.parseInt(part, 36));
    const first = end + gap;
    end = first + length;
    return [first, end];
  });
}

function packBits(bits) {
  let text = "";
  for (let at = 0; at < bits.length; at += 8) {
    let byte = 0;
    for (let bit = 0; bit < 8; bit++) byte |= (bits[at + bit] ?? 0) << bit;
    text += String.fromCharCode(byte);
  }
  return btoa(text);
}

function unpackBits(text, bits) {
  const bytes = atob(text);
  for (let row = 0; row < bits.length; row++) if (bytes.charCodeAt(row >> 3) & (1 << (row & 7))) bits[row] = 1;
}
