// The door: Streamlit calls the default export at every rerun, for the mounts of bytes and (through boot.js) for the view.
// A call that a later one has overtaken is undone after that later one: only the last call's undoing counts.
shared.mount = (component) => {
  shared.turns.set(component.key, component);
  if (component.data instanceof Uint8Array) hold(component);
  else {
    if (!shared.maps.has(component.key))
      shared.maps.set(component.key, new BinMap(component.parentElement, component.key));
    shared.maps.get(component.key).update(component);
  }
  return () => shared.unmount(component);
};

shared.unmount = (component) => {
  const { key } = component;
  if (shared.turns.get(key) !== component) return;
  shared.turns.delete(key);
  letGo(key);
  shared.maps.get(key)?.leave();
  shared.maps.delete(key);
};

for (const component of shared.waiting) shared.mount(component);
shared.waiting.clear();
export default (component) => shared.mount(component);
