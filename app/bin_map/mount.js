// The door: Streamlit calls the default export at every rerun, for the mounts of bytes and (through boot.js) for the view.
shared.mount = (component) => {
  if (component.data instanceof Uint8Array) return hold(component);
  if (!shared.maps.has(component.key))
    shared.maps.set(component.key, new BinMap(component.parentElement, component.key));
  shared.maps.get(component.key).update(component);
  return () => shared.unmount(component.key);
};

shared.unmount = (key) => {
  shared.maps.get(key)?.leave();
  shared.maps.delete(key);
};

for (const component of shared.waiting.values()) shared.mount(component);
shared.waiting.clear();
export default (component) => shared.mount(component);
