// Input: pointer, wheel and keys on the map, and its controls. Every input calls an action.
import { pinchFactor, thinPolygon, wheelFactor, WHOLE_MAP } from "./viewport.js";

const KEY_PAUSE = 350; // ms without a key before the server receives an event; a mouse sends it when it is released
const ZOOM_STEP = 1.6;
const CLICK_TRAVEL = 4; // CSS pixels; a pointer that moves further drags
const CORNER_DISTANCE = 3; // CSS pixels between two corners of a lasso
const MAX_CORNERS = 400; // of a lasso; protocol.py accepts more
const ARROWS = { ArrowLeft: [1, 0], ArrowRight: [-1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

const binOf = (event) => event.target.closest("button")?.dataset.bin;

export class Input {
  constructor(map) {
    this.map = map;
    this.canvas = map.panel.find("canvas.picture");
    this.pointers = new Map(); // id of a pressed pointer -> its pixel
    this.isSliding = false;
    this.path = null; // the lasso or box that is being drawn
    this.abort = new AbortController();
    this.listenToSlider();
    this.listenToBins();
    this.listenToControls();
    this.listenToCanvas();
    this.keys = this.keyActions();
  }

  on(target, types, listener, options = {}) {
    for (const type of types.split(" "))
      target.addEventListener(type, listener, { signal: this.abort.signal, ...options });
  }

  listenToSlider() {
    const { panel, actions, sync } = this.map;
    const { slider } = panel;
    this.on(slider, "input", () => actions.setAlpha(Number(slider.value)));
    this.on(slider, "change", () => sync.scheduleSend(this.isSliding ? 0 : KEY_PAUSE));
    this.on(slider, "pointerdown", () => (this.isSliding = true));
    this.on(slider, "pointerup pointercancel", () => setTimeout(() => (this.isSliding = false))); // after "change"
    // Send pending changes before the user turns to anything else: an event after a click on a link to another page
    // would bring the user back to this page.
    this.on(slider, "blur", () => sync.sendNow());
    this.on(panel.box, "pointerleave", () => sync.sendNow());
    this.on(window, "pointerdown", () => sync.sendNow(), { capture: true });
  }

  listenToBins() {
    const { panel, actions } = this.map;
    for (const element of [panel.find(".bins"), panel.find(".labels")]) {
      this.on(element, "click", (event) => actions.selectBin(binOf(event)));
      // Only pointer moves count: a bar that moves below a still pointer is not highlighted.
      this.on(element, "pointermove", (event) => event.pointerType === "mouse" && actions.previewBin(binOf(event)));
      this.on(element, "pointerleave", () => actions.previewBin());
    }
    const leavesLabel = (event) => event.relatedTarget?.className !== "label";
    this.on(panel.find(".labels"), "pointerout", (event) => leavesLabel(event) && actions.previewBin());
  }

  listenToControls() {
    const { panel, actions, player } = this.map;
    this.on(panel.find(".pin"), "click", () => actions.togglePin());
    this.on(panel.find(".strips"), "click", (event) => {
      const thumbnail = event.target.closest("button");
      actions.selectRow(thumbnail?.dataset.row);
      thumbnail?.scrollIntoView({ block: "nearest" }); // the card of the image appears at the bottom of the window
    });
    this.on(panel.find(".tools"), "click", (event) => this.useTool(event.target.dataset));
    this.on(panel.find(".colour"), "change", (event) => actions.setColour(event.target.value));
    this.on(panel.find(".many"), "change", (event) => actions.setPanels(event.target.checked));
    this.on(panel.find(".start"), "click", () => player.toggle());
    this.on(panel.find(".run"), "click", () => player.pause());
    this.on(panel.find(".scrub input"), "input", (event) => player.seek(Number(event.target.value)));
    this.on(panel.find(".speed"), "change", (event) => (player.speed = Number(event.target.value)));
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

  useTool({ tool, do: command }) {
    const { actions, lasso, renderer } = this.map;
    if (tool) actions.setTool(tool);
    const { width, height } = renderer.panel;
    if (command === "in") this.zoomAtCentre(ZOOM_STEP);
    else if (command === "out") this.zoomAtCentre(1 / ZOOM_STEP);
    else if (command === "fit") actions.setView(WHOLE_MAP);
    else if (command === "clear") lasso.set(null);
    else if (command === "seen") lasso.set(lasso.boxOf(0, 0, width - 1, height - 1));
  }

  press(event) {
    const { state, renderer, actions } = this.map;
    this.canvas.focus({ preventScroll: true });
    this.canvas.setPointerCapture(event.pointerId);
    const [x, y] = this.pixel(event);
    this.pointers.set(event.pointerId, [x, y]);
    this.travelled = 0;
    const tool = event.shiftKey ? "lasso" : state.tool;
    if (this.pointers.size > 1) this.path = null; // two fingers zoom with every tool
    else if (tool !== "move") this.path = { tool, corners: [[x, y]], panel: renderer.panelAt(x, y).panel };
    actions.hover(-1);
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

  extendPath(x, y) {
    const { path, map } = this;
    const [lastX, lastY] = path.corners.at(-1);
    const [x0, y0] = path.corners[0];
    if (path.tool === "box") path.corners = [[x0, y0], [x, y0], [x, y], [x0, y]];
    else if (Math.hypot(x - lastX, y - lastY) > CORNER_DISTANCE * map.renderer.ratio) path.corners.push([x, y]);
    map.overlay.draw(path);
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
    else if (path && path.corners.length > 2) {
      const corners = path.corners.map(([cx, cy]) => map.renderer.dataAt(cx, cy, path.panel));
      map.lasso.set(thinPolygon(corners, MAX_CORNERS));
    }
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
      Escape: () => map.lasso.set(null),
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
    else if (event.key === "Enter" && map.hovered >= 0) map.actions.selectRow(map.points.row[map.hovered]);
    else return;
    event.preventDefault();
  }

  remove() {
    this.abort.abort();
  }
}
