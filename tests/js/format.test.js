import assert from "node:assert/strict";
import { test } from "node:test";
import * as format from "../../app/components/bin_map/frontend/format.js";
import { binRuns } from "../../app/components/bin_map/frontend/quotas.js";

const CAPACITY = [3, 1200];
const points = { capacity: CAPACITY, length: 1203, ...binRuns(CAPACITY) };
const classes = { label: "Class", names: ["a", "<b>"], values: Uint16Array.from({ length: 1203 }, (_, i) => i % 2) };
const texture = { label: "Texture", low: -1, high: 3, unit: " px", values: new Uint16Array(1203).fill(32768) };

test("alpha has two digits, or three between the steps", () => {
  assert.deepEqual([0, 0.65, 1, 0.655, 0.29].map(format.formatAlpha), ["0.00", "0.65", "1.00", "0.655", "0.29"]);
});

test("values have as many decimals as their range needs", () => {
  const value = (low, high, x) => format.formatValue({ low, high, unit: "" }, x);
  assert.equal(value(0, 1, 0.5), "0.50");
  assert.equal(value(0, 12345, 1234.5), "1,235");
  assert.equal(value(2.5, 2.5, 2.5), "2.50");
  assert.equal(value(0, 0.001, 0.00042), "0.00042");
});

test("levels are names, or values between the lowest and the highest", () => {
  assert.equal(format.formatLevel(classes, 1), "<b>");
  assert.deepEqual([0, 65535].map((level) => format.formatLevel(texture, level)), ["-1.00 px", "3.00 px"]);
});

test("the first image of a bin has draw position 1, and a quota selects the first positions", () => {
  const describe = (i) => format.describePoint(i, { points, quota: [1, 2], binWord: "bin", columns: [classes, texture] });
  assert.deepEqual(describe(0), ["bin 0, draw position 1 of 3: selected", "Class: a", "Texture: 1.00 px"]);
  assert.equal(describe(1)[0], "bin 0, draw position 2 of 3: not selected");
  assert.equal(describe(4)[0], "bin 1, draw position 2 of 1,200: selected");
  assert.equal(describe(1202)[0], "bin 1, draw position 1,200 of 1,200: not selected");
});

test("the name of the map has every bin", () => {
  assert.equal(
    format.describeMap({ points, quota: Uint32Array.from([1, 1000]), binWord: "tier" }),
    "Map of 1,203 images; the 1,001 selected images are highlighted. tier 0: 1 of 3; tier 1: 1,000 of 1,200.",
  );
});

test("changes since the pinned state", () => {
  const pin = { alpha: 0.3, isAutomatic: false };
  assert.equal(format.describeChanges({ added: 1200, removed: 3 }, pin), "+1,200 in, \u22123 out since alpha 0.30");
  assert.equal(format.describeChanges({ added: 0, removed: 0 }, pin), "pinned at 0.30");
  assert.equal(
    format.describeChanges({ added: 0, removed: 0 }, { alpha: 0.3, isAutomatic: true }),
    "move alpha to see what changes",
  );
});

test("the level 0 of a column with missing values is a missing value", () => {
  const column = { low: 10, high: 20, unit: "", first: 256, label: "age" };
  assert.deepEqual([0, 256, 65535].map((level) => format.formatLevel(column, level)), ["missing", "10.0", "20.0"]);
});
