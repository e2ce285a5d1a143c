import assert from "node:assert/strict";
import { test } from "node:test";
import mount, { actionOf, isTextField } from "../../app/components/undo_keys/frontend/index.js";

const KEYS = { ctrlKey: false, metaKey: false, shiftKey: false, altKey: false };

test("the keys of undo and redo, with Cmd on macOS", () => {
  const action = (key, keys, isMac) => actionOf({ ...KEYS, key, ...keys }, isMac);
  assert.equal(action("z", { ctrlKey: true }, false), "undo");
  assert.equal(action("Z", { ctrlKey: true, shiftKey: true }, false), "redo");
  assert.equal(action("y", { ctrlKey: true }, false), "redo");
  assert.equal(action("z", { metaKey: true }, true), "undo");
  assert.equal(action("z", { metaKey: true, shiftKey: true }, true), "redo");
  for (const isMac of [true, false]) {
    assert.equal(action("z", {}, isMac), null);
    assert.equal(action("a", { ctrlKey: true, metaKey: true }, isMac), null);
    assert.equal(action("z", { ctrlKey: true, altKey: true, metaKey: true }, isMac), null);
  }
  assert.equal(action("z", { ctrlKey: true }, true), null);
  assert.equal(action("z", { metaKey: true }, false), null);
  assert.equal(action("y", { metaKey: true }, true), null);
});

test("a text field is where the user types", () => {
  const input = (type, more = {}) => ({ tagName: "INPUT", type, value: "", getAttribute: () => null, ...more });
  assert.equal(isTextField(input("text")), true);
  assert.equal(isTextField(input("number")), true);
  assert.equal(isTextField({ tagName: "TEXTAREA" }), true);
  assert.equal(isTextField({ tagName: "DIV", isContentEditable: true }), true);
  for (const type of ["range", "checkbox", "radio", "button"]) assert.equal(isTextField(input(type)), false);
  assert.equal(isTextField(input("text", { readOnly: true })), false);
  assert.equal(isTextField({ tagName: "BUTTON" }), false);
  assert.equal(isTextField(undefined), false);
  const list = { getAttribute: (name) => (name === "role" ? "combobox" : null) };
  assert.equal(isTextField(input("text", list)), false, "a list of options after a selection");
  assert.equal(isTextField(input("text", { ...list, value: "clo" })), true, "a search in a list of options");
});

test("all presses are sent with their number, until the mount leaves the page", () => {
  globalThis.document = new EventTarget();
  Object.defineProperty(globalThis, "navigator", { value: { platform: "Linux x86_64" }, configurable: true });
  const sent = [];
  const setStateValue = (name, value) => sent.push([name, value]);
  const remove = mount({ data: { session: "a" }, setStateValue });
  const press = (key, keys = {}) => {
    const event = Object.assign(new Event("keydown", { cancelable: true }), { ...KEYS, key, ctrlKey: true, ...keys });
    globalThis.document.dispatchEvent(event);
    return event.defaultPrevented;
  };
  assert.equal(press("z"), true);
  assert.equal(press("z", { shiftKey: true }), true);
  assert.equal(press("c"), false);
  assert.deepEqual(sent, [
    ["keys", { serial: 1, presses: ["undo"] }],
    ["keys", { serial: 2, presses: ["undo", "redo"] }],
  ]);
  for (let n = 0; n < 30; n++) press("z");
  assert.equal(sent.at(-1)[1].serial, 32);
  assert.equal(sent.at(-1)[1].presses.length, 20);
  remove();
  press("z");
  assert.equal(sent.length, 32);
});
