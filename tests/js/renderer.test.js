import assert from "node:assert/strict";
import { test } from "node:test";
import { MARGIN } from "../../app/components/bin_map/frontend/glyphs.js";
import { binRuns } from "../../app/components/bin_map/frontend/quotas.js";
import { Renderer } from "../../app/components/bin_map/frontend/renderer.js";

globalThis.ImageData = class {
  constructor(width, height) {
    this.data = new Uint8ClampedArray(4 * width * height);
  }
};

// Two bins of three points each, far apart from each other.
const CAPACITY = [3, 3];
const POINTS = {
  x: Float32Array.from([0, 1, 2, 0, 1, 2]),
  y: Float32Array.from([1, 1, 1, 0, 0, 0]),
  row: Uint32Array.from([0, 1, 2, 3, 4, 5]),
  bounds: [0, 0, 2, 1],
  capacity: CAPACITY,
  length: 6,
  ...binRuns(CAPACITY),
};
const [WHITE, GREY, STRONG, RED, BLUE, LEFT, CAME] = [0xffffffff, 0xffaaaaaa, 0xff666666, 0xff0000ff, 0xffff0000, 0xff112233, 0xff445566];
const SCENE = {
  quota: Uint32Array.from([2, 1]),
  pinQuota: [2, 1],
  spotlight: null,
  theme: { background: WHITE, neutral: GREY, strong: STRONG, removed: LEFT, added: CAME },
  background: "#fff",
  colours: { levels: POINTS.binOf, shift: 0, pixels: [RED, BLUE], sign: "bins" },
  hasShapes: false,
  panels: 1,
  playedCount: null,
  order: null,
};

function paint(changes, panels = 1, shown = null) {
  const context = { fillRect() {}, putImageData() {} };
  const renderer = new Renderer({ getContext: () => context });
  const panelPixels = [];
  context.putImageData = () => panelPixels.push(renderer.buffer.slice());
  renderer.setPoints(POINTS);
  if (shown) renderer.setShown(Uint8Array.from(shown));
  renderer.setSize(400, 200, panels, 1);
  renderer.project();
  renderer.paint({ ...SCENE, panels, ...changes });
  const at = (i, dx = 0, panel = 0) => panelPixels[panel][renderer.pixelOf[i] + dx] >>> 0;
  return { renderer, at };
}

test("the first images of each bin have the colour of their bin, the others are grey", () => {
  const { at } = paint({});
  assert.deepEqual([0, 1, 3].map((i) => at(i)), [RED, RED, BLUE]);
  for (const i of [2, 4, 5]) assert.ok(![RED, BLUE, WHITE].includes(at(i)), `point ${i} is grey`);
});

test("an added image is a diamond in its own colour, a removed image is an empty ring", () => {
  const { at, renderer } = paint({ pinQuota: [1, 2] }); // bin 0 has grown by point 1, bin 1 has lost point 4
  assert.equal(at(1), RED);
  const row = (i) => Array.from({ length: 2 * MARGIN - 1 }, (_, n) => at(i, n - MARGIN + 1));
  assert.ok(row(1).includes(CAME), "the added image has an outline");
  assert.ok(!row(1).includes(LEFT));
  assert.ok(row(4).includes(LEFT), "the removed image has a ring");
  assert.notEqual(at(4), LEFT, "the ring is empty in the middle");
  assert.ok(!row(4).includes(BLUE));
  for (const i of [0, 3]) assert.ok(!row(i).includes(CAME) && !row(i).includes(LEFT), "an unchanged image has no mark");
  assert.ok(renderer.radius > 1);
});

test("points outside the panel are neither drawn nor found", () => {
  const { renderer } = paint({});
  for (const [x, y] of [[0.5, -9], [0.5, 9], [-9, 0.5], [9, 0.5]]) {
    renderer.view = { x, y, zoom: 1 };
    renderer.project();
    assert.deepEqual([...new Set(renderer.pixelOf)], [-1]);
    assert.equal(renderer.placeOf(0), null);
  }
});

test("a spotlight dims the other bins and shows all images of its bin", () => {
  const { at } = paint({ spotlight: 1 });
  assert.equal(at(3), BLUE);
  assert.notEqual(at(0), RED);
  assert.deepEqual([4, 5].map((i) => at(i)), [STRONG, STRONG]);
});

test("each of several panels shows one bin", () => {
  const { at } = paint({ pinQuota: null }, 2);
  assert.deepEqual([at(0, 0, 0), at(3, 0, 1)], [RED, BLUE]);
  assert.notEqual(at(3, 0, 0), BLUE);
  assert.notEqual(at(0, 0, 1), RED);
});

test("the playback shows the first images of the order", () => {
  const { at } = paint({ playedCount: 2, order: Uint32Array.from([5, 0, 1, 2, 3, 4]) });
  assert.deepEqual([at(5), at(0)], [BLUE, RED]);
  for (const i of [1, 3]) assert.ok(![RED, BLUE].includes(at(i)));
});

test("a point is found at its position, and only in the panel of its bin", () => {
  const { renderer } = paint({}, 2);
  const [x, y] = renderer.placeOf(4, 1);
  assert.equal(renderer.nearest(x, y, 5, true), 4);
  const [otherX, otherY] = renderer.placeOf(4, 0);
  assert.equal(renderer.nearest(otherX, otherY, 5, true), -1);
  assert.equal(renderer.panelAt(x, y).panel, 1);
});

test("points that the filter leaves out are grey and not found; those that match and are not selected are darker", () => {
  const shown = [1, 0, 1, 0, 1, 1];
  const { at, renderer } = paint({ pinQuota: [1, 2] }, 1, shown);
  assert.equal(at(0), RED);
  for (const i of [1, 3]) assert.ok(![RED, BLUE, STRONG, CAME, LEFT, WHITE].includes(at(i)), `point ${i} is grey`);
  for (const i of [2, 5]) assert.equal(at(i), STRONG, `point ${i} matches and is not selected`);
  const [x, y] = renderer.placeOf(1);
  assert.equal(renderer.nearest(x, y, 5, false), -1);
  assert.equal(renderer.nearest(...renderer.placeOf(2), 5, false), 2);
  renderer.setShown(null);
  renderer.project();
  renderer.paint(SCENE);
  assert.equal(renderer.nearest(x, y, 5, false), 1);
  assert.equal(renderer.buffer[renderer.pixelOf[1]] >>> 0, RED);
});

test("the playback and the panels leave out what the filter leaves out", () => {
  const shown = [1, 0, 1, 1, 1, 1];
  const played = paint({ playedCount: 6, order: Uint32Array.from([0, 1, 2, 3, 4, 5]) }, 1, shown);
  assert.equal(played.at(0), RED);
  assert.notEqual(played.at(1), RED);
  const { at } = paint({ pinQuota: null }, 2, shown);
  assert.equal(at(0, 0, 0), RED);
  assert.notEqual(at(1, 0, 0), RED);
});
