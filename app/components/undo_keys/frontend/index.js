// The keys of undo and redo: Ctrl-Z, Ctrl-Shift-Z and Ctrl-Y, with Cmd in place of Ctrl on macOS. Not in a text field:
// there the browser itself undoes what was typed.
//
// The server may receive several presses in one message, so the state holds the last presses and the number of the
// newest one, and the server applies those that it has not applied yet.
const MAX_PRESSES = 20;
const NOT_TEXT = new Set(["button", "checkbox", "color", "file", "image", "radio", "range", "reset", "submit"]);
const pressed = new Map(); // server session -> {serial, presses}, for as long as the page is open

export function isTextField(element) {
  if (!element) return false;
  if (element.isContentEditable || element.tagName === "TEXTAREA") return true;
  if (element.tagName !== "INPUT" || element.readOnly || NOT_TEXT.has(element.type)) return false;
  // The search box of a list of options keeps the focus after a selection; it is empty unless the user types.
  return element.getAttribute("role") !== "combobox" || element.value !== "";
}

// "undo", "redo", or null for all other keys.
export function actionOf(event, isMac) {
  const [command, other] = isMac ? [event.metaKey, event.ctrlKey] : [event.ctrlKey, event.metaKey];
  if (!command || other || event.altKey) return null;
  const key = event.key?.toLowerCase(); // a browser that fills in a form sends key events without a key
  if (key === "z") return event.shiftKey ? "redo" : "undo";
  return key === "y" && !isMac && !event.shiftKey ? "redo" : null;
}

export default ({ data, setStateValue }) => {
  const known = pressed.get(data.session) ?? { serial: 0, presses: [] };
  pressed.set(data.session, known);
  const isMac = /Mac|iPhone|iPad/.test(navigator.platform);
  const press = (event) => {
    const action = actionOf(event, isMac);
    if (action === null || isTextField(event.composedPath()[0])) return;
    event.preventDefault();
    known.serial += 1;
    known.presses = [...known.presses, action].slice(-MAX_PRESSES);
    setStateValue("keys", { serial: known.serial, presses: known.presses });
  };
  document.addEventListener("keydown", press);
  return () => document.removeEventListener("keydown", press);
};
