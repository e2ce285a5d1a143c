import assert from "node:assert/strict";
import { test } from "node:test";
import * as viewport from "../../app/components/bin_map/frontend/viewport.js";

const BOUNDS = [-2, 1, 8, 6];
const PANEL = { width: 900, height: 520 };
const transformOf = (view) => viewport.makeTransform(BOUNDS, view, PANEL, 1);
const isClose = (found, expected) =>
  found.forEach((value, n) => assert.ok(Math.abs(value - expected[n]) < 1e-9, `${found} is not ${expected}`));

test("the whole map is centred and inside the margins", () => {
  const transform = transformOf(viewport.WHOLE_MAP);
  isClose(viewport.toPixel(transform, 3, 3.5), [450, 260]);
  const [left, top] = viewport.toPixel(transform, -2, 6);
  const [right, bottom] = viewport.toPixel(transform, 8, 1);
  assert.ok(left > 27.9 && top > 27.9 && right < 872.1 && bottom < 492.1);
  assert.ok(top < bottom, "y points up");
});

test("both axes have the same scale, and high bounds fit into the panel", () => {
  const transform = viewport.makeTransform([0, 0, 1, 10], viewport.WHOLE_MAP, PANEL, 1);
  const [, top] = viewport.toPixel(transform, 0, 10);
  const [, bottom] = viewport.toPixel(transform, 0, 0);
  isClose([top, bottom], [28, 492]);
  const [left, right] = [0, 1].map((x) => viewport.toPixel(transform, x, 0)[0]);
  isClose([right - left], [(bottom - top) / 10]);
});

test("data and pixels are converted in both directions", () => {
  const transform = transformOf({ x: 0.3, y: 0.8, zoom: 2.5 });
  isClose(viewport.toData(transform, ...viewport.toPixel(transform, 1.25, 4)), [1.25, 4]);
});

test("moving shifts the points by the same number of pixels", () => {
  const view = { x: 0.4, y: 0.6, zoom: 2 };
  const before = transformOf(view);
  const after = transformOf({ ...view, ...viewport.moveView(view, [30, -12], before.scale, BOUNDS) });
  const [x, y] = viewport.toPixel(before, 1, 2);
  isClose(viewport.toPixel(after, 1, 2), [x + 30, y - 12]);
});

test("zooming keeps the point below the pointer and changes the scale", () => {
  const view = { x: 0.4, y: 0.6, zoom: 2 };
  const before = transformOf(view);
  for (const factor of [1.6, 0.5]) {
    const zoomed = viewport.zoomView(view, factor, [200, 90], PANEL, before.scale, BOUNDS);
    const after = transformOf({ ...view, ...zoomed });
    isClose(viewport.toData(after, 200, 90), viewport.toData(before, 200, 90));
    isClose([after.scale], [before.scale * factor]);
  }
});

test("the zoom has limits", () => {
  const zoom = (factor) => viewport.zoomView(viewport.WHOLE_MAP, factor, [0, 0], PANEL, 80, BOUNDS).zoom;
  assert.deepEqual([zoom(1e9), zoom(1e-9)], [400, 0.5]);
});

test("fingers that move apart zoom in, fingers that approach zoom out", () => {
  assert.equal(viewport.pinchFactor([0, 100], [0, 200], [0, 0]), 2);
  assert.equal(viewport.pinchFactor([0, 200], [0, 100], [0, 0]), 0.5);
  assert.equal(viewport.pinchFactor([5, 5], [8, 9], [5, 5]), 5, "no division by zero");
});

test("the wheel scrolls the page unless the map is focused or Ctrl is pressed", () => {
  const wheel = { deltaY: -100, deltaMode: 0, ctrlKey: false, metaKey: false };
  assert.equal(viewport.wheelFactor(wheel, false), null);
  assert.ok(viewport.wheelFactor(wheel, true) > 1);
  assert.ok(viewport.wheelFactor({ ...wheel, ctrlKey: true }, false) > 1);
  assert.ok(viewport.wheelFactor({ ...wheel, metaKey: true, deltaY: 100 }, false) < 1);
});

test("panels fill the canvas", () => {
  assert.equal(viewport.panelsAcross(1, 900, 520), 1);
  assert.equal(viewport.panelsAcross(10, 900, 520), 4);
  assert.equal(viewport.panelsAcross(3, 4000, 100), 3);
  assert.equal(viewport.panelsAcross(10, 100, 4000), 1);
});

test("a polygon is thinned to at most the given number of corners", () => {
  const corners = Array.from({ length: 1001 }, (_, n) => [n, n]);
  assert.equal(viewport.thinPolygon(corners.slice(0, 400), 400).length, 400);
  const thin = viewport.thinPolygon(corners, 400);
  assert.ok(thin.length <= 400 && thin.length > 300);
  assert.deepEqual(thin[0], [0, 0]);
  assert.ok(thin.at(-1)[0] >= 998, "corners of the whole polygon");
});
