import assert from "node:assert/strict";
import { test } from "node:test";
import { blobs, storeBlobs } from "../../app/components/bin_map/frontend/data.js";
import { hasThumbnail } from "../../app/components/bin_map/frontend/thumbnails.js";

globalThis.fetch = () => Promise.resolve(new Response("")); // Node cannot fetch the style sheet from a file
const { mount } = await import("../../app/components/bin_map/frontend/index.js");

// A blob as `encode_blob` in encoding.py writes it.
function encode(header, arrays) {
  const types = new Map([[Uint32Array, "u4"], [Uint16Array, "u2"], [Uint8Array, "u1"]]);
  const listed = Object.entries(arrays).map(([name, array]) => [name, types.get(array.constructor), array.length]);
  const pad = (bytes, filler) => Buffer.concat([bytes, Buffer.alloc((4 - (bytes.length % 4)) % 4, filler)]);
  const text = pad(Buffer.from(JSON.stringify({ ...header, arrays: listed })), " ");
  const length = Buffer.alloc(4);
  length.writeUInt32LE(text.length);
  const bodies = Object.values(arrays).map((array) => pad(Buffer.from(array.buffer), 0));
  return new Uint8Array(Buffer.concat([Buffer.from("ADQM"), length, text, ...bodies]));
}

const column = (key) => encode({ kind: "column", key }, { values: Uint16Array.from([1, 2, 3]) });
const sheet = (key, row) => {
  const arrays = { row: Uint32Array.from([row]), image: Uint8Array.from([1]) };
  return encode({ kind: "sheet", key, of: "p", across: 1, side: 8 }, arrays);
};

test("the data of a mount are stored as long as the mount is on the page", () => {
  const remove = mount({ key: "one", data: column("a") });
  assert.ok(blobs.has("a"));
  remove();
  assert.equal(blobs.has("a"), false);
});

test("the cleanup of an old call does not remove a newer call of the same mount", () => {
  const removeOld = mount({ key: "one", data: column("a") });
  const removeNew = mount({ key: "one", data: column("b") });
  removeOld();
  assert.deepEqual([blobs.has("a"), blobs.has("b")], [false, true]);
  removeNew();
  assert.equal(blobs.has("b"), false);
});

test("a sheet that a mount shows is never deleted, and deleted sheets free their memory", (context) => {
  const revoke = context.mock.method(URL, "revokeObjectURL");
  storeBlobs("shown", sheet("shown", 7));
  for (let n = 0; n < 24; n++) storeBlobs("others", sheet(`old ${n}`, 100 + n));
  assert.ok(hasThumbnail("p", 7));
  assert.equal(revoke.mock.callCount(), 0);
  storeBlobs("shown", column("c"));
  storeBlobs("others", sheet("last", 200));
  assert.deepEqual([hasThumbnail("p", 7), hasThumbnail("p", 200)], [false, true]);
  assert.equal(revoke.mock.callCount(), 2, "of the sheet that was shown and of the oldest other one");
});
