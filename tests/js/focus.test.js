import assert from "node:assert/strict";
import { test } from "node:test";
import { Focus } from "../../app/components/bin_map/frontend/focus.js";

// A page with a map of one slider, and another element outside the map.
function makePage(context) {
  const [window, document] = [new EventTarget(), { body: {}, activeElement: null }];
  Object.assign(globalThis, { window, document });
  context.after(() => {
    delete globalThis.window;
    delete globalThis.document;
  });
  const state = { focused: null };
  const mount = () => {
    const slider = { focus: () => (document.activeElement = slider) };
    const panel = { find: (selector) => (selector === ".alpha input" ? slider : null) };
    return { slider, focus: new Focus(panel, state, new AbortController().signal) };
  };
  const use = (type, element) => {
    const event = new Event(type);
    event.composedPath = () => [element];
    window.dispatchEvent(event);
  };
  return { mount, use, document };
}

test("a slider that has lost the focus without the user gets it back, also after a remount", (context) => {
  const { mount, use, document } = makePage(context);
  const first = mount();
  use("focusin", first.slider);
  document.activeElement = document.body; // the map was moved in the page
  first.focus.restore();
  assert.equal(document.activeElement, first.slider);
  document.activeElement = document.body; // the map was removed
  const second = mount();
  second.focus.restore();
  assert.equal(document.activeElement, second.slider);
});

test("the focus stays where the user has put it", (context) => {
  for (const type of ["pointerdown", "focusin"]) {
    const { mount, use, document } = makePage(context);
    const { focus, slider } = mount();
    use("focusin", slider);
    use(type, {});
    document.activeElement = document.body;
    focus.restore();
    assert.equal(document.activeElement, document.body, type);
  }
});

test("another element of the page keeps the focus", (context) => {
  const { mount, use, document } = makePage(context);
  const { focus, slider } = mount();
  use("focusin", slider);
  const other = (document.activeElement = {});
  focus.restore();
  assert.equal(document.activeElement, other);
});
