import assert from "node:assert/strict";
import { test } from "node:test";
import { MARGIN } from "../../app/components/bin_map/frontend/glyphs.js";
import { GroupRenderer } from "../../app/components/bin_map/frontend/group_renderer.js";
import * as groups from "../../app/components/bin_map/frontend/groups.js";
import { binRuns } from "../../app/components/bin_map/frontend/quotas.js";

const LEVELS = Uint8Array.from([2, 0, 0, 2, 1, 0]);

test("the points of every group, ascending", () => {
  const members = groups.membersOf(LEVELS, 4).map((points) => Array.from(points));
  assert.deepEqual(members, [[1, 2, 5], [4], [0, 3], []]);
});

test("a higher layer is drawn last, and within a layer no group covers the others", () => {
  const levels = Uint8Array.from({ length: 90 }, (_, i) => Math.floor(i / 30));
  const members = groups.membersOf(levels, 3);
  const order = groups.paintOrder(members, [1, 0, 0]);
  assert.deepEqual(Array.from(order).sort((a, b) => a - b), Array.from(levels.keys()), "every point once");
  const drawn = Array.from(order, (i) => levels[i]);
  assert.deepEqual(new Set(drawn.slice(60)), new Set([0]), "the higher layer");
  assert.deepEqual(new Set(drawn.slice(0, 10)), new Set([1, 2]), "the first slices have points of both groups");
  assert.deepEqual(new Set(drawn.slice(50, 60)), new Set([1, 2]), "the last slices too");
});

test("a click hides or shows a group, a double click shows it alone or all", () => {
  const names = ["a", "b", "c"];
  assert.deepEqual(groups.toggleGroup([], "b"), ["b"]);
  assert.deepEqual(groups.toggleGroup(["a", "b"], "b"), ["a"]);
  assert.deepEqual(groups.isolateGroup([], "b", names), ["a", "c"]);
  assert.deepEqual(groups.isolateGroup(["b"], "b", names), ["a", "c"]);
  assert.deepEqual(groups.isolateGroup(["a", "c"], "b", names), []);
});

test("a point is described by its group and its columns", () => {
  const columns = [{ label: "Bin", names: ["0", "1"], values: Uint16Array.from([0, 1, 0, 0, 0, 0]) }];
  const named = [{ name: "in both" }, { name: "only in A" }, { name: "<b>" }];
  assert.deepEqual(groups.describeMember(1, { groups: named, levels: LEVELS, title: "", columns }), ["in both", "Bin: 1"]);
  assert.deepEqual(groups.describeMember(0, { groups: named, levels: LEVELS, title: "Class", columns: [] }), ["Class: <b>"]);
});

test("the name of the canvas has the number of every group, of many groups the first thirty", () => {
  const two = { groups: [{ name: "a" }, { name: "b" }], counts: [1200, 3], noun: "images" };
  assert.equal(groups.describeGroups(two), "Map of 1,203 images. a: 1,200; b: 3.");
  const many = Array.from({ length: 32 }, (_, n) => ({ name: String(n) }));
  const text = groups.describeGroups({ groups: many, counts: Array(32).fill(1), noun: "vectors" });
  assert.ok(text.endsWith(" 29: 1; 2 more groups."), text);
});

globalThis.ImageData = class {
  constructor(width, height) {
    this.data = new Uint8ClampedArray(4 * width * height);
  }
};
const [WHITE, RED, BLUE] = [0xffffffff, 0xff0000ff, 0xffff0000];
const POINTS = {
  x: Float32Array.from([0, 0, 2]),
  y: Float32Array.from([0, 0, 1]),
  row: Uint32Array.from([0, 1, 2]),
  bounds: [0, 0, 2, 1],
  capacity: [3],
  length: 3,
  ...binRuns([3]),
};

// Colours at the middle of every point and beside it.
function paint(shown, order) {
  const renderer = new GroupRenderer({ getContext: () => ({ putImageData() {} }) });
  renderer.setPoints(POINTS);
  renderer.setSize(400, 200, 1, 1);
  renderer.project();
  renderer.paint({ groups: shown, levels: [0, 1, 1], order, theme: { background: WHITE } });
  const at = (i, dx = 0, dy = 0) => renderer.buffer[renderer.pixelOf[i] + dx + dy * (400 + 2 * MARGIN)] >>> 0;
  return { renderer, at };
}

test("points have the colour of their group, and the last one drawn is above the others", () => {
  const [red, blue] = [{ colour: RED, shape: "disc", size: 1 }, { colour: BLUE, shape: "disc", size: 1 }];
  assert.equal(paint([red, blue], [0, 1, 2]).at(0), BLUE);
  assert.equal(paint([red, blue], [1, 2, 0]).at(0), RED);
  assert.equal(paint([red, blue], [0, 1, 2]).at(2), BLUE);
});

test("a hidden group leaves the background", () => {
  const { at, renderer } = paint([{ colour: RED, shape: "disc", size: 1 }, null], [0, 1, 2]);
  assert.deepEqual([at(0), at(2)], [RED, WHITE]);
  const [x, y] = renderer.placeOf(2);
  assert.equal(renderer.nearest(x, y, 5, false), 2);
  assert.equal(renderer.nearest(x, y, 5, false, (i) => i < 2), -1, "a hidden point is not found");
});

test("groups have shapes and sizes of their own", () => {
  const covered = (shape, size) => {
    const { renderer } = paint([null, { colour: BLUE, shape, size }], [2]);
    return renderer.buffer.filter((pixel) => pixel >>> 0 === BLUE).length;
  };
  assert.ok(covered("disc", 1) > covered("disc", 0.6));
  assert.notEqual(covered("disc", 1), covered("triangle", 1));
});
