import assert from "node:assert/strict";
import { test } from "node:test";
import {
  countBefore, countByGroup, countSelectedOnes, nextOne, unpackBits,
} from "../../app/components/bin_map/frontend/filter.js";
import { binRuns, changedPoints } from "../../app/components/bin_map/frontend/quotas.js";
import { makeRandom } from "./random.js";

test("the lowest bit of each byte comes first, as NumPy packs them", () => {
  assert.deepEqual(Array.from(unpackBits(Uint8Array.from([0b00000101, 0b10]), 10)), [1, 0, 1, 0, 0, 0, 0, 0, 0, 1]);
  assert.equal(unpackBits(Uint8Array.from([]), 0).length, 0);
});

test("ones are counted per bin and per group as one by one", () => {
  const next = makeRandom(7);
  for (let round = 0; round < 50; round++) {
    const capacity = [0, 1, 2].map(() => 1 + Math.floor(9 * next()));
    const { start, binOf } = binRuns(capacity);
    const ones = Uint8Array.from(binOf, () => (next() < 0.4 ? 1 : 0));
    const quota = capacity.map((size) => Math.floor((size + 1) * next()));
    const before = countBefore(ones);
    const counted = Array.from(ones).filter((one, i) => one && i - start[binOf[i]] < quota[binOf[i]]).length;
    assert.equal(countSelectedOnes(before, start, quota), counted);
    assert.equal(before.at(-1), ones.reduce((sum, one) => sum + one, 0));
    const byBin = countByGroup(ones, binOf, 3);
    assert.deepEqual(byBin, [0, 1, 2].map((bin) => ones.filter((one, i) => one && binOf[i] === bin).length));
  }
});

test("the keys step to the next image that matches, around the ends of the run", () => {
  const ones = Uint8Array.from([1, 0, 0, 1, 1, 0]);
  assert.equal(nextOne(ones, -1, 1, 0, 6), 0);
  assert.equal(nextOne(ones, 0, 1, 0, 6), 3);
  assert.equal(nextOne(ones, 4, 1, 0, 6), 0);
  assert.equal(nextOne(ones, 0, -1, 0, 6), 4);
  assert.equal(nextOne(ones, -1, -1, 0, 6), 4);
  assert.equal(nextOne(ones, 4, 1, 1, 2), -1, "no image of the run matches");
  assert.equal(nextOne(null, 5, 1, 0, 6), 0, "without a filter every image is stepped to");
  assert.equal(nextOne(null, -1, -1, 2, 3), 4);
});

test("changed images that the filter leaves out are not shown", () => {
  assert.deepEqual(changedPoints("added", [0, 0], [3, 2], [0, 3], 9), [0, 3, 1, 4, 2]);
  assert.deepEqual(changedPoints("added", [0, 0], [3, 2], [0, 3], 9, Uint8Array.from([0, 1, 1, 1, 0])), [3, 1, 2]);
});
