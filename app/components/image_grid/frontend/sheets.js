// Pictures of the images, requested as sheets of up to 64 tiles. Only sheets with a visible tile are requested, the
// nearest to the centre first; requests for tiles that are no longer visible are cancelled.
import { encodeRows } from "./blob.js";

export const TILES = 64; // per sheet of thumbnails; the server accepts no more
const LARGE_TILES = 16; // per sheet of large tiles
const AT_ONCE = 4; // requests
const MAX_PIXELS = 24_000_000; // of all sheets, 4 bytes each
const RETRY = 2000; // ms after a failed request

// The sheets to request: lists of rows. A sheet covers `size` successive indexes and leaves out the rows that are there.
export function planSheets([first, end], order, size, isThere) {
  const sheets = [];
  const centre = (first + end) / 2 / size - 0.5;
  for (let sheet = Math.floor(first / size); sheet * size < end; sheet++) {
    const from = sheet * size;
    const isMissing = (row) => !isThere(row);
    if (!order.subarray(Math.max(first, from), Math.min(end, from + size)).some(isMissing)) continue;
    sheets.push({ distance: Math.abs(sheet - centre), rows: order.subarray(from, from + size).filter(isMissing) });
  }
  return sheets.sort((a, b) => a.distance - b.distance).map(({ rows }) => rows);
}

// Answer of the server: the length of a JSON text, the text, and an image.
export function readSheet(buffer) {
  const length = new DataView(buffer).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, length)));
  return { ...header, image: new Blob([new Uint8Array(buffer, 4 + length)], { type: "image/webp" }) };
}

export class Sheets {
  // `onArrival()` is called after a sheet has arrived, `onLost()` if the server no longer knows the address.
  constructor({ onArrival, onLost, get = (...request) => fetch(...request), decode = (image) => createImageBitmap(image) }) {
    Object.assign(this, { onArrival, onLost, get, decode });
    this.address = null;
    this.bytes = 0; // received, for the benchmark
    this.reset();
  }

  reset() {
    for (const { abort } of this.running ?? []) abort.abort();
    for (const sheet of this.sheets ?? []) sheet.bitmap.close();
    this.sheets = new Set(); // the least recently used first
    this.tiles = [new Map(), new Map()]; // row -> [sheet, place], of thumbnails and of large tiles
    this.texts = new Map(); // row -> texts; as long as one of its tiles
    this.running = new Set();
    this.pending = [new Set(), new Set()]; // rows that are being loaded, of both kinds
    this.pixels = 0;
    this.pausedUntil = 0;
  }

  // Another address means other images or other texts.
  setSource({ address, sides }) {
    if (this.address !== address) this.reset();
    Object.assign(this, { address, sides, isLost: false });
  }

  // The best picture of an image: [bitmap, x, y, side]; null if it has not arrived.
  tile(row, isLarge) {
    const [sheet, place] = (isLarge && this.tiles[1].get(row)) || this.tiles[0].get(row) || [];
    if (!sheet) return null;
    sheet.used = this.turn;
    const { side, across, bitmap } = sheet;
    return [bitmap, (place % across) * side, Math.floor(place / across) * side, side];
  }

  // Request what is missing of the visible images; `wantsLarge`: tiles that are larger than the thumbnails.
  request(range, order, wantsLarge) {
    this.turn = (this.turn ?? 0) + 1;
    const isVisible = new Set(order.subarray(...range));
    for (const request of this.running) if (!request.rows.some((row) => isVisible.has(row))) this.cancel(request);
    const isThere = (level) => (row) => this.tiles[level].has(row) || this.pending[level].has(row);
    this.queue = planSheets(range, order, TILES, isThere(0)).map((rows) => ({ rows, level: 0 }));
    if (wantsLarge && this.sides.length > 1)
      this.queue.push(...planSheets(range, order, LARGE_TILES, isThere(1)).map((rows) => ({ rows, level: 1 })));
    this.startNext();
  }

  cancel(request) {
    request.abort.abort();
    this.end(request);
  }

  // Returns whether the request was still running.
  end(request) {
    if (!this.running.delete(request)) return false;
    for (const row of request.rows) this.pending[request.level].delete(row);
    return true;
  }

  startNext() {
    while (this.queue.length && this.running.size < AT_ONCE && performance.now() >= this.pausedUntil)
      this.load(this.queue.shift());
  }

  async load({ rows, level }) {
    const request = { rows, level, abort: new AbortController() };
    this.running.add(request);
    for (const row of rows) this.pending[level].add(row);
    const side = this.sides[level];
    try {
      const answer = await this.get(`${this.address}/sheet?side=${side}&rows=${encodeRows(rows)}`, { signal: request.abort.signal });
      if (!this.running.has(request)) return;
      if (answer.status === 404) this.lose();
      if (!answer.ok) throw new Error(`The server answered with ${answer.status}.`);
      const buffer = await answer.arrayBuffer();
      this.bytes += buffer.byteLength;
      const sheet = readSheet(buffer);
      const bitmap = await this.decode(sheet.image);
      if (this.running.has(request)) this.add({ ...sheet, bitmap, rows, level });
      else bitmap.close();
    } catch (error) {
      if (error.name !== "AbortError") this.pausedUntil = performance.now() + RETRY;
      if (error.name !== "AbortError" && !this.isLost) setTimeout(() => this.onArrival(), RETRY);
    }
    if (!this.end(request)) return;
    this.startNext();
    this.onArrival();
  }

  lose() {
    if (!this.isLost) this.onLost();
    this.isLost = true;
  }

  add(sheet) {
    const { rows, texts, level, bitmap } = sheet;
    rows.forEach((row, place) => {
      this.tiles[level].set(row, [sheet, place]);
      this.texts.set(row, texts[place]);
    });
    sheet.used = this.turn;
    this.sheets.add(sheet);
    this.pixels += bitmap.width * bitmap.height;
    this.removeOld();
  }

  removeOld() {
    if (this.pixels <= MAX_PIXELS) return;
    for (const sheet of [...this.sheets].sort((a, b) => a.used - b.used)) {
      if (this.pixels <= MAX_PIXELS || sheet.used === this.turn) return;
      this.sheets.delete(sheet);
      this.pixels -= sheet.bitmap.width * sheet.bitmap.height;
      const tiles = this.tiles[sheet.level];
      for (const row of sheet.rows) if (tiles.get(row)?.[0] === sheet) this.removeTile(tiles, row);
      sheet.bitmap.close();
    }
  }

  removeTile(tiles, row) {
    tiles.delete(row);
    if (!this.tiles.some((each) => each.has(row))) this.texts.delete(row);
  }
}
