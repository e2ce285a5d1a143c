import assert from "node:assert/strict";
import { test } from "node:test";
import { repair, REPAIRS } from "../../app/components/accessible_markup/frontend/index.js";

function element(attributes = {}) {
  const known = new Map(Object.entries(attributes));
  return {
    writes: 0,
    getAttribute: (name) => known.get(name) ?? null,
    setAttribute(name, value) {
      this.writes += 1;
      known.set(name, value);
    },
  };
}

test("every repair sets its attribute once, on all elements", () => {
  const found = new Map(REPAIRS.map(([selector]) => [selector, [element(), element({ role: "wrong" })]]));
  const root = { querySelectorAll: (selector) => found.get(selector) };
  repair(root);
  repair(root); // after the next change of the page
  for (const [selector, attribute, value] of REPAIRS)
    for (const each of found.get(selector)) {
      assert.equal(each.getAttribute(attribute), value);
      assert.equal(each.writes, 1);
    }
});
