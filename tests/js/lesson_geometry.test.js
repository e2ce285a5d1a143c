import assert from "node:assert/strict";
import { test } from "node:test";
import { allowed, cellAt, fromPixels, nearest, nextCell, nudged, sizeOf, toPixels } from "../../app/components/lesson/frontend/geometry.js";

const BOX = [0, -1, 10, 4];
const PLANE = { movement: "plane", box: BOX };
const CIRCLE = { movement: "circle", box: [-2, -2, 2, 2] };
const UP = { movement: "up", box: [0, -1, 10, 2] };
const near = (found, wanted) => found.forEach((value, at) => assert.ok(Math.abs(value - wanted[at]) < 1e-9, `${found}`));

test("pixels and positions convert into each other, with y upwards", () => {
  const size = sizeOf({ height: 0.5 });
  assert.deepEqual(size, [480, 240]);
  assert.deepEqual(toPixels(BOX, size, [0, -1]), [0, 240]);
  assert.deepEqual(toPixels(BOX, size, [10, 4]), [480, 0]);
  near(fromPixels(BOX, size, toPixels(BOX, size, [3.3, 0.7])), [3.3, 0.7]);
});

test("a point stays inside the box", () => {
  assert.deepEqual(allowed(PLANE, [12, -7], [1, 1]), [10, -1]);
  assert.deepEqual(allowed(PLANE, [2, 3], [1, 1]), [2, 3]);
});

test("a vector stays on its circle, also when it is dragged to the centre", () => {
  near(allowed(CIRCLE, [3, 4], [1, 0]), [0.6, 0.8]);
  assert.deepEqual(allowed(CIRCLE, [0, 0], [1, 0]), [1, 0]);
});

test("the top of a bar moves only up and down, and not below 0", () => {
  assert.deepEqual(allowed(UP, [7, 1.5], [0.5, 1]), [0.5, 1.5]);
  assert.deepEqual(allowed(UP, [7, -5], [0.5, 1]), [0.5, 0]);
  assert.deepEqual(allowed(UP, [7, 5], [0.5, 1]), [0.5, 2]);
});

test("arrow keys move a point by a fortieth of the box, and turn a vector by 5 degrees", () => {
  near(nudged(PLANE, "ArrowRight", [1, 1]), [1.25, 1]);
  near(nudged(PLANE, "ArrowDown", [1, 1]), [1, 0.875]);
  near(nudged(CIRCLE, "ArrowLeft", [1, 0]), [Math.cos(Math.PI / 36), Math.sin(Math.PI / 36)]);
  assert.equal(nudged(PLANE, "x", [1, 1]), null);
});

test("the nearest point within reach is found", () => {
  const pixels = [[0, 0], [10, 0], [30, 0]];
  assert.equal(nearest(pixels, [8, 0], 5), 1);
  assert.equal(nearest(pixels, [20, 0], 5), -1);
});

test("a pixel of an image is found by position and by arrow keys", () => {
  assert.deepEqual(cellAt([0.5, 23.5], 24, 24), [0, 0]);
  assert.deepEqual(cellAt([23.2, 0.1], 24, 24), [23, 23]);
  assert.equal(cellAt([24.1, 3], 24, 24), null);
  assert.deepEqual(nextCell("ArrowDown", [3, 22], 24, 24), [3, 23]);
  assert.deepEqual(nextCell("ArrowDown", [3, 23], 24, 24), [3, 23]);
  assert.deepEqual(nextCell("ArrowLeft", [3, 1], 24, 24), [2, 1]);
  assert.equal(nextCell("n", [3, 1], 24, 24), null);
});
