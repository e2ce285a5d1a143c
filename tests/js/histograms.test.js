import assert from "node:assert/strict";
import { test } from "node:test";
import {
  binAt, countFailures, crossfilter, decodeBlob, MISSING, rangeOfBins,
} from "../../app/components/histograms/frontend/crossfilter.js";
import { makeRandom } from "./random.js";

function packed(ones) {
  const bits = new Uint8Array(Math.ceil(ones.length / 8));
  ones.forEach((one, i) => one && (bits[i >> 3] |= 1 << (i & 7)));
  return bits;
}

test("each histogram counts the images that match everything but its own range", () => {
  const next = makeRandom(3);
  const length = 200;
  const nBins = [5, 7, 4];
  const levels = nBins.map((n) =>
    Uint8Array.from({ length }, () => (next() < 0.1 ? MISSING : Math.floor(n * next()))),
  );
  const base = Array.from({ length }, () => next() < 0.8);
  const inRange = [null, Array.from({ length }, (_, i) => levels[1][i] >= 2 && levels[1][i] <= 4), null];
  const ranges = inRange.map((each) => each && packed(each));
  for (const [dragged, from, to] of [[-1, 0, 0], [0, 1, 3], [1, 0, 2]]) {
    const failures = countFailures(length, packed(base), ranges, dragged);
    const { counts, shown } = crossfilter(levels, nBins, failures, dragged, from, to);
    const passes = (c, i) => {
      if (c === dragged) return levels[c][i] >= from && levels[c][i] <= to;
      return inRange[c] === null || inRange[c][i];
    };
    const expected = nBins.map((n, c) =>
      Array.from({ length: n }, (_, bin) =>
        levels[c].filter((level, i) => level === bin && base[i] && [0, 1, 2].every((o) => o === c || passes(o, i))).length,
      ),
    );
    assert.deepEqual(counts.map((each) => Array.from(each)), expected);
    assert.equal(shown, base.filter((one, i) => one && [0, 1, 2].every((c) => passes(c, i))).length);
  }
});

test("a missing value is in no range", () => {
  const levels = [Uint8Array.from([MISSING, 0])];
  const failures = countFailures(2, packed([1, 1]), [null]);
  assert.equal(crossfilter(levels, [3], failures).shown, 2, "without a range it is shown");
  assert.equal(crossfilter(levels, [3], failures, 0, 0, 2).shown, 1);
});

test("a drag selects whole bins, and the first and the last bin are open ends", () => {
  assert.deepEqual([-0.2, 0, 0.5, 0.999, 1.4].map((share) => binAt(share, 10)), [0, 0, 5, 9, 9]);
  const column = { lows: [0, 1, 2], highs: [1, 2, 3] };
  assert.deepEqual(rangeOfBins(column, 1, 1), [1, 2]);
  assert.deepEqual(rangeOfBins(column, 0, 1), [null, 2]);
  assert.deepEqual(rangeOfBins(column, 1, 2), [1, null]);
  assert.deepEqual(rangeOfBins(column, 0, 2), [null, null]);
});

test("a blob is decoded at any offset, and other bytes are refused", () => {
  const header = new TextEncoder().encode('{"kind":"levels","arrays":[["a","u1",3],["b","u1",2]]} ');
  const bytes = new Uint8Array(1 + 8 + header.length + 8);
  bytes.set([65, 68, 81, 77], 1);
  new DataView(bytes.buffer).setUint32(5, header.length, true);
  bytes.set(header, 9);
  bytes.set([1, 2, 3, 0, 7, 8], 9 + header.length);
  const blob = decodeBlob(bytes.subarray(1));
  assert.deepEqual([Array.from(blob.a), Array.from(blob.b), blob.kind], [[1, 2, 3], [7, 8], "levels"]);
  assert.throws(() => decodeBlob(bytes), /not a blob/);
});
