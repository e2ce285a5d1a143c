import assert from "node:assert/strict";
import { test } from "node:test";
import { applySteps } from "../../app/components/browser_storage/frontend/stored_text.js";

const apply = (text, ...steps) => JSON.parse(applySteps(text, steps));

test("items are stored, replaced and deleted by name", () => {
  assert.deepEqual(apply("", [1, "a", { n: 1 }], [2, "b", { n: 2 }]), { a: { n: 1 }, b: { n: 2 } });
  assert.deepEqual(apply('{"a":{"n":1},"b":{"n":2}}', [1, "a", null]), { b: { n: 2 } });
});

test("an item that is stored again becomes the newest", () => {
  assert.deepEqual(Object.keys(apply('{"a":{},"b":{}}', [1, "a", { n: 3 }])), ["b", "a"]);
});

test("other text counts as empty", () => {
  for (const text of [null, "", "not JSON", "[1]", "3", "null", '"a"']) assert.deepEqual(apply(text, [1, "a", { n: 1 }]), { a: { n: 1 } });
});

test("a name can be a property of every object", () => {
  const text = applySteps("", [[1, "__proto__", { n: 1 }], [2, "toString", { n: 2 }]]);
  assert.equal(text, '{"__proto__":{"n":1},"toString":{"n":2}}');
  assert.equal(applySteps(text, [[3, "__proto__", null]]), '{"toString":{"n":2}}');
});
