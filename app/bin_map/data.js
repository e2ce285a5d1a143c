// Blobs of bytes from packing.py, by their key, for as long as a mount holds them.
const shared = (globalThis[Symbol.for("adq.bin_map")] ??= { waiting: new Map() });
shared.blobs ??= new Map(); // blob key -> decoded header with its arrays
shared.holders ??= new Map(); // mount key -> blob key
shared.kept ??= new Map(); // map id -> what survives a remount: zoom, lasso, pin
shared.maps ??= new Map(); // mount key -> BinMap
shared.turns ??= new Map(); // mount key -> its last call

const ARRAYS = { f4: Float32Array, u4: Uint32Array, u2: Uint16Array, u1: Uint8Array };

function readHeader(bytes) {
  if (String.fromCharCode(...bytes.subarray(0, 4)) !== "ADQM") throw new Error("These bytes are no map.");
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(4, true);
  return [JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length))), 8 + length];
}

function decode(bytes, header, offset) {
  for (const [name, type, length] of header.arrays) {
    const size = length * ARRAYS[type].BYTES_PER_ELEMENT;
    const from = bytes.byteOffset + offset;
    header[name] = new ARRAYS[type](bytes.buffer.slice(from, from + size)); // a copy: aligned, and the message can go
    offset += size + ((4 - (size % 4)) % 4);
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

// A mount of bytes. Streamlit calls this at every rerun with the same bytes: then the key is known and nothing is done.
function hold(component) {
  const [header, offset] = readHeader(component.data);
  const before = shared.holders.get(component.key);
  shared.holders.set(component.key, header.key);
  if (!shared.blobs.has(header.key)) {
    shared.blobs.set(header.key, decode(component.data, header, offset));
    if (header.kind === "sheet") openSheet(shared.blobs.get(header.key));
  }
  if (before !== header.key) {
    if (before) drop(before);
    for (const map of shared.maps.values()) map.arrived();
  }
}

function release(mount) {
  const held = shared.holders.get(mount);
  shared.holders.delete(mount);
  if (held) drop(held);
}

function drop(key) {
  const held = [...shared.holders.values()].includes(key);
  // A sheet of thumbnails stays for a while: the next one asked for does not hold the images of the last.
  if (held || shared.blobs.get(key)?.kind === "sheet") return;
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
    if ([...shared.holders.values()].includes(old.key)) continue;
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
