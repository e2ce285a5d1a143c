import assert from "node:assert/strict";
import { test } from "node:test";
import { arrangeLabels, labelWidth } from "../../app/components/bin_map/frontend/labels.js";
import { makeRandom } from "./random.js";

const PANEL = { width: 300, height: 200 };

test("a label is centred at its position", () => {
  assert.deepEqual(arrangeLabels([{ x: 150, y: 100, width: 60 }], PANEL), [{ x: 120, y: 90 }]);
});

test("labels stay inside the panel", () => {
  const [left, right] = arrangeLabels([{ x: 2, y: 50, width: 60 }, { x: 299, y: 150, width: 60 }], PANEL);
  assert.deepEqual([left.x, right.x], [4, 236]);
});

test("a label whose position is not visible is hidden", () => {
  const places = [{ x: -1, y: 50 }, { x: 301, y: 50 }, { x: 50, y: -1 }, { x: 50, y: 201 }];
  for (const place of places) assert.deepEqual(arrangeLabels([{ ...place, width: 40 }], PANEL), [null]);
});

test("the first label keeps its position, later ones are shifted, or hidden if there is no room", () => {
  const label = { x: 150, y: 100, width: 60 };
  const placed = arrangeLabels(Array(9).fill(label), PANEL);
  assert.deepEqual(placed.slice(0, 3).map(({ y }) => y), [90, 111, 69]);
  assert.deepEqual(placed.slice(7), [null, null]);
});

test("no two labels overlap", () => {
  const random = makeRandom(3);
  for (let run = 0; run < 50; run++) {
    const labels = Array.from({ length: 12 }, () => ({ x: random() * 300, y: random() * 200, width: 40 + random() * 60 }));
    const placed = arrangeLabels(labels, PANEL).map((place, n) => place && { ...place, width: labels[n].width });
    const shown = placed.filter(Boolean);
    for (const a of shown)
      for (const b of shown)
        if (a !== b) assert.ok(a.x + a.width < b.x || b.x + b.width < a.x || Math.abs(a.y - b.y) >= 20);
  }
});

test("the width depends on the size of the bin", () => {
  assert.ok(labelWidth("1,200", false) > labelWidth("12", false));
  assert.ok(labelWidth("1,200", true) < labelWidth("1,200", false));
});
