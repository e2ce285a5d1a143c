// The keyboard focus. When another element of the page appears or disappears, Streamlit may move the map in the page or
// remount it, and the browser then drops the focus: the next keys that the user presses would be lost.
const KEPT = [".alpha input", "canvas.picture", ".scrub input", ".colour"]; // selectors of elements that keys control

export class Focus {
  // `state.focused` survives a remount. `signal` ends the listeners.
  constructor(panel, state, signal) {
    Object.assign(this, { panel, state });
    const remember = (event) => this.remember(event.composedPath());
    for (const type of ["pointerdown", "focusin"]) window.addEventListener(type, remember, { capture: true, signal });
  }

  // The user has pressed or focused something: an element of this map, or anything else on the page.
  remember(path) {
    this.state.focused = KEPT.find((selector) => path.includes(this.panel.find(selector))) ?? null;
  }

  // Give the focus back if nothing has it and the user has not left the map.
  restore() {
    const { focused } = this.state;
    if (focused && document.activeElement === document.body) this.panel.find(focused)?.focus({ preventScroll: true });
  }
}
