import assert from "node:assert/strict";
import { test } from "node:test";
import mount from "../../app/components/thumbnail_clicks/frontend/index.js";

// Events reach the document with the document as their target, so it also plays the part of the clicked element.
let clicked = null;
globalThis.document = Object.assign(new EventTarget(), {
  querySelector: () => null,
  closest: (selector) => (selector === "[data-image]" ? clicked : null),
});

function send(type, key) {
  const event = Object.assign(new Event(type, { cancelable: true }), { key });
  globalThis.document.dispatchEvent(event);
  return event.defaultPrevented;
}

test("a click or the Enter key on a thumbnail sends its id, until the mount leaves the page", () => {
  const sent = [];
  const remove = mount({ setTriggerValue: (name, value) => sent.push([name, value]) });
  assert.equal(send("click"), false, "a click beside all thumbnails");
  clicked = { dataset: { image: "cat/1.png" } };
  assert.equal(send("keydown", "a"), false);
  assert.deepEqual(sent, []);
  assert.equal(send("click"), true);
  assert.equal(send("keydown", "Enter"), true);
  assert.deepEqual(sent, [["image", "cat/1.png"], ["image", "cat/1.png"]]);
  remove();
  send("click");
  send("keydown", "Enter");
  assert.equal(sent.length, 2);
});
