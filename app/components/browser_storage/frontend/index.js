// The tray lies in this browser's localStorage, so that it outlives a refresh and nobody else sees it. The server sends
// what to put and what to drop; here that is done to whatever lies there now (another tab may have written since), and
// the whole is told back. Nothing is told while there is nothing to tell.
const PLACE = "adq-explorer-tray";
const sessions = (globalThis[Symbol.for("adq.tray")] ??= new Map()); // server session -> { done, told, serial }

function lying() {
  try {
    return localStorage.getItem(PLACE) ?? "";
  } catch {
    return null; // the browser refuses: the tray then lasts as long as the page
  }
}

function changed(text, steps) {
  let kept = {};
  try {
    const found = JSON.parse(text || "{}");
    if (found && typeof found === "object" && !Array.isArray(found)) kept = found;
  } catch {}
  for (const [, name, choice] of steps) {
    delete kept[name]; // so that one put again comes last
    if (choice) Object.defineProperty(kept, name, { value: choice, enumerable: true, configurable: true });
  }
  return JSON.stringify(kept);
}

export default function ({ data, setStateValue }) {
  const mine = sessions.get(data.session) ?? { done: 0, told: null, serial: 0 };
  sessions.set(data.session, mine);
  const tell = () => {
    const text = lying();
    const now = JSON.stringify([text, mine.done, mine.refused]);
    if (now === mine.told || (mine.told === null && text === "" && !mine.done)) return;
    mine.told = now;
    mine.serial += 1;
    setStateValue("tray", { text, done: mine.done, serial: mine.serial, refused: mine.refused ?? text === null });
  };
  const steps = data.steps.filter(([serial]) => serial > mine.done);
  if (steps.length) {
    try {
      localStorage.setItem(PLACE, changed(lying(), steps));
      mine.refused = false;
    } catch {
      mine.refused = true; // forbidden, or full
    }
    mine.done = steps.at(-1)[0];
  }
  tell();
  const heard = (event) => event.key === PLACE && tell(); // another tab of this browser
  window.addEventListener("storage", heard);
  return () => window.removeEventListener("storage", heard);
}
