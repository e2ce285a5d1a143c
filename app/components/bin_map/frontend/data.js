// Blobs of bytes from packing.py, by their key, for as long as a mount holds them.
const shared = (globalThis[Symbol.for("adq.bin_map")] ??= { waiting: new Set() });
shared.blobs ??= new Map(); // blob key -> decoded header with its arrays
shared.holders ??= new Map(); // mount key -> the keys of its blobs
shared.kept ??= new Map(); // map id -> what survives a remount: zoom, lasso, pin
shared.maps ??= new Map(); // mount key -> BinMap
shared.turns ??= new Map(); // mount key -> its last call

const ARRAYS = { f4: Float32Array, u4: Uint32Array, u2: Uint16Array, u1: Uint8Array };

function readHeader(bytes, at) {
  if (String.fromCharCode(...bytes.subarray(at, at + 4)) !== "ADQM") throw new Error("These bytes are no map.");
  const length = new DataView(bytes.buffer, bytes.byteOffset + at).getUint32(4, true);
  return [JSON.parse(new TextDecoder().decode(bytes.subarray(at + 8, at + 8 + length))), at + 8 + length];
}

const sizeOf = ([, type, length]) => length * ARRAYS[type].BYTES_PER_ELEMENT;
const padded = (size) => 4 * Math.ceil(size / 4);

function decode(bytes, header, at) {
  for (const array of header.arrays) {
    const from = bytes.byteOffset + at;
    header[array[0]] = new ARRAYS[array[1]](bytes.buffer.slice(from, from + sizeOf(array))); // a copy: aligned, and the message can go
    at += padded(sizeOf(array));
  }
  if (header.kind === "points") addBins(header);
  return header;
}

function addBins(points) {
  points.length = points.row.length;
  points.start = new Uint32Array(points.capacity.length);
  points.binOf = new Uint16Array(points.length);
  let at = 0;
  points.capacity.forEach((capacity, bin) => {
    points.start[bin] = at;
    points.binOf.fill(bin, at, (at += capacity));
  });
}

// A mount of bytes: one blob or several. Streamlit calls this at every rerun with the same bytes: then the keys are known
// and nothing is done.
function hold({ key: mount, data: bytes }) {
  const before = shared.holders.get(mount) ?? [],
    now = [];
  for (let at = 0; at < bytes.length; ) {
    const [header, start] = readHeader(bytes, at);
    now.push(header.key);
    if (!shared.blobs.has(header.key)) {
      shared.blobs.set(header.key, decode(bytes, header, start));
      if (header.kind === "sheet") openSheet(shared.blobs.get(header.key));
    }
    at = header.arrays.reduce((end, array) => end + padded(sizeOf(array)), start);
  }
  shared.holders.set(mount, now);
  if (before.join() === now.join()) return;
  before.forEach(drop);
  for (const map of shared.maps.values()) map.arrived();
}

function letGo(mount) {
  const held = shared.holders.get(mount) ?? [];
  shared.holders.delete(mount);
  held.forEach(drop);
}

const isHeld = (key) => [...shared.holders.values()].some((keys) => keys.includes(key));

function drop(key) {
  // A sheet of thumbnails stays for a while: the next one asked for does not hold the images of the last.
  if (isHeld(key) || shared.blobs.get(key)?.kind === "sheet") return;
  shared.blobs.delete(key);
}

const thumbnails = new Map(); // points key and row -> where its thumbnail is
const MOST_SHEETS = 24;

function openSheet(sheet) {
  sheet.url = URL.createObjectURL(new Blob([sheet.image], { type: "image/webp" }));
  sheet.image = null;
  sheet.row.forEach((row, place) => thumbnails.set(`${sheet.of}/${row}`, { sheet, place }));
  const sheets = [...shared.blobs.values()].filter((blob) => blob.kind === "sheet");
  for (const old of sheets.slice(0, Math.max(0, sheets.length - MOST_SHEETS))) {
    if (isHeld(old.key)) continue;
    URL.revokeObjectURL(old.url);
    shared.blobs.delete(old.key);
    for (const [name, held] of thumbnails) if (held.sheet === old) thumbnails.delete(name);
  }
}

// Show a row's thumbnail as the background of an element; false where the browser has none yet.
function showThumbnail(element, points, row, size) {
  const found = thumbnails.get(`${points.key}/${row}`);
  element.style.backgroundImage = found ? `url(${found.sheet.url})` : "none";
  if (!found) return false;
  const { across, row: rows } = found.sheet;
  const [col, line] = [found.place % across, Math.floor(found.place / across)];
  element.style.backgroundSize = `${across * size}px ${Math.ceil(rows.length / across) * size}px`;
  element.style.backgroundPosition = `${-col * size}px ${-line * size}px`;
  return true;
}
