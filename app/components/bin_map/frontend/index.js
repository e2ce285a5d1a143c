// Entry point. Streamlit calls the default export at every rerun: once for each mount of bytes (points, quotas, columns,
// thumbnails) and once for the mount of the view.
import { blobs, releaseMount, storeBlobs } from "./data.js";
import { GroupMap } from "./group_map.js";
import { QuotaMap } from "./quota_map.js";

const maps = new Map(); // mount key -> QuotaMap or GroupMap
const latestCalls = new Map(); // mount key -> the latest call of `mount`

export function mount(component) {
  latestCalls.set(component.key, component);
  if (component.data instanceof Uint8Array) mountBytes(component);
  else mountView(component);
  return () => unmount(component);
}

function mountBytes({ key, data }) {
  if (storeBlobs(key, data)) for (const map of maps.values()) map.onData();
}

// The view of the server decides which map it is: of quotas or of groups.
function mountView(component) {
  const { key, data, parentElement } = component;
  const kind = data.groups ? GroupMap : QuotaMap;
  if (!maps.has(key)) maps.set(key, new kind(parentElement, blobs));
  maps.get(key).update(component);
}

// Streamlit may run the cleanup of an old call after a newer call of the same mount: only the latest cleanup counts.
function unmount(component) {
  const { key } = component;
  if (latestCalls.get(key) !== component) return;
  latestCalls.delete(key);
  releaseMount(key);
  maps.get(key)?.remove();
  maps.delete(key);
}

globalThis[Symbol.for("adq.bin_map")] = { maps, mount }; // read by browser tests and benchmarks

export default mount;
