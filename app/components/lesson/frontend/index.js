// Entry point. Streamlit calls the default export at every rerun.
import { Lesson } from "./lesson.js";

const lessons = new Map(); // mount key -> Lesson
const latestCalls = new Map(); // mount key -> the latest call of `mount`

export function mount(component) {
  const { key, parentElement } = component;
  latestCalls.set(key, component);
  if (!lessons.has(key)) lessons.set(key, new Lesson(parentElement));
  lessons.get(key).update(component);
  return () => unmount(component);
}

// Streamlit may run the cleanup of an old call after a newer call of the same mount: only the latest cleanup counts.
function unmount(component) {
  const { key } = component;
  if (latestCalls.get(key) !== component) return;
  latestCalls.delete(key);
  lessons.get(key)?.remove();
  lessons.delete(key);
}

globalThis[Symbol.for("adq.lesson")] = { lessons, mount }; // read by browser tests

export default mount;
