// Cross-filtering: the histogram of a column counts the images that match all conditions but the range of that column.
// Pure functions.

export const MISSING = 255; // level of an image without a value

const MAGIC = "ADQM";
const ARRAYS = { u1: Uint8Array, u2: Uint16Array, u4: Uint32Array, f4: Float32Array };

const headerLength = (bytes) => new DataView(bytes.buffer, bytes.byteOffset + 4).getUint32(0, true);

// The header of a blob, which blobs.py (two folders up) describes.
export function readHeader(bytes) {
  if (String.fromCharCode(...bytes.subarray(0, 4)) !== MAGIC) throw new Error("The bytes are not a blob.");
  return JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + headerLength(bytes))));
}

// The header with its arrays. The arrays are copies, so that the message can be freed.
export function decodeBlob(bytes) {
  const blob = readHeader(bytes);
  let at = bytes.byteOffset + 8 + headerLength(bytes);
  for (const [name, type, count] of blob.arrays) {
    const size = count * ARRAYS[type].BYTES_PER_ELEMENT;
    blob[name] = new ARRAYS[type](bytes.buffer.slice(at, at + size));
    at += 4 * Math.ceil(size / 4);
  }
  return blob;
}

export const bitAt = (bits, i) => (bits[i >> 3] >> (i & 7)) & 1;

// Number of conditions that each image fails, and which column it fails. `base` are the bits of the conditions that are
// not ranges, `ranges[c]` those of the range of column c (null: it has none); column `except` is left out.
export function countFailures(length, base, ranges, except = -1) {
  const failures = { count: new Uint8Array(length), column: new Uint8Array(length) };
  for (let i = 0; i < length; i++) {
    if (!bitAt(base, i)) failures.count[i] = 2; // no range can bring it back
    for (let c = 0; c < ranges.length; c++) {
      if (c === except || ranges[c] === null || bitAt(ranges[c], i)) continue;
      failures.count[i]++;
      failures.column[i] = c;
    }
  }
  return failures;
}

function addImage(counts, levels, c, i) {
  const level = levels[c][i];
  if (level !== MISSING) counts[c][level]++;
}

const inBins = (level, from, to) => level >= from && level <= to && level !== MISSING;

// Counts per bin of every column, and the number of images that match everything. `levels[c][i]` is the bin of image i
// in column c. While column `dragged` is dragged, its range is the bins `from` to `to`, both included.
export function crossfilter(levels, nBins, failures, dragged = -1, from = 0, to = MISSING) {
  const counts = nBins.map((n) => new Uint32Array(n));
  const dragLevels = levels[dragged]; // undefined: no column is dragged
  let shown = 0;
  for (let i = 0; i < failures.count.length; i++) {
    const isDraggedOut = dragLevels !== undefined && !inBins(dragLevels[i], from, to);
    const failed = failures.count[i] + (isDraggedOut ? 1 : 0);
    if (failed > 1) continue;
    if (failed === 1) {
      // Only the histogram of the column whose range leaves the image out counts it.
      addImage(counts, levels, isDraggedOut ? dragged : failures.column[i], i);
      continue;
    }
    shown++;
    for (let c = 0; c < levels.length; c++) addImage(counts, levels, c, i);
  }
  return { counts, shown };
}

// Bin at a share of the width, 0 to 1.
export const binAt = (share, n) => Math.max(0, Math.min(n - 1, Math.floor(share * n)));

// Values of the ends of the bins `from` to `to`; null: an open end, because the bin is the first or the last one.
export function rangeOfBins({ lows, highs }, from, to) {
  return [from > 0 ? lows[from] : null, to < highs.length - 1 ? highs[to] : null];
}
