// Steps of a lesson. Pure functions.

export function clampStep(step, count) {
  return Number.isInteger(step) ? Math.min(Math.max(step, 0), count - 1) : 0;
}

// A panel has one frame per step, or a single one for all steps.
export function frameAt({ frames }, step) {
  return frames[Math.min(step, frames.length - 1)];
}

// The number of the step at which a point was taken; 0: it is not taken yet, or nothing is taken in this picture.
export function takenAt({ taken_at: takenSteps }, index, step) {
  const at = takenSteps?.[index] ?? 0;
  return at <= step ? at : 0;
}

// What is shown of a selected point: a text, a number with its name, or when it was taken.
export function valueOf(panel, index, step) {
  const value = frameAt(panel, step).value?.[index] ?? null;
  if (typeof value === "number") return `${panel.value_name} ${value.toFixed(2)}`;
  const at = takenAt(panel, index, step);
  return value ?? (at ? `taken at step ${at}` : "");
}

// Step after a key of the presenter; null for another key.
export function stepAfterKey(key, step, count) {
  const change = { ArrowRight: 1, PageDown: 1, ArrowLeft: -1, PageUp: -1 }[key];
  return change === undefined ? null : clampStep(step + change, count);
}

// The address with another lesson step; null if it has this one already.
export function addressWithStep(href, step) {
  const url = new URL(href);
  if (url.searchParams.get("step") === String(step)) return null;
  url.searchParams.set("step", String(step));
  return url.href;
}
