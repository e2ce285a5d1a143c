import assert from "node:assert/strict";
import { test } from "node:test";
import mount from "../../app/components/browser_storage/frontend/index.js";

const ITEM = "adq-explorer-tray";
const stored = new Map();
let isFull = false;
globalThis.window = new EventTarget();
globalThis.localStorage = {
  getItem: (name) => stored.get(name) ?? null,
  setItem: (name, text) => {
    if (isFull) throw new Error("full");
    stored.set(name, text);
  },
};

function open(session) {
  const sent = [];
  const call = (steps) => mount({ data: { session, steps }, setStateValue: (name, value) => sent.push([name, value]) });
  return { sent, call, last: () => sent.at(-1)[1] };
}

function changeInOtherTab(text) {
  stored.set(ITEM, text);
  globalThis.window.dispatchEvent(Object.assign(new Event("storage"), { key: ITEM }));
}

test("steps are applied once, and the result is sent once", () => {
  stored.clear();
  const { sent, call, last } = open("s1");
  const steps = [[1, "a", { n: 1 }]];
  call(steps)();
  assert.deepEqual(sent, [["tray", { text: '{"a":{"n":1}}', done: 1, serial: 1, refused: false }]]);
  stored.set(ITEM, "{}"); // another tab has deleted it
  call(steps)();
  assert.equal(stored.get(ITEM), "{}", "a step that was applied is not applied again");
  assert.deepEqual([sent.length, last().text, last().serial], [2, "{}", 2]);
  call(steps)();
  assert.equal(sent.length, 2, "nothing has changed");
});

test("nothing is sent while nothing is stored", () => {
  stored.clear();
  const { sent, call } = open("s2");
  call([])();
  assert.deepEqual(sent, []);
});

test("a storage that refuses items is reported", () => {
  stored.clear();
  isFull = true;
  const { call, last } = open("s3");
  call([[1, "a", { n: 1 }]])();
  assert.deepEqual([last().refused, last().done], [true, 1]);
  isFull = false;
  call([[2, "a", { n: 1 }]])();
  assert.deepEqual([last().refused, last().done, stored.get(ITEM)], [false, 2, '{"a":{"n":1}}']);
});

test("changes of other tabs are sent until the mount leaves the page", () => {
  stored.clear();
  const { sent, call, last } = open("s4");
  const remove = call([]);
  changeInOtherTab('{"b":{}}');
  assert.equal(last().text, '{"b":{}}');
  globalThis.window.dispatchEvent(Object.assign(new Event("storage"), { key: "another item" }));
  assert.equal(sent.length, 1);
  remove();
  changeInOtherTab('{"c":{}}');
  assert.equal(sent.length, 1);
});
