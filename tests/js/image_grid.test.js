import assert from "node:assert/strict";
import { test } from "node:test";
import { decode, encodeRows } from "../../app/components/image_grid/frontend/blob.js";
import { cellText, countText, markedText, tipText } from "../../app/components/image_grid/frontend/format.js";
import { indexAfterKey } from "../../app/components/image_grid/frontend/keys.js";
import * as layouts from "../../app/components/image_grid/frontend/layout.js";
import { Marks } from "../../app/components/image_grid/frontend/marks.js";
import { fit } from "../../app/components/image_grid/frontend/painter.js";
import { Selection } from "../../app/components/image_grid/frontend/selection.js";
import { parse } from "../../app/components/image_grid/frontend/state.js";
import { makeRandom } from "./random.js";

const { boxOf, EDGE, indexAt, makeLayout, MAX_SCROLL, offsetOf, offsetToShow, scrolledHeight, scrollTopOf, topIndex, visibleRange } = layouts;

test("tiles fill the width, do not overlap, and each is found at its own position", () => {
  for (const [width, size, count] of [[800, 84, 1000], [330, 28, 77], [401, 320, 5], [20, 84, 3]]) {
    const layout = makeLayout({ width, size, count });
    const last = boxOf(layout, layout.columns - 1);
    assert.ok(last.x + layout.tile <= Math.max(width, layout.tile + EDGE), `${width}: the last column is inside`);
    assert.ok(width - (last.x + layout.tile) <= EDGE + 2 || layout.columns === 1, `${width}: the line is filled`);
    for (let index = 0; index < count; index++) {
      const { x, y } = boxOf(layout, index);
      assert.equal(indexAt(layout, x, y), index);
      assert.equal(indexAt(layout, x + layout.tile - 1, y + layout.tile - 1), index);
      assert.ok(y + layout.tile + layout.caption + EDGE <= layout.height);
    }
    assert.equal(indexAt(layout, EDGE, layout.height - 1), -1, "the edge below the last line");
    assert.equal(indexAt(layout, width + 1, EDGE), -1);
  }
});

test("between two tiles there is no image, and after the last one neither", () => {
  const layout = makeLayout({ width: 800, size: 84, count: 10 });
  const { x, y } = boxOf(layout, 1);
  assert.equal(indexAt(layout, x - 2, y + 5), -1);
  const lastLine = boxOf(layout, 9);
  assert.equal(indexAt(layout, lastLine.x + layout.pitchX + 2, lastLine.y + 2), -1);
});

test("exactly the tiles that touch the view are visible", () => {
  const layout = makeLayout({ width: 500, size: 60, count: 997 });
  for (const offset of [0, 1, 65, 66, 67, 1234, layout.height - 400]) {
    const [first, end] = visibleRange(layout, offset, 400);
    for (let index = 0; index < layout.count; index++) {
      const { y } = boxOf(layout, index);
      const touches = y + layout.tile > offset && y < offset + 400;
      if (touches) assert.ok(index >= first && index < end, `${index} at ${offset}`);
      else if (y >= offset + 400 + layout.pitch || y + layout.pitch < offset - layout.pitch)
        assert.ok(index < first || index >= end, `${index} at ${offset}`);
    }
  }
  assert.deepEqual(visibleRange(makeLayout({ width: 500, size: 60, count: 0 }), 0, 400), [0, 0]);
});

test("the scroll bar reaches both ends of a content that is higher than browsers allow", () => {
  const layout = makeLayout({ width: 360, size: 160, count: 1_000_000 });
  assert.ok(layout.height > MAX_SCROLL);
  assert.equal(scrolledHeight(layout), MAX_SCROLL);
  assert.equal(offsetOf(layout, 600, 0), 0);
  assert.ok(Math.abs(offsetOf(layout, 600, MAX_SCROLL - 600) - (layout.height - 600)) < 1e-3);
  assert.ok(Math.abs(scrollTopOf(layout, 600, offsetOf(layout, 600, 12_345)) - 12_345) < 1e-6);
  const small = makeLayout({ width: 360, size: 160, count: 100 });
  assert.equal(offsetOf(small, 600, 77), 77);
});

