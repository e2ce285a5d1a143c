import assert from "node:assert/strict";
import { test } from "node:test";
import { planSheets, readSheet, Sheets } from "../../app/components/image_grid/frontend/sheets.js";

const order = Uint32Array.from({ length: 1000 }, (_, index) => 999 - index);

function answerOf(rows, { side = 8, across = 8 } = {}) {
  const header = Buffer.from(JSON.stringify({ side, across, texts: rows.map((row) => [`id ${row}`, "class"]) }));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(header.length);
  const all = Buffer.concat([length, header, Buffer.from("webp")]);
  return { ok: true, status: 200, arrayBuffer: async () => all.buffer.slice(all.byteOffset, all.byteOffset + all.length) };
}

const rowsIn = (url) => {
  const bytes = Buffer.from(new URL(url).searchParams.get("rows"), "base64url");
  return Array.from({ length: bytes.length / 4 }, (_, place) => bytes.readUInt32LE(4 * place));
};

// Sheets whose requests wait until the test answers them.
function makeSheets(pixels = 64 * 64) {
  const log = { requests: [], arrivals: 0, lost: 0, closed: 0 };
  const get = (url, { signal }) =>
    new Promise((resolve, reject) => {
      const request = { url, rows: rowsIn(url), signal, answer: () => resolve(answerOf(rowsIn(url))), refuse: (status) => resolve({ ok: false, status }) };
      signal.addEventListener("abort", () => reject(Object.assign(new Error("aborted"), { name: "AbortError" })));
      log.requests.push(request);
    });
  const decode = async () => ({ width: Math.sqrt(pixels), height: Math.sqrt(pixels), close: () => log.closed++ });
  const sheets = new Sheets({ onArrival: () => log.arrivals++, onLost: () => log.lost++, get, decode });
  sheets.setSource({ address: "http://here/tiles/x", sides: [64, 224] });
  return { sheets, log };
}

const settle = () => new Promise((resolve) => setImmediate(resolve));

test("sheets with a visible tile that is missing are planned, the nearest to the centre first", () => {
  const none = () => false;
  const plan = planSheets([70, 200], order, 64, none);
  assert.deepEqual(plan.map((rows) => [rows.length, 999 - rows[0]]), [[64, 128], [64, 64], [64, 192]]);
  const isThere = (row) => 999 - row < 128 || 999 - row === 129;
  assert.deepEqual(planSheets([70, 140], order, 64, isThere).map((rows) => rows.length), [63]);
  assert.deepEqual(planSheets([70, 120], order, 64, isThere), [], "all visible tiles are there");
  assert.deepEqual(planSheets([0, 0], order, 64, none), []);
});

test("a tile is drawn from its place in the sheet after the sheet has arrived", async () => {
  const { sheets, log } = makeSheets();
  sheets.request([0, 20], order, false);
  assert.equal(log.requests.length, 1);
  assert.equal(sheets.tile(999, false), null);
  sheets.request([0, 20], order, false);
  assert.equal(log.requests.length, 1, "a sheet that is on its way is not requested again");
  log.requests[0].answer();
  await settle();
  const [, x, y, side] = sheets.tile(999 - 10, false);
  assert.deepEqual([x, y, side, sheets.texts.get(989)], [16, 8, 8, ["id 989", "class"]]);
  assert.equal(log.arrivals, 1);
  sheets.request([0, 20], order, false);
  assert.equal(log.requests.length, 1);
});

test("requests for tiles out of sight are cancelled, and at most four run at once", async () => {
  const { sheets, log } = makeSheets();
  sheets.request([0, 640], order, false);
  assert.equal(log.requests.length, 4);
  sheets.request([900, 1000], order, false);
  await settle();
  assert.ok(log.requests.slice(0, 4).every(({ signal }) => signal.aborted));
  assert.equal(log.requests.length, 6);
  assert.equal(log.arrivals, 0);
});

test("large tiles are requested after the thumbnails and drawn instead of them", async () => {
  const { sheets, log } = makeSheets();
  sheets.request([0, 8], order, true);
  assert.deepEqual(log.requests.map(({ url }) => new URL(url).searchParams.get("side")), ["64", "224"]);
  log.requests[0].answer();
  await settle();
  const small = sheets.tile(999, true)[0];
  log.requests[1].answer();
  await settle();
  assert.notEqual(sheets.tile(999, true)[0], small);
  assert.equal(sheets.tile(999, false)[0], small);
});

test("the least recently used sheets are removed beyond the limit, with their texts", async () => {
  const { sheets, log } = makeSheets(10_000_000);
  for (const start of [0, 128, 256]) {
    sheets.request([start, start + 8], order, false);
    log.requests.at(-1).answer();
    await settle();
  }
  assert.deepEqual([sheets.tile(999, false), sheets.texts.get(999), log.closed], [null, undefined, 1]);
  assert.ok(sheets.tile(999 - 128, false));
  assert.ok(sheets.tile(999 - 256, false));
});

test("an address that the server has forgotten is reported once; other images empty the cache", async () => {
  const { sheets, log } = makeSheets();
  sheets.request([0, 130], order, false);
  for (const request of log.requests) request.refuse(404);
  await settle();
  assert.equal(log.lost, 1);
  sheets.setSource({ address: "http://here/tiles/y", sides: [64] });
  sheets.pausedUntil = 0;
  sheets.request([0, 8], order, false);
  log.requests.at(-1).answer();
  await settle();
  assert.ok(sheets.tile(999, false));
  sheets.setSource({ address: "http://here/tiles/y", sides: [64] });
  assert.ok(sheets.tile(999, false), "the same address");
  sheets.setSource({ address: "http://here/tiles/z", sides: [64] });
  assert.equal(sheets.tile(999, false), null);
});

test("the answer of the server is a text and an image", async () => {
  const buffer = await answerOf([3]).arrayBuffer();
  const { texts, image } = readSheet(buffer);
  assert.deepEqual([texts, await image.text(), image.type], [[["id 3", "class"]], "webp", "image/webp"]);
});
