import assert from "node:assert/strict";
import { test } from "node:test";
import { blobs, decode, readHeaders, releaseMount, storeBlobs } from "../../app/components/bin_map/frontend/data.js";
import { hasThumbnail, showThumbnail } from "../../app/components/bin_map/frontend/thumbnails.js";

// A blob as `encode_blob` in encoding.py writes it.
function encode(header, arrays) {
  const types = new Map([[Float32Array, "f4"], [Uint32Array, "u4"], [Uint16Array, "u2"], [Uint8Array, "u1"]]);
  const listed = Object.entries(arrays).map(([name, array]) => [name, types.get(array.constructor), array.length]);
  const text = Buffer.from(JSON.stringify({ ...header, arrays: listed }));
  const pad = (bytes, filler) => Buffer.concat([bytes, Buffer.alloc((4 - (bytes.length % 4)) % 4, filler)]);
  const padded = pad(text, " ");
  const length = Buffer.alloc(4);
  length.writeUInt32LE(padded.length);
  const bodies = Object.values(arrays).map((array) => pad(Buffer.from(array.buffer), 0));
  return Buffer.concat([Buffer.from("ADQM"), length, padded, ...bodies]);
}

const POINTS = {
  header: { kind: "points", key: "p", capacity: [1, 2], title: "\u03b1" },
  arrays: { x: Float32Array.from([1.5, -2, 3]), row: Uint32Array.from([2, 0, 1]), odd: Uint8Array.from([9]) },
};
const column = (key) => encode({ kind: "column", key }, { values: Uint16Array.from([1, 65535, 3]) });
const sheet = (key, rows) => {
  const arrays = { row: Uint32Array.from(rows), image: Uint8Array.from([1]) };
  return encode({ kind: "sheet", key, of: "p", across: 2, side: 8 }, arrays);
};

test("several blobs are decoded from bytes at any offset", () => {
  const bytes = Buffer.concat([Buffer.from("?"), encode(POINTS.header, POINTS.arrays), column("c")]).subarray(1);
  const [first, second] = readHeaders(bytes);
  const points = decode(bytes, first);
  assert.deepEqual([...points.x, ...points.row, ...points.odd], [1.5, -2, 3, 2, 0, 1, 9]);
  assert.deepEqual([points.title, points.length, ...points.start], ["\u03b1", 3, 0, 1]);
  assert.deepEqual([...points.binOf], [0, 1, 1]);
  assert.deepEqual([...decode(bytes, second).values], [1, 65535, 3]);
});

test("other bytes are refused", () => {
  assert.throws(() => readHeaders(Buffer.from("PK\u0003\u0004 and more")), /not a map blob/);
});

test("a blob stays as long as one mount holds it", () => {
  assert.equal(storeBlobs("one", column("a")), true);
  const first = blobs.get("a");
  assert.equal(storeBlobs("one", column("a")), false);
  assert.equal(blobs.get("a"), first, "known bytes are not decoded again");
  storeBlobs("two", column("a"));
  assert.equal(storeBlobs("one", column("b")), true);
  assert.ok(blobs.has("a") && blobs.has("b"));
  releaseMount("two");
  assert.deepEqual([blobs.has("a"), blobs.has("b")], [false, true]);
  releaseMount("one");
  assert.equal(blobs.has("b"), false);
});

test("a sheet is shown at the position of the row, and old sheets are deleted", () => {
  storeBlobs("sheets", sheet("s0", [40, 41, 42]));
  const element = { style: {} };
  assert.equal(showThumbnail(element, "p", 42, 10), true);
  assert.equal(element.style.backgroundPosition, "0px -10px");
  assert.equal(element.style.backgroundSize, "20px 20px");
  assert.equal(showThumbnail(element, "p", 99, 10), false);
  assert.equal(showThumbnail(element, "other", 42, 10), false);
  for (let n = 1; n < 24; n++) storeBlobs("sheets", sheet(`s${n}`, [100 + n]));
  assert.ok(hasThumbnail("p", 42), "sheets stay although no mount holds them");
  storeBlobs("sheets", sheet("s24", [200]));
  assert.deepEqual([hasThumbnail("p", 42), hasThumbnail("p", 101), hasThumbnail("p", 200)], [false, true, true]);
});
