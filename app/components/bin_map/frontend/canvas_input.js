// Input that every map has: pointer, wheel and keys on the canvas, and the buttons for zooming.
import { pinchFactor, wheelFactor, WHOLE_MAP } from "./viewport.js";

const ZOOM_STEP = 1.6;
const CLICK_TRAVEL = 4; // CSS pixels; a pointer that moves further drags
const ARROWS = { ArrowLeft: [1, 0], ArrowRight: [-1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

export class CanvasInput {
  constructor(map) {
    this.map = map;
    this.canvas = map.panel.find("canvas.picture");
    this.pointers = new Map(); // id of a pressed pointer -> its pixel
    this.path = null; // the lasso or box that is being drawn
    this.abort = new AbortController();
    this.listenToCanvas();
    this.on(map.panel.find(".tools"), "click", (event) => this.useTool(event.target.dataset));
    this.on(window, "pointerdown", () => map.sync.sendNow(), { capture: true });
    this.keys = this.keyActions();
  }

  on(target, types, listener, options = {}) {
    for (const type of types.split(" "))
      target.addEventListener(type, listener, { signal: this.abort.signal, ...options });
  }

  listenToCanvas() {
    const { actions } = this.map;
    const { canvas } = this;
    this.on(canvas, "pointerdown", (event) => this.press(event));
    this.on(canvas, "pointermove", (event) => this.move(event));
    this.on(canvas, "pointerup pointercancel", (event) => this.release(event));
    this.on(canvas, "pointerleave blur", () => actions.hover(-1));
    this.on(canvas, "wheel", (event) => this.turnWheel(event), { passive: false });
    this.on(canvas, "keydown", (event) => this.pressKey(event));
    this.on(canvas, "dblclick", (event) => actions.zoomAt(2, ...this.pixel(event)));
  }

  // Pixel of the canvas under the pointer.
  pixel(event) {
    const box = this.canvas.getBoundingClientRect();
    const { ratio } = this.map.renderer;
    return [(event.clientX - box.left) * ratio, (event.clientY - box.top) * ratio];
  }

  zoomAtCentre(factor) {
    const { width, height } = this.map.renderer.panel;
    this.map.actions.zoomAt(factor, width / 2, height / 2);
  }

  useTool({ do: command }) {
    if (command === "in") this.zoomAtCentre(ZOOM_STEP);
    else if (command === "out") this.zoomAtCentre(1 / ZOOM_STEP);
    else if (command === "fit") this.map.actions.setView(WHOLE_MAP);
  }

  press(event) {
    this.canvas.focus({ preventScroll: true });
    this.canvas.setPointerCapture(event.pointerId);
    const [x, y] = this.pixel(event);
    this.pointers.set(event.pointerId, [x, y]);
    this.travelled = 0;
    this.path = this.pointers.size > 1 ? null : this.startPath(event, [x, y]); // two fingers zoom with every tool
    this.map.actions.hover(-1);
  }

  move(event) {
    const { actions } = this.map;
    const [x, y] = this.pixel(event);
    const before = this.pointers.get(event.pointerId);
    if (!before) {
      if (event.pointerType === "mouse") actions.hoverAt(x, y);
      return;
    }
    this.travelled += Math.hypot(x - before[0], y - before[1]);
    if (this.pointers.size > 1) this.pinch(event.pointerId, before, [x, y]);
    else if (this.path) this.extendPath(x, y);
    else actions.moveBy(x - before[0], y - before[1]);
    this.pointers.set(event.pointerId, [x, y]);
  }

  pinch(id, before, [x, y]) {
    const [, other] = [...this.pointers].find(([otherId]) => otherId !== id);
    this.map.actions.zoomAt(pinchFactor(before, [x, y], other), (x + other[0]) / 2, (y + other[1]) / 2);
  }

  // The lasso or box that a press begins; null: the press moves the map.
  startPath() {
    return null;
  }

  release(event) {
    this.endPath(event);
    if (this.map.isDataPending) this.map.onData();
  }

  endPath(event) {
    const { map, path } = this;
    const [x, y] = this.pixel(event);
    this.path = null;
    if (!this.pointers.delete(event.pointerId) || event.type === "pointercancel") map.overlay.draw();
    else if (this.travelled < CLICK_TRAVEL * map.renderer.ratio) map.actions.clickAt(x, y, event.pointerType);
    else if (path) this.finishPath(path);
  }

  turnWheel(event) {
    const { panel, actions } = this.map;
    const factor = wheelFactor(event, panel.root.activeElement === this.canvas);
    if (factor === null) {
      actions.showHint("Click the map, or hold Ctrl, to zoom with the wheel");
      return;
    }
    event.preventDefault();
    actions.zoomAt(factor, ...this.pixel(event));
  }

  keyActions() {
    const { map } = this;
    const zoomIn = () => this.zoomAtCentre(ZOOM_STEP);
    return {
      "+": zoomIn,
      "=": zoomIn,
      "-": () => this.zoomAtCentre(1 / ZOOM_STEP),
      0: () => map.actions.setView(WHOLE_MAP),
      n: () => map.actions.stepImage(1),
      p: () => map.actions.stepImage(-1),
    };
  }

  pressKey(event) {
    const { map } = this;
    const { width, height } = map.renderer.panel;
    const arrow = ARROWS[event.key];
    if (arrow) map.actions.moveBy((arrow[0] * width) / 10, (arrow[1] * height) / 10);
    else if (Object.hasOwn(this.keys, event.key)) this.keys[event.key]();
    else return;
    event.preventDefault();
  }

  remove() {
    this.abort.abort();
  }
}
