import assert from "node:assert/strict";
import { test } from "node:test";
import { eventValues, readView } from "../../app/components/bin_map/frontend/messages.js";
import { adaptState, createState } from "../../app/components/bin_map/frontend/state.js";
import { Sync } from "../../app/components/bin_map/frontend/sync.js";

const view = (changes) => ({ alpha: 0.5, bin: null, row: null, confirmed: 0, ...changes });

function makeSync(context) {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const state = createState(view());
  const sent = [];
  const collect = () => ({ alpha: state.alpha, focus: { bin: state.bin, row: state.row } });
  const sync = new Sync(state, { collect, send: (event) => sent.push(event) });
  const change = (name, value) => {
    state[name] = value;
    sync.markChanged(name);
  };
  return { state, sync, sent, change, tick: (ms) => context.mock.timers.tick(ms) };
}

test("nothing is sent before the pause is over, and every call starts the pause again", (context) => {
  const { sync, sent, change, tick } = makeSync(context);
  for (const alpha of [0.6, 0.7, 0.8]) {
    change("alpha", alpha);
    sync.scheduleSend(350);
    tick(349);
  }
  assert.deepEqual(sent, []);
  assert.equal(sync.isIdle, false);
  tick(1);
  assert.deepEqual(sent, [{ alpha: 0.8, focus: { bin: null, row: null }, changed: ["alpha"], serial: 1 }]);
  assert.equal(sync.isIdle, false, "not confirmed");
  sync.applyServer(view({ alpha: 0.8, confirmed: 1 }));
  assert.equal(sync.isIdle, true);
});

test("a scheduled event can be sent immediately, and never twice", (context) => {
  const { state, sync, sent, change, tick } = makeSync(context);
  sync.sendNow();
  assert.deepEqual(sent, [], "nothing is scheduled");
  change("alpha", 0.6);
  sync.scheduleSend(350);
  sync.sendNow();
  tick(1000);
  sync.scheduleSend(0);
  tick(0);
  assert.equal(sent.length, 1, "nothing has changed since the last event");
  assert.equal(state.serial, 1, "the server will not confirm an event that was never sent");
});

test("a server value is ignored until the event with the change is confirmed", (context) => {
  const { state, sync, change } = makeSync(context);
  change("alpha", 0.6);
  assert.deepEqual(sync.applyServer(view({ alpha: 0.3, confirmed: 0 })), []);
  assert.equal(state.alpha, 0.6, "changed, not sent");
  sync.scheduleSend(0);
  sync.sendNow();
  sync.applyServer(view({ alpha: 0.2, confirmed: 0 }));
  assert.equal(state.alpha, 0.6, "sent, not confirmed");
  change("alpha", 0.7);
  sync.applyServer(view({ alpha: 0.6, confirmed: 1 }));
  assert.equal(state.alpha, 0.7, "changed again after the event");
  sync.scheduleSend(0);
  sync.sendNow();
  sync.applyServer(view({ alpha: 0.7, confirmed: 2 }));
  assert.deepEqual(state.pending, {});
  assert.deepEqual(sync.applyServer(view({ alpha: 0.1, confirmed: 2 })), ["alpha"]);
  assert.equal(state.alpha, 0.1, "in sync: the server changed it");
});

test("a late server value that is not new changes nothing", (context) => {
  const { state, sync, change } = makeSync(context);
  change("alpha", 0.6);
  sync.scheduleSend(0);
  sync.sendNow();
  sync.applyServer(view({ alpha: 0.5, confirmed: 1 })); // the server has read the event and kept its value
  assert.equal(state.alpha, 0.6);
});

test("a change of one value does not delay another value", (context) => {
  const { state, sync, change } = makeSync(context);
  change("alpha", 0.6);
  state.hasSpotlight = true;
  assert.deepEqual(sync.applyServer(view({ alpha: 0.5, bin: 3 })), ["bin"]);
  assert.deepEqual([state.alpha, state.bin, state.hasSpotlight], [0.6, 3, false]);
  sync.scheduleSend(0);
  sync.sendNow();
  assert.deepEqual(Object.keys(state.pending), ["alpha"]);
});

test("a value that was sent before can be sent again after the server has changed it", (context) => {
  const { sync, sent, change } = makeSync(context);
  const send = (alpha) => {
    change("alpha", alpha);
    sync.scheduleSend(0);
    sync.sendNow();
  };
  send(0.6);
  sync.applyServer(view({ alpha: 0.6, confirmed: 1 }));
  sync.applyServer(view({ alpha: 0.2, confirmed: 1 }));
  send(0.6);
  assert.deepEqual(sent.map((event) => event.serial), [1, 2]);
});

