// Items in this browser's localStorage. The items are saved selections; app/selections defines their content. The server
// sends steps: items to store and names to delete. They are applied to the items that are stored now (another tab may
// have changed them), and the result is sent back.
import { applySteps } from "./stored_text.js";

const ITEM = "adq-explorer-tray"; // key in localStorage
const sessions = new Map(); // server session -> {done, refused, sent, serial}, for as long as the page is open

// Stored text; null if the browser refuses access. Then the items last as long as the page.
function readText() {
  try {
    return localStorage.getItem(ITEM) ?? "";
  } catch {
    return null;
  }
}

function runSteps(session, steps) {
  const pending = steps.filter(([serial]) => serial > session.done);
  if (!pending.length) return;
  try {
    localStorage.setItem(ITEM, applySteps(readText(), pending));
    session.refused = false;
  } catch {
    session.refused = true; // access is forbidden, or the storage is full
  }
  session.done = pending.at(-1)[0];
}

// Send the stored text if it differs from the last one. Nothing is sent while nothing is stored and nothing was done.
function sendText(session, setStateValue) {
  const text = readText();
  const now = JSON.stringify([text, session.done, session.refused]);
  const isEmptyStart = session.sent === null && text === "" && !session.done;
  if (now === session.sent || isEmptyStart) return;
  session.sent = now;
  session.serial += 1;
  const refused = session.refused ?? text === null;
  setStateValue("tray", { text, done: session.done, serial: session.serial, refused });
}

export default function mount({ data, setStateValue }) {
  const session = sessions.get(data.session) ?? { done: 0, sent: null, serial: 0 };
  sessions.set(data.session, session);
  runSteps(session, data.steps);
  sendText(session, setStateValue);
  const onStorage = (event) => {
    if (event.key === ITEM) sendText(session, setStateValue); // changed by another tab of this browser
  };
  window.addEventListener("storage", onStorage);
  return () => window.removeEventListener("storage", onStorage);
}
