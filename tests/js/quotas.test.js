import assert from "node:assert/strict";
import { test } from "node:test";
import * as quotas from "../../app/components/bin_map/frontend/quotas.js";

test("bins are runs of points", () => {
  const { start, binOf } = quotas.binRuns([2, 0, 3]);
  assert.deepEqual([...start], [0, 2, 2]);
  assert.deepEqual([...binOf], [0, 0, 2, 2, 2]);
});

test("the nearest step of alpha, the lower one of two equally near", () => {
  const alphas = [0, 0.5, 0.655, 1];
  assert.deepEqual(
    [-1, 0.2, 0.6, 0.66, 0.9, 2].map((alpha) => quotas.nearestStep(alphas, alpha)),
    [0, 0, 2, 2, 3, 3],
  );
  assert.equal(quotas.nearestStep([0, 1], 0.5), 0);
});

test("ranges of the quotas over all steps", () => {
  const table = { alphas: [0, 0.5, 1], quota: Uint32Array.from([1, 9, 5, 2, 3, 7]) };
  assert.deepEqual(quotas.quotaRanges(table, 2), { first: [1, 9], last: [3, 7], lowest: [1, 2], highest: [5, 9] });
});

test("added images are those after the old quota, removed images those after the new quota", () => {
  const start = [0, 10, 20];
  const previous = [4, 2, 3];
  const current = [2, 5, 3];
  assert.deepEqual(quotas.changedPoints("added", previous, current, start, 9), [12, 13, 14]);
  assert.deepEqual(quotas.changedPoints("removed", previous, current, start, 9), [2, 3]);
  assert.deepEqual(quotas.countChanges(previous, current), { added: 3, removed: 2 });
  assert.deepEqual(quotas.changedRun(2, 5), { kind: "added", from: 2, to: 5 });
  assert.deepEqual(quotas.changedRun(5, 2), { kind: "removed", from: 2, to: 5 });
  assert.equal(quotas.changedRun(5, 5), null);
});

test("changed images alternate between the bins, up to the limit", () => {
  const changed = (limit) => quotas.changedPoints("added", [0, 0, 1], Uint32Array.from([1, 3, 3]), [0, 10, 20], limit);
  assert.deepEqual(changed(9), [0, 10, 21, 11, 22, 12]);
  assert.deepEqual(changed(4), [0, 10, 21, 11]);
  assert.deepEqual(quotas.changedPoints("removed", [0], [1], [0], 4), []);
});

test("selected points of a lasso are counted by the prefix of each bin", () => {
  const places = Uint32Array.from([0, 1, 3, 10, 12, 19]);
  const start = [0, 10, 20];
  for (const quota of [[0, 0, 0], [2, 3, 1], [4, 10, 5]]) {
    const expected = places.filter((i) => start.some((first, bin) => i >= first && i < first + quota[bin])).length;
    assert.equal(quotas.countSelected(places, start, quota), expected);
  }
});

test("selected rows are ascending", () => {
  const points = { row: Uint32Array.from([7, 3, 9, 1, 8]), start: [0, 3] };
  assert.deepEqual(quotas.selectedRows(points, [2, 1]), [1, 3, 7]);
});
