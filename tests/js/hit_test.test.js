import assert from "node:assert/strict";
import { test } from "node:test";
import * as hits from "../../app/components/bin_map/frontend/hit_test.js";
import { makeRandom } from "./random.js";

const random = makeRandom(7);
const coordinates = (n, scale) => Float32Array.from({ length: n }, () => (random() - 0.5) * scale);

// Winding number: another algorithm than the one under test; equal for polygons that do not cross themselves.
function isInside(px, py, polygon) {
  let angle = 0;
  polygon.forEach(([x, y], n) => {
    const [nextX, nextY] = polygon[(n + 1) % polygon.length];
    const turn = Math.atan2(nextY - py, nextX - px) - Math.atan2(y - py, x - px);
    angle += Math.atan2(Math.sin(turn), Math.cos(turn));
  });
  return Math.abs(angle) > Math.PI;
}

test("points in star-shaped polygons are those of the winding number", () => {
  for (let run = 0; run < 20; run++) {
    const corners = 3 + Math.floor(random() * 40);
    const polygon = Array.from({ length: corners }, (_, n) => {
      const [turn, radius] = [(2 * Math.PI * n) / corners, 1 + 3 * random()];
      return [radius * Math.cos(turn), radius * Math.sin(turn)];
    });
    const points = { x: coordinates(400, 9), y: coordinates(400, 9), length: 400 };
    const expected = [...points.x.keys()].filter((i) => isInside(points.x[i], points.y[i], polygon));
    assert.deepEqual([...hits.pointsInPolygon(polygon, points)], expected);
  }
});

test("a square with horizontal edges, and a polygon that crosses itself", () => {
  const found = (polygon, xy) =>
    [...hits.pointsInPolygon(polygon, { x: xy.map(([x]) => x), y: xy.map(([, y]) => y), length: xy.length })];
  assert.deepEqual(found([[0, 0], [4, 0], [4, 4], [0, 4]], [[2, 2], [5, 2], [-1, 2], [2, 5], [2, -1]]), [0]);
  assert.deepEqual(found([[0, 0], [4, 4], [4, 0], [0, 4]], [[1, 2], [3, 2], [2, 1], [2, 3]]), [0, 1]);
});

// Points at whole pixels of a panel of 100 x 80 pixels, with y up.
function makePoints(n) {
  const [panel, margin] = [{ width: 100, height: 80 }, 10];
  const stride = panel.width + 2 * margin;
  const [px, py] = [100, 80].map((size) => Int32Array.from({ length: n }, () => Math.floor(random() * size)));
  const pixelOf = Int32Array.from(px, (x, i) => (i % 7 === 6 ? -1 : (py[i] + margin) * stride + x + margin));
  const points = { x: Float64Array.from(px, (x) => x + 0.5), y: Float64Array.from(py, (y) => -y - 0.5) };
  const grid = hits.makeGrid(pixelOf, panel, { stride, margin, cell: 8 });
  return { points, pixelOf, grid };
}

test("the nearest point is that of a search through all points", () => {
  const { points, pixelOf, grid } = makePoints(300);
  const transform = { scale: 1, left: 0, top: 0 };
  let [hit, missed] = [0, 0];
  for (let run = 0; run < 300; run++) {
    const [x, y, reach] = [random() * 100, random() * 80, random() * 14];
    const accepts = run % 2 ? () => true : (i) => i % 3 === 0;
    let [expected, smallest] = [-1, reach ** 2];
    for (let i = 0; i < pixelOf.length; i++) {
      const distance = (points.x[i] - x) ** 2 + (-points.y[i] - y) ** 2;
      if (pixelOf[i] >= 0 && accepts(i) && distance < smallest) [expected, smallest] = [i, distance];
    }
    const found = hits.nearestPoint(grid, points, transform, [x, y], reach, accepts);
    assert.equal(found < 0, expected < 0);
    if (found >= 0) assert.equal((points.x[found] - x) ** 2 + (-points.y[found] - y) ** 2, smallest);
    if (found >= 0) hit++;
    else missed++;
  }
  assert.ok(hit > 50 && missed > 20);
});

test("a point outside the visible part is never hit", () => {
  const pixelOf = Int32Array.from([-1]);
  const grid = hits.makeGrid(pixelOf, { width: 20, height: 20 }, { stride: 40, margin: 10, cell: 8 });
  const points = { x: [5], y: [-5] };
  assert.equal(hits.nearestPoint(grid, points, { scale: 1, left: 0, top: 0 }, [5, 5], 10, () => true), -1);
});

test("neighbours are sorted by distance", () => {
  const points = { x: [0, 3, 1, 9, 0.5], y: [0, 0, 0, 0, 0] };
  assert.deepEqual(hits.neighboursOf(0, points, 5, 3), [0, 4, 2]);
});

test("points on edges and corners are those of the server's expression", () => {
  const polygon = [[0, 0], [4, 0], [6, 3], [4, 6], [2, 4], [0, 6]];
  const x = Float64Array.from({ length: 81 }, (_, i) => (i % 9) - 1);
  const y = Float64Array.from({ length: 81 }, (_, i) => Math.floor(i / 9) - 1);
  const expected = [...x.keys()].filter((i) => {
    let isOdd = false;
    polygon.forEach(([xi, yi], n) => {
      const [xj, yj] = polygon[(n + polygon.length - 1) % polygon.length];
      const crosses = yi > y[i] !== yj > y[i] && x[i] < ((xj - xi) * (y[i] - yi)) / (yj - yi) + xi;
      if (crosses) isOdd = !isOdd;
    });
    return isOdd;
  });
  assert.ok(expected.length > 15);
  assert.deepEqual([...hits.pointsInPolygon(polygon, { x, y, length: 81 })], expected);
});
