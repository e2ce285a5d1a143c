// Entry point. Streamlit calls the default export at every rerun: once for each mount of bytes (order, bins, quotas) and
// once for the mount of the view.
import { decode } from "./blob.js";
import { Grid } from "./grid.js";

const blobs = new Map(); // mount key -> {bytes, blob}
const grids = new Map(); // mount key -> Grid
const latestCalls = new Map(); // mount key -> the latest call of `mount`

const find = (key) => [...blobs.values()].find(({ blob }) => blob.key === key)?.blob ?? null;

export function mount(component) {
  latestCalls.set(component.key, component);
  if (component.data instanceof Uint8Array) mountBytes(component);
  else mountView(component);
  return () => unmount(component);
}

function mountBytes({ key, data }) {
  if (blobs.get(key)?.bytes === data) return;
  const blob = decode(data);
  const isNew = blobs.get(key)?.blob.key !== blob.key;
  blobs.set(key, { bytes: data, blob: isNew ? blob : blobs.get(key).blob });
  if (isNew) for (const grid of grids.values()) grid.onData();
}

function mountView(component) {
  const { key, parentElement } = component;
  if (!grids.has(key)) grids.set(key, new Grid(parentElement, find));
  grids.get(key).update(component);
}

// Streamlit may run the cleanup of an old call after a newer call of the same mount: only the latest cleanup counts.
function unmount(component) {
  const { key } = component;
  if (latestCalls.get(key) !== component) return;
  latestCalls.delete(key);
  blobs.delete(key);
  grids.get(key)?.remove();
  grids.delete(key);
}

globalThis[Symbol.for("adq.image_grid")] = { grids, mount }; // read by browser tests and benchmarks

export default mount;
