import assert from "node:assert/strict";
import { test } from "node:test";
import { findTerms, patternOf, placeBelow } from "../../app/components/glossary/frontend/terms.js";

const pattern = patternOf(["bin", "keep ratio", "min-max", "vendi score", "score"]);
const words = (text) => findTerms(text, pattern).map(([start, end, term]) => [text.slice(start, end), term]);

test("terms are found as whole words, in any case and in the plural", () => {
  assert.deepEqual(words("Bins and the keep ratio; a robin or a cabinet"), [["Bins", "bin"], ["keep ratio", "keep ratio"]]);
  assert.deepEqual(words("n_bin, bin-wise, 3bins, bin.csv, data/bin/score"), []);
  assert.deepEqual(words("One bin. A score."), [["bin", "bin"], ["score", "score"]]);
});

test("each term is found once, and the longer of two terms wins", () => {
  assert.deepEqual(words("The Vendi score of a bin, and another bin"), [["Vendi score", "vendi score"], ["bin", "bin"]]);
  assert.deepEqual(words("After min-max (the score)"), [["min-max", "min-max"], ["score", "score"]]);
});

test("terms that an earlier text of the paragraph has are left out", () => {
  assert.deepEqual(findTerms("a bin", pattern, new Set(["bin"])), []);
});

test("the sentence is shown below the term, above it at the bottom of the window, and inside the window", () => {
  const view = { width: 400, height: 300 };
  const box = { width: 100, height: 40 };
  assert.deepEqual(placeBelow({ left: 50, top: 10, bottom: 30 }, box, view), { left: 50, top: 36 });
  assert.deepEqual(placeBelow({ left: 390, top: 260, bottom: 280 }, box, view), { left: 292, top: 214 });
});