test("the line at the upper edge is found again after it was scrolled to", () => {
  const layout = makeLayout({ width: 500, size: 60, count: 500 });
  for (let index = 0; index < 500; index += layout.columns) {
    const offset = boxOf(layout, index).y - EDGE;
    assert.equal(topIndex(layout, offset), index);
    assert.equal(topIndex(layout, offset + layout.pitch - 1), index);
  }
  assert.equal(topIndex(makeLayout({ width: 500, size: 60, count: 0 }), 0), 0);
});

test("the view moves as little as possible to show a tile", () => {
  const layout = makeLayout({ width: 500, size: 60, count: 500 });
  const { y } = boxOf(layout, 100);
  assert.equal(offsetToShow(layout, 100, y - 100, 400), y - 100, "visible already");
  assert.equal(offsetToShow(layout, 100, y + 10, 400), y - EDGE, "above");
  const below = offsetToShow(layout, 100, 0, 400);
  assert.equal(below + 400, y + layout.tile + EDGE);
});

test("keys move in the grid and stop at its ends", () => {
  const place = { count: 23, columns: 5, lines: 3 }; // the last line has 3 images
  const after = (key, index) => indexAfterKey(key, { ...place, index });
  assert.deepEqual(["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"].map((key) => after(key, 7)), [6, 8, 2, 12]);
  assert.deepEqual([after("ArrowLeft", 0), after("ArrowRight", 22), after("ArrowUp", 3), after("ArrowDown", 21)], [0, 22, 3, 21]);
  assert.equal(after("ArrowDown", 19), 22, "above the gap of the last line");
  assert.deepEqual([after("PageDown", 1), after("PageDown", 14), after("PageUp", 21), after("PageUp", 3)], [16, 19, 6, 3]);
  assert.deepEqual([after("Home", 9), after("End", 9)], [0, 22]);
  assert.deepEqual([after("ArrowDown", -1), after("End", -1)], [0, 22], "nothing was active");
  assert.equal(after("x", 3), null);
  assert.equal(after("toString", 3), null);
  assert.equal(indexAfterKey("End", { count: 0, columns: 5, lines: 3, index: -1 }), null);
});

const order = Uint32Array.from([5, 3, 8, 1, 0, 9, 2, 7, 6, 4]);

test("a range replaces the last range from the same image and keeps all other marks", () => {
  const marks = new Marks(10);
  marks.toggle(4);
  marks.markRange(order, 1, 4);
  assert.deepEqual(marks.rows(), [0, 1, 3, 4, 8]);
  marks.markRange(order, 1, 0);
  assert.deepEqual(marks.rows(), [3, 4, 5]);
  assert.equal(marks.size, 3);
  marks.endRange();
  marks.markRange(order, 9, 8);
  assert.deepEqual(marks.rows(), [3, 4, 5, 6]);
  marks.toggle(3);
  assert.deepEqual(marks.rows(), [4, 5, 6]);
  assert.equal(marks.countIn(Uint32Array.from([4, 0])), 1);
  marks.markAll(order);
  assert.equal(marks.size, 10);
  marks.clear();
  assert.deepEqual([marks.size, marks.rows()], [0, []]);
});

test("marks as text are the same marks, and never longer than a bit per image", () => {
  const next = makeRandom(7);
  for (const share of [0, 0.001, 0.01, 0.3, 0.5, 0.99, 1]) {
    const marks = new Marks(5003);
    for (let row = 0; row < 5003; row++) if (next() < share) marks.set(row, true);
    const text = marks.toText();
    const back = Marks.fromText(text, 5003);
    assert.deepEqual([back.rows(), back.size], [marks.rows(), marks.size], `${share}`);
    assert.ok(text.length <= 5003 / 6 + 20, `${share}: ${text.length}`);
  }
  assert.equal(new Marks(5).toText(), "r");
});

