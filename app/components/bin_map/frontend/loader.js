// The changing mount. Its message is sent whenever the view changes, so it holds only this much and hands over to the
// large script, which arrives once with the points.
const s = (globalThis[Symbol.for("adq.bin_map")] ??= { waiting: new Set() });
export default (c) => (s.mount ? s.mount(c) : (s.waiting.add(c), () => (s.waiting.delete(c), s.unmount?.(c))));
