// Input of the map of the quotas: the lasso, alpha, the bins, and the controls. Every input calls an action.
import { CanvasInput } from "./canvas_input.js";
import { thinPolygon } from "./viewport.js";

const KEY_PAUSE = 350; // ms without a key before the server receives an event; a mouse sends it when it is released
const CORNER_DISTANCE = 3; // CSS pixels between two corners of a lasso
const MAX_CORNERS = 400; // of a lasso; protocol.py accepts more

const binOf = (event) => event.target.closest("button")?.dataset.bin;

export class QuotaInput extends CanvasInput {
  constructor(map) {
    super(map);
    this.isSliding = false;
    this.listenToSlider();
    this.listenToBins();
    this.listenToControls();
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
    this.on(panel.find(".colour"), "change", (event) => actions.setColour(event.target.value));
    this.on(panel.find(".many"), "change", (event) => actions.setPanels(event.target.checked));
    this.on(panel.find(".start"), "click", () => player.toggle());
    this.on(panel.find(".run"), "click", () => player.pause());
    this.on(panel.find(".scrub input"), "input", (event) => player.seek(Number(event.target.value)));
    this.on(panel.find(".speed"), "change", (event) => (player.speed = Number(event.target.value)));
  }

  useTool({ tool, do: command }) {
    const { actions, lasso, renderer } = this.map;
    if (tool) actions.setTool(tool);
    const { width, height } = renderer.panel;
    if (command === "clear") lasso.set(null);
    else if (command === "seen") lasso.set(lasso.boxOf(0, 0, width - 1, height - 1));
    else super.useTool({ do: command });
  }

  startPath({ shiftKey }, [x, y]) {
    const { state, renderer } = this.map;
    const tool = shiftKey ? "lasso" : state.tool;
    return tool === "move" ? null : { tool, corners: [[x, y]], panel: renderer.panelAt(x, y).panel };
  }

  extendPath(x, y) {
    const { path, map } = this;
    const [lastX, lastY] = path.corners.at(-1);
    const [x0, y0] = path.corners[0];
    if (path.tool === "box") path.corners = [[x0, y0], [x, y0], [x, y], [x0, y]];
    else if (Math.hypot(x - lastX, y - lastY) > CORNER_DISTANCE * map.renderer.ratio) path.corners.push([x, y]);
    map.overlay.draw(path);
  }

  finishPath(path) {
    if (path.corners.length < 3) return;
    const { lasso, renderer } = this.map;
    const corners = path.corners.map(([cx, cy]) => renderer.dataAt(cx, cy, path.panel));
    lasso.set(thinPolygon(corners, MAX_CORNERS));
  }

  keyActions() {
    const { map } = this;
    const selectHovered = () => map.hovered >= 0 && map.actions.selectRow(map.points.row[map.hovered]);
    return { ...super.keyActions(), Escape: () => map.lasso.set(null), Enter: selectHovered };
  }
}
