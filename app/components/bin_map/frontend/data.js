// Blobs of bytes from blobs.py (two folders up), by key. A blob stays for as long as at least one mount holds it.
import { addSheet, hasSheet } from "./thumbnails.js";
import { binRuns } from "./quotas.js";

export const blobs = new Map(); // blob key -> header with its arrays
const mounts = new Map(); // mount key -> keys of its blobs

const ARRAYS = { f4: Float32Array, u4: Uint32Array, u2: Uint16Array, u1: Uint8Array };

const sizeOf = ([, type, length]) => length * ARRAYS[type].BYTES_PER_ELEMENT;
const padded = (size) => 4 * Math.ceil(size / 4);

function readHeader(bytes, at) {
  if (String.fromCharCode(...bytes.subarray(at, at + 4)) !== "ADQM") throw new Error("The bytes are not a map blob.");
  const length = new DataView(bytes.buffer, bytes.byteOffset + at).getUint32(4, true);
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(at + 8, at + 8 + length)));
  const start = at + 8 + length;
  const end = header.arrays.reduce((offset, array) => offset + padded(sizeOf(array)), start);
  return { header, start, end };
}

// Headers of all blobs in the bytes, with the positions of their arrays.
export function readHeaders(bytes) {
  const found = [];
  for (let at = 0; at < bytes.length; at = found.at(-1).end) found.push(readHeader(bytes, at));
  return found;
}

// The header with its arrays as typed arrays. The arrays are copies: aligned, and the message can be freed.
export function decode(bytes, { header, start }) {
  const blob = { ...header };
  let at = start;
  for (const array of header.arrays) {
    const from = bytes.byteOffset + at;
    blob[array[0]] = new ARRAYS[array[1]](bytes.buffer.slice(from, from + sizeOf(array)));
    at += padded(sizeOf(array));
  }
  return blob.kind === "points" ? { ...blob, length: blob.row.length, ...binRuns(blob.capacity) } : blob;
}

const isRetained = (key) => [...mounts.values()].some((keys) => keys.includes(key));

// Store the blobs of a mount; returns whether its keys changed. At most reruns the bytes are the same, and nothing is
// decoded.
export function storeBlobs(mount, bytes) {
  const before = mounts.get(mount) ?? [];
  const headers = readHeaders(bytes);
  const keys = headers.map(({ header }) => header.key);
  mounts.set(mount, keys);
  for (const found of headers) {
    const { key, kind } = found.header;
    if (blobs.has(key) || hasSheet(key)) continue;
    const blob = decode(bytes, found);
    if (kind === "sheet") addSheet(blob, isRetained);
    else blobs.set(key, blob);
  }
  if (before.join() === keys.join()) return false;
  before.forEach(deleteUnused);
  return true;
}

export function releaseMount(mount) {
  const keys = mounts.get(mount) ?? [];
  mounts.delete(mount);
  keys.forEach(deleteUnused);
}

function deleteUnused(key) {
  if (!isRetained(key)) blobs.delete(key);
}
