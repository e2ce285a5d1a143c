// Actions of the user on the map. Every action ends with a request to draw and, if the server needs to know, with a
// scheduled event.
import { describePoint } from "./format.js";
import { neighboursOf } from "./hit_test.js";
import { hasThumbnail, showThumbnail } from "./thumbnails.js";
import { moveView, zoomView } from "./viewport.js";

const [MOUSE_REACH, TOUCH_REACH] = [14, 24]; // CSS pixels between a point and the pointer
const TIP_THUMBNAIL = 72;
const HOVER_DELAY = 250; // ms over a point before its thumbnail is requested
const HINT_TIME = 1600; // ms

export class Actions {
  constructor(map) {
    this.map = map;
  }

  setAlpha(step) {
    const { map } = this;
    map.state.alpha = map.quotas.alphas[step];
    map.sync.markChanged("alpha");
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

  setView(view) {
    const { map } = this;
    Object.assign(map.state.view, view);
    map.renderer.isStale = true;
    map.hovered = -1;
    map.requestDraw();
  }

  moveBy(dx, dy) {
    const { state, renderer, points } = this.map;
    this.setView(moveView(state.view, [dx, dy], renderer.transform.scale, points.bounds));
  }

  // Zoom at a pixel of the canvas.
  zoomAt(factor, cx, cy) {
    const { state, renderer, points } = this.map;
    const { pixel } = renderer.panelAt(cx, cy);
    this.setView(zoomView(state.view, factor, pixel, renderer.panel, renderer.transform.scale, points.bounds));
  }

  hoverAt(x, y) {
    const { points, renderer, state } = this.map;
    if (points) this.hover(renderer.nearest(x, y, MOUSE_REACH * renderer.ratio, state.hasPanels));
  }

  // Show the tooltip of point i; -1: none.
  hover(i) {
    const { map } = this;
    if (i === map.hovered) return;
    map.hovered = i;
    map.overlay.draw();
    const tip = map.panel.find(".tip");
    tip.hidden = i < 0;
    clearTimeout(this.hoverTimer);
    const place = i < 0 ? null : map.renderer.placeOf(i, map.panelOf(i));
    if (!place) return;
    this.moveTip(tip, place);
    map.panel.setText(tip.lastElementChild, this.describe(i).join("\n"));
    const { key, row } = map.points;
    if (!showThumbnail(tip.firstElementChild, key, row[i], TIP_THUMBNAIL))
      this.hoverTimer = setTimeout(() => this.requestThumbnails(i), HOVER_DELAY);
  }

  moveTip(tip, place) {
    const { ratio, size } = this.map.renderer;
    const [x, y] = place.map((pixels) => pixels / ratio);
    const [width, height] = size.map((pixels) => pixels / ratio); // reading it from the page would force a layout
    const left = Math.max(4, Math.min(x > width / 2 ? x - 246 : x + 16, width - 236));
    const top = Math.max(4, Math.min(y - 40, height - 110));
    tip.style.transform = `translate(${Math.round(left)}px, ${Math.round(top)}px)`;
  }

  // Request the thumbnails around a point too: the user probably hovers over them next.
  requestThumbnails(i) {
    const { points, renderer, wanted, sync } = this.map;
    const reach = (40 * renderer.ratio) / renderer.transform.scale;
    wanted.nearby = [points.row[i], ...neighboursOf(i, points, reach, 60).map((k) => points.row[k])];
    if (wanted.nearby.some((row) => !hasThumbnail(points.key, row))) sync.scheduleSend(0);
  }

  clickAt(x, y, pointerType) {
    const { renderer, state, points } = this.map;
    const isTouch = pointerType === "touch";
    const i = renderer.nearest(x, y, (isTouch ? TOUCH_REACH : MOUSE_REACH) * renderer.ratio, state.hasPanels);
    if (i >= 0 && isTouch) this.hover(i);
    if (i >= 0) this.selectRow(points.row[i]);
    else if (state.row !== null) this.selectRow(state.row);
  }

  // Hover over the next (1) or previous (-1) image of the selected bin, or of all, in draw order.
  stepImage(direction) {
    const { points, state, hovered } = this.map;
    const [low, count] = state.bin === null ? [0, points.length] : [points.start[state.bin], points.capacity[state.bin]];
    const isInBin = hovered >= low && hovered < low + count;
    const beforeFirst = direction > 0 ? -1 : 0; // a step forward starts with the first image, a step back with the last
    const position = isInBin ? hovered - low : beforeFirst;
    this.hover(low + ((position + direction + count) % count));
  }

  describe(i) {
    const { points, quota, display } = this.map;
    return describePoint(i, { points, quota, binWord: display.bin_word, columns: this.map.availableColumns() });
  }

  requestColumns(names) {
    const { state, order, sync } = this.map;
    for (const name of names) if (!state.columns.includes(name)) state.columns.push(name);
    if (names.some((name) => !(name === "order" ? order : this.map.columnOf(name)))) sync.scheduleSend(0);
  }

  showHint(text) {
    const { panel } = this.map;
    const hint = panel.find(".hint");
    panel.setText(hint, text);
    hint.hidden = false;
    clearTimeout(this.hintTimer);
    this.hintTimer = setTimeout(() => (hint.hidden = true), HINT_TIME);
  }

  cancelTimers() {
    for (const timer of [this.hoverTimer, this.hintTimer]) clearTimeout(timer);
  }
}
