// What belongs to the user: it survives reruns, a visit of another page, and a reload of the page (per data set and tab).
const states = new Map(); // id of the browser -> state
export const [SMALLEST, LARGEST, USUAL] = [28, 320, 84]; // CSS pixels of a tile
const SIZE_KEY = "adq_tile_size"; // in localStorage: the size is a habit of the user, for all data sets

function read(storage, key) {
  try {
    return globalThis[storage].getItem(key);
  } catch {
    return null; // the browser stores nothing
  }
}

function write(storage, key, text) {
  try {
    globalThis[storage].setItem(key, text);
  } catch {
    // The state is lost with the page, nothing else.
  }
}

export function loadSize() {
  const size = Number(read("localStorage", SIZE_KEY));
  return size >= SMALLEST && size <= LARGEST ? size : USUAL;
}

export const saveSize = (size) => write("localStorage", SIZE_KEY, String(size));

const keyOf = (id, images) => `adq_images:${id}:${images}`;

// The state of the images of one data set: {active, anchor, top, marks}: rows, and the marks as text.
export function loadState(id, images) {
  const key = keyOf(id, images);
  if (!states.has(key)) states.set(key, parse(read("sessionStorage", key)));
  return states.get(key);
}

export function saveState(id, images, state) {
  const key = keyOf(id, images);
  states.set(key, state);
  write("sessionStorage", key, JSON.stringify(state));
}

export function parse(text) {
  const empty = { active: null, anchor: null, top: null, marks: "r" };
  try {
    const found = JSON.parse(text) ?? {};
    const row = (value) => (Number.isInteger(value) && value >= 0 ? value : null);
    return {
      active: row(found.active),
      anchor: row(found.anchor),
      top: row(found.top),
      marks: /^(r[0-9a-z.-]*|b[A-Za-z0-9+/=]*)$/.test(found.marks) ? found.marks : "r",
    };
  } catch {
    return empty;
  }
}
