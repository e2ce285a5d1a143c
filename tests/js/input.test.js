import assert from "node:assert/strict";
import { test } from "node:test";
import { QuotaInput } from "../../app/components/bin_map/frontend/quota_input.js";

const makeElement = () => ({
  value: "30",
  focus() {},
  setPointerCapture() {},
  getBoundingClientRect: () => ({ left: 0, top: 0 }),
});

// A map whose elements are plain event targets, and whose actions and other parts only record the calls.
function makeMap() {
  const calls = [];
  const recorder = (part) => new Proxy({}, { get: (_, name) => (...values) => calls.push([part, name, ...values]) });
  const elements = new Map();
  const find = (selector) => {
    if (!elements.has(selector)) elements.set(selector, Object.assign(new EventTarget(), makeElement()));
    return elements.get(selector);
  };
  const panel = { find, box: find("box"), stage: find("stage"), slider: find("slider"), root: { activeElement: null } };
  const renderer = { ratio: 1, panel: { width: 100, height: 80 }, panelAt: (x, y) => ({ panel: 0, pixel: [x, y] }), dataAt: (x, y) => [x, y] };
  const state = { tool: "move", row: null, bin: null };
  const parts = Object.fromEntries(["actions", "sync", "player", "lasso", "overlay"].map((name) => [name, recorder(name)]));
  const map = { panel, renderer, state, hovered: -1, points: { row: [7] }, isDataPending: false, ...parts };
  return { map, calls, find };
}

function fire(target, type, values = {}) {
  const event = new Event(type, { cancelable: true });
  for (const [name, value] of Object.entries(values)) Object.defineProperty(event, name, { value });
  target.dispatchEvent(event);
  return event.defaultPrevented;
}

const WHEEL = { deltaY: -100, deltaMode: 0, ctrlKey: false, metaKey: false, clientX: 3, clientY: 4 };
const at = (x, y) => ({ clientX: x, clientY: y, pointerId: 1, pointerType: "mouse", shiftKey: false });
const namesOf = (calls) => calls.map(([part, name]) => `${part}.${name}`);

globalThis.window = new EventTarget();

test("the slider changes alpha, and the server receives it when the slider is released", () => {
  const { map, calls, find } = makeMap();
  new QuotaInput(map);
  fire(find("slider"), "input");
  assert.deepEqual(calls, [["actions", "setAlpha", 30]]);
  fire(find("slider"), "change");
  assert.deepEqual(calls.at(-1), ["sync", "scheduleSend", 350]);
});

test("a short press is a click, a long one moves the map, and with the lasso it draws a polygon", () => {
  const { map, calls, find } = makeMap();
  new QuotaInput(map);
  const canvas = find("canvas.picture");
  const drag = (...places) => {
    calls.length = 0;
    fire(canvas, "pointerdown", at(...places[0]));
    for (const place of places.slice(1)) fire(canvas, "pointermove", at(...place));
    fire(canvas, "pointerup", at(...places.at(-1)));
  };
  drag([5, 5], [6, 6]);
  assert.deepEqual(calls.filter(([, name]) => name === "clickAt"), [["actions", "clickAt", 6, 6, "mouse"]]);
  drag([5, 5], [25, 15]);
  assert.deepEqual(calls.filter(([, name]) => name !== "hover"), [["actions", "moveBy", 20, 10]]);
  map.state.tool = "lasso";
  drag([0, 0], [20, 0], [20, 20]);
  assert.deepEqual(calls.at(-1), ["lasso", "set", [[0, 0], [20, 0], [20, 20]]]);
});

test("the wheel scrolls the page unless the map is focused", () => {
  const { map, calls, find } = makeMap();
  new QuotaInput(map);
  assert.equal(fire(find("canvas.picture"), "wheel", WHEEL), false);
  assert.deepEqual(namesOf(calls), ["actions.showHint"]);
  map.panel.root.activeElement = find("canvas.picture");
  assert.equal(fire(find("canvas.picture"), "wheel", WHEEL), true);
  assert.deepEqual([calls.at(-1)[1], ...calls.at(-1).slice(3)], ["zoomAt", 3, 4]);
});

test("a map that has left the page has no event listeners left", () => {
  const { map, calls, find } = makeMap();
  const input = new QuotaInput(map);
  const everything = () => {
    fire(globalThis.window, "pointerdown");
    fire(find("slider"), "input");
    fire(find("canvas.picture"), "wheel", WHEEL);
    fire(find(".pin"), "click");
    return calls.length;
  };
  assert.ok(everything() >= 3, "each event calls an action");
  calls.length = 0;
  input.remove();
  assert.equal(everything(), 0);
});