test("the selection has the first images of each bin at the nearest alpha", () => {
  const bins = { row: Uint32Array.from([2, 0, 4, 1, 3]), capacity: [3, 2] };
  const quotas = { alphas: [0, 0.5, 1], quota: Uint32Array.from([0, 0, 1, 2, 3, 1]) };
  const selection = new Selection(bins, quotas);
  const rowsAt = (alpha) => {
    selection.setAlpha(alpha);
    return [0, 1, 2, 3, 4].filter((row) => selection.has(row));
  };
  assert.deepEqual([rowsAt(0), rowsAt(0.45), rowsAt(1)], [[], [1, 2, 3], [0, 1, 2, 4]]);
  assert.equal(selection.countIn(Uint32Array.from([0, 3])), 1);
  const fixed = new Selection(null, { selected: Uint8Array.from([0, 1, 0]) });
  fixed.setAlpha(0.3);
  assert.deepEqual([0, 1, 2].map((row) => fixed.has(row)), [false, true, false]);
});

test("a stored state that is not valid counts as none", () => {
  const empty = { active: null, anchor: null, top: null, marks: "r" };
  for (const text of [null, "", "{", "[]", "3", '{"marks": "<b>", "active": -1, "top": "x", "anchor": 1.5}', '{"marks": 7}'])
    assert.deepEqual(parse(text), empty, text);
  const state = { active: 3, anchor: 2, top: 0, marks: "r1.2-0.a" };
  assert.deepEqual(parse(JSON.stringify(state)), state);
});

test("rows are sent as uint32 in base64url", () => {
  assert.equal(encodeRows([]), "");
  assert.equal(Buffer.from(encodeRows([1, 0xfffffffe]), "base64url").toString("hex"), "01000000feffffff");
  assert.equal(Buffer.from(encodeRows(Uint32Array.from({ length: 9000 }, (_, row) => row)), "base64url").length, 36_000);
});

test("a blob of the server is read from any position of a message", () => {
  const header = Buffer.from(JSON.stringify({ key: "k", arrays: [["row", "u4", 2], ["bits", "u1", 3]] }).padEnd(64));
  const bytes = Buffer.concat([Buffer.from("xxxADQM"), Buffer.from([64, 0, 0, 0]), header, Buffer.from([7, 0, 0, 0, 0, 1, 0, 0, 1, 2, 3, 0])]);
  const blob = decode(new Uint8Array(bytes.buffer, bytes.byteOffset + 3, bytes.length - 3));
  assert.deepEqual([blob.key, [...blob.row], [...blob.bits]], ["k", [7, 256], [1, 2, 3]]);
  assert.throws(() => decode(new Uint8Array(20)), /not a blob/);
});

test("texts", () => {
  assert.equal(countText(1200, { total: 1200, noun: "images" }), "1,200 images");
  assert.equal(countText(30, { total: 1200, noun: "vectors" }, 5), "30 of 1,200 vectors, 5 selected");
  assert.deepEqual([markedText(0, 0), markedText(1200, 0), markedText(3, 1)], ["None marked", "1,200 marked", "3 marked, 1 not shown"]);
  assert.deepEqual(tipText(["a.png", "cat", "3", ""], ["Bin", "Gain"], true), ["a.png", ["cat · selected", "Bin: 3"]]);
  assert.deepEqual(tipText(undefined, [], false), ["…", []]);
  assert.equal(cellText(["a.png", "cat"], 4, false, true), "a.png, cat, not selected, marked");
  assert.equal(cellText(undefined, 1999, null, false), "image 2,000");
});

test("a caption is cut to its width", () => {
  const measure = (text) => text.length * 10;
  assert.equal(fit("short", 50, measure), "short");
  assert.equal(fit("a long name", 50, measure), "a lo…");
  assert.equal(fit("a long name", 5, measure), "…");
});
