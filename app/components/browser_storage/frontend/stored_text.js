// The stored text: items as JSON, {name: item}, oldest first. Pure functions; index.js reads and writes localStorage.

// Text that is not a JSON object counts as empty.
function parseItems(text) {
  try {
    const items = JSON.parse(text || "{}");
    return items && typeof items === "object" && !Array.isArray(items) ? items : {};
  } catch {
    return {};
  }
}

// Text after the steps [serial, name, item]; without an item, the name is deleted. A name that is stored again becomes
// the newest.
export function applySteps(text, steps) {
  const items = parseItems(text);
  for (const [, name, item] of steps) {
    delete items[name];
    // A plain assignment to the name "__proto__" would not store it.
    if (item) Object.defineProperty(items, name, { value: item, enumerable: true, configurable: true });
  }
  return JSON.stringify(items);
}
