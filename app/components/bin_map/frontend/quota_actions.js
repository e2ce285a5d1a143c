// Actions of the user on the map of the quotas. Every action ends with a request to draw and, if the server needs to
// know, with a scheduled event.
import { ViewActions } from "./view_actions.js";

export class QuotaActions extends ViewActions {
  setAlpha(step) {
    const { map } = this;
    map.state.alpha = map.quotas.alphas[step];
    map.sync.markChanged("alpha");
    map.tell("adq-alpha", { alpha: map.state.alpha });
    if (map.player.taken !== null) map.player.toggle();
    map.requestDraw();
  }

  // Count changes from the current selection; a second click on the same selection removes the pin.
  togglePin() {
    const { map } = this;
    const { state, quota } = map;
    const isSame = !state.pin.isAutomatic && state.pin.quota.every((each, bin) => each === quota[bin]);
    state.pin = { alpha: state.alpha, quota: Array.from(quota), isAutomatic: isSame };
    map.requestDraw();
    map.panel.describe(map);
  }

  // The selected bin is shared by the whole app. Its spotlight is only on this map; a second click turns it off.
  selectBin(bin) {
    const { map } = this;
    if (bin === undefined) return;
    map.state.hasSpotlight = !(map.state.hasSpotlight && map.state.bin === Number(bin));
    map.state.bin = Number(bin);
    map.sync.markChanged("bin");
    map.requestDraw();
    map.sync.scheduleSend(0);
  }

  // Highlight a bin while the pointer is over its bar or label.
  previewBin(bin) {
    const { map } = this;
    const preview = bin === undefined ? null : Number(bin);
    if (preview === map.previewBin) return;
    map.previewBin = preview;
    map.requestDraw();
  }

  selectRow(row) {
    const { map } = this;
    if (row === undefined) return;
    map.state.row = map.state.row === Number(row) ? null : Number(row);
    map.sync.markChanged("row");
    map.overlay.draw();
    map.sync.scheduleSend(0);
  }

  setColour(name) {
    const { map } = this;
    map.state.colour = name;
    this.requestColumns(name === "bin" ? [] : [name]);
    map.onData();
  }

  setPanels(hasPanels) {
    const { map } = this;
    map.state.hasPanels = hasPanels;
    map.hovered = -1;
    map.resize();
  }

  setTool(tool) {
    const { panel, state } = this.map;
    state.tool = tool;
    for (const button of panel.box.querySelectorAll("button[data-tool]"))
      button.setAttribute("aria-pressed", String(button.dataset.tool === tool));
    panel.find("canvas.picture").style.touchAction = tool === "move" ? "pan-y" : "none";
    panel.stage.dataset.tool = tool;
  }

  clickAt(x, y, pointerType) {
    const { state, points } = this.map;
    const i = super.clickAt(x, y, pointerType);
    if (i >= 0) this.selectRow(points.row[i]);
    else if (state.row !== null) this.selectRow(state.row);
    return i;
  }
}
