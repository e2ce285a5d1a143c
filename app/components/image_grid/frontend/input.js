// Input of the user: pointer, touch and keys. Every input calls an action of the grid.
import { indexAfterKey } from "./keys.js";
import { linesPerPage } from "./layout.js";

const LONG_PRESS = 450; // ms of a touch that marks an image
const TRAVEL = 8; // CSS pixels; a touch that moves further scrolls

export class Input {
  constructor(grid) {
    this.grid = grid;
    this.abort = new AbortController();
    const { scroller, canvas, slider, box } = grid.panel;
    this.on(scroller, "scroll", () => grid.onScroll(), { passive: true });
    this.on(scroller, "keydown", (event) => this.pressKey(event));
    this.on(scroller, "focus blur", () => grid.onFocus());
    this.on(canvas, "pointermove", (event) => this.move(event));
    this.on(canvas, "pointerleave pointercancel", () => this.leave());
    this.on(canvas, "pointerdown", (event) => this.press(event));
    this.on(canvas, "pointerup", () => clearTimeout(this.timer));
    this.on(canvas, "click", (event) => this.click(event));
    this.on(canvas, "contextmenu", (event) => this.isLong && event.preventDefault());
    this.on(slider, "input", () => grid.setSize(Number(slider.value)));
    this.on(slider, "change", () => grid.keepSize());
    this.on(box, "click", (event) => this.useButton(event.target.closest("button")?.dataset.do));
  }

  on(target, types, listener, options = {}) {
    for (const type of types.split(" ")) target.addEventListener(type, listener, { signal: this.abort.signal, ...options });
  }

  useButton(command) {
    const { grid } = this;
    if (command === "all") grid.markAll();
    else if (command === "clear") grid.clearMarks();
    else if (command === "copy") grid.copyIds();
    else if (command === "similar") grid.open(grid.active, "similar");
  }

  move(event) {
    if (this.start && Math.hypot(event.clientX - this.start[0], event.clientY - this.start[1]) > TRAVEL) this.leave();
    if (event.pointerType === "mouse") this.grid.hoverAt(event.clientX, event.clientY);
  }

  leave() {
    clearTimeout(this.timer);
    this.start = null;
    this.grid.hover(-1);
  }

  press(event) {
    this.isTouch = event.pointerType === "touch";
    this.isLong = false;
    this.start = [event.clientX, event.clientY];
    clearTimeout(this.timer);
    if (this.isTouch) this.timer = setTimeout(() => this.pressLong(), LONG_PRESS);
  }

  pressLong() {
    const index = this.start ? this.grid.indexAt(...this.start) : -1;
    if (index < 0) return;
    this.isLong = true;
    this.grid.toggle(index);
  }

  // With a finger, a tap opens the image; while images are marked, it marks.
  click(event) {
    const { grid } = this;
    if (this.isLong) return;
    const index = grid.indexAt(event.clientX, event.clientY);
    if (index < 0) return;
    if (event.shiftKey) grid.markTo(index);
    else if (event.ctrlKey || event.metaKey || (this.isTouch && grid.marks.size)) grid.toggle(index);
    else grid.open(index, "image");
  }

  pressKey(event) {
    const { grid } = this;
    const hasCommand = event.ctrlKey || event.metaKey;
    if (event.altKey) return;
    const { layout, active } = grid;
    const place = { index: active, count: layout.count, columns: layout.columns, lines: linesPerPage(layout, grid.viewHeight) };
    const next = indexAfterKey(event.key, place);
    const action = next === null ? this.actions(active)[hasCommand ? `Ctrl+${event.key}` : event.key] : () => this.go(next, event.shiftKey);
    if (!action) return;
    event.preventDefault();
    action();
  }

  go(index, isRange) {
    if (isRange) this.grid.markTo(index);
    else this.grid.setActive(index);
    this.grid.show(index);
  }

  actions(active) {
    const { grid } = this;
    return {
      " ": () => grid.toggle(active),
      Enter: () => grid.open(active, "image"),
      s: () => grid.open(active, "similar"),
      Escape: () => grid.clearMarks(),
      "Ctrl+a": () => grid.markAll(),
      "Ctrl+ ": () => grid.toggle(active),
    };
  }

  remove() {
    clearTimeout(this.timer);
    this.abort.abort();
  }
}
