// The changing mount. Its message is sent whenever the view changes, so it holds only this much and hands over to the
// large script, which arrives once with the points.
const shared = (globalThis[Symbol.for("adq.bin_map")] ??= { waiting: new Map() });
export default function (component) {
  if (shared.mount) return shared.mount(component);
  shared.waiting.set(component.key, component);
  return () => (shared.waiting.get(component.key) === component && shared.waiting.delete(component.key), shared.unmount?.(component));
}
