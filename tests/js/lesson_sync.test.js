import assert from "node:assert/strict";
import { test } from "node:test";
import { PAUSE, PointSync } from "../../app/components/lesson/frontend/sync.js";

// A clock whose time passes only with `advance`.
function fakeClock() {
  const clock = { time: 0, timers: new Map(), next: 1 };
  clock.now = () => clock.time;
  clock.wait = (run, ms) => {
    clock.timers.set(clock.next, { run, at: clock.time + ms });
    return clock.next++;
  };
  clock.stop = (id) => clock.timers.delete(id);
  clock.advance = (ms) => {
    clock.time += ms;
    for (const [id, timer] of [...clock.timers]) {
      if (timer.at > clock.time) continue;
      clock.timers.delete(id);
      timer.run();
    }
  };
  return clock;
}

function setUp() {
  const sent = [];
  const clock = fakeClock();
  return { sent, clock, sync: new PointSync((message) => sent.push(message), clock) };
}

test("the first change is sent at once, later ones wait for the answer and for the pause", () => {
  const { sent, clock, sync } = setUp();
  sync.change(["a"]);
  sync.change(["b"]);
  sync.change(["c"]);
  assert.deepEqual(sent, [{ points: ["a"], serial: 1 }]);
  clock.advance(PAUSE);
  assert.equal(sent.length, 1, "the server has not answered");
  sync.answer(1);
  assert.deepEqual(sent.at(-1), { points: ["c"], serial: 2 }, "the last change, not those between");
});

test("after a quick answer the pause still holds", () => {
  const { sent, clock, sync } = setUp();
  sync.change(["a"]);
  sync.answer(1);
  sync.change(["b"]);
  assert.equal(sent.length, 1);
  clock.advance(PAUSE);
  assert.equal(sent.length, 2);
});

test("points of the server count only when every message is answered", () => {
  const { clock, sync } = setUp();
  assert.ok(sync.isIdle);
  sync.change(["a"]);
  assert.ok(!sync.isIdle);
  sync.change(["b"]);
  sync.answer(1);
  clock.advance(PAUSE);
  assert.ok(!sync.isIdle, "b is on its way");
  sync.answer(2);
  assert.ok(sync.isIdle);
});

test("a message without an answer is given up, and the next one is sent", () => {
  const { sent, clock, sync } = setUp();
  sync.change(["a"]);
  sync.change(["b"]);
  clock.advance(3000);
  assert.equal(sent.length, 2);
});

test("serials continue after those that the server remembers from an earlier mount", () => {
  const { sent, sync } = setUp();
  sync.answer(41);
  sync.change(["a"]);
  assert.equal(sent[0].serial, 42);
});