test("a value that was sent before is sent again if the server has changed it while the user moved on", (context) => {
  const { state, sync, sent, change } = makeSync(context);
  const send = (alpha) => {
    change("alpha", alpha);
    sync.scheduleSend(0);
    sync.sendNow();
  };
  send(0.6);
  change("alpha", 0.7);
  sync.applyServer(view({ alpha: 0.6, confirmed: 1 })); // both are ignored: the user moves alpha
  sync.applyServer(view({ alpha: 0.2, confirmed: 1 }));
  send(0.6);
  assert.deepEqual(sent.map((event) => [event.alpha, event.serial]), [[0.6, 1], [0.6, 2]]);
  sync.applyServer(view({ alpha: 0.6, confirmed: 2 }));
  assert.equal(state.alpha, 0.6);
});

test("a remount with a view from before the last event does not take back what the user has changed", (context) => {
  const { state, sync, change } = makeSync(context);
  change("alpha", 0.6);
  sync.scheduleSend(0);
  sync.sendNow();
  change("bin", 2);
  sync.onRemount();
  sync.applyServer(view({ alpha: 0.5, bin: 4, confirmed: 0 }));
  assert.equal(state.alpha, 0.6, "sent and not confirmed");
  assert.equal(state.bin, 2, "never sent");
  assert.equal(sync.mustResend({ received: 0 }), true);
});

test("after a remount the server decides about everything that it has confirmed", (context) => {
  const { state, sync, change } = makeSync(context);
  change("alpha", 0.6);
  sync.scheduleSend(0);
  sync.sendNow();
  sync.onRemount();
  sync.applyServer(view({ alpha: 0.5, confirmed: 1 }));
  assert.equal(state.alpha, 0.5, "changed on another page");
  assert.equal(sync.mustResend({ received: 0 }), true, "the server has forgotten the lasso of the last event");
  assert.equal(sync.mustResend({ received: 1 }), false);
});

test("a change that was never sent before a remount is sent after it", (context) => {
  const { sync, change } = makeSync(context);
  assert.equal(sync.mustResend({ received: 0 }), false);
  change("alpha", 0.6);
  assert.equal(sync.mustResend({ received: 0 }), true);
});

test("a view without a focus has none, and one without a filter shows all", () => {
  assert.deepEqual(readView({ id: "m", quotas: "q", alpha: 0.5, confirmed: 3 }), view({ id: "m", quotas: "q", groups: undefined, filter: null, confirmed: 3, received: 3 }));
  assert.equal(readView({ filter: "f" }).filter, "f");
  assert.equal(readView({ focus: { bin: 0 } }).bin, 0);
});

test("an event leaves out what is empty and never repeats a thumbnail", () => {
  const state = createState(view());
  const none = { added: [], removed: [], nearby: [] };
  assert.deepEqual(eventValues(state, 0.5, none, "p"), { alpha: 0.5, focus: {} });
  Object.assign(state, { bin: 0, row: 7, polygon: [[0, 0]], lassoMapKey: "m", columns: ["gain"] });
  const wanted = { added: [1, 2], removed: [2], nearby: Array.from({ length: 200 }, (_, n) => n) };
  const values = eventValues(state, 0.5, wanted, "p");
  assert.deepEqual([values.focus, values.lasso], [{ bin: 0, row: 7 }, { polygon: [[0, 0]], map_key: "m" }]);
  assert.deepEqual([values.columns, values.thumbnails.length, new Set(values.thumbnails).size], [["gain"], 96, 96]);
});

test("other points reset only the state that depends on the points", () => {
  const points = (changes) => ({ capacity: [1, 1, 1], map_key: "m", images: "i", ...changes });
  const state = createState(view({ bin: 2 }));
  adaptState(state, points());
  Object.assign(state, { polygon: [[0, 0]], lassoMapKey: "m", pin: { quota: [1, 1, 1] }, hasSpotlight: true });
  state.view.zoom = 4;
  adaptState(state, points());
  assert.deepEqual([state.view.zoom, state.bin, state.pin.quota.length, state.polygon.length], [4, 2, 3, 1]);
  adaptState(state, points({ map_key: "other" }));
  assert.deepEqual([state.view.zoom, state.polygon.length], [1, 1], "another map of the same images");
  adaptState(state, points({ map_key: "other", capacity: [2, 1] }));
  assert.deepEqual([state.bin, state.hasSpotlight, state.pin], [null, false, null], "fewer bins");
  adaptState(state, points({ map_key: "other", images: "j", capacity: [2, 1] }));
  assert.deepEqual([state.polygon, state.lassoMapKey], [null, null], "other images");
});
