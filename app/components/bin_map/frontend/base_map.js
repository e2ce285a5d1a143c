// What every map has: data from the server, the theme, the size, the view of the user, and one drawing per frame.
// A subclass provides `findData`, `showData`, `heightFor`, `draw`, `collect`, `makeInput` and `describe`.
import { readTheme } from "./colour_bytes.js";
import { countBefore, unpackBits } from "./filter.js";
import { Focus } from "./focus.js";
import { listen, tell } from "./link.js";
import { readView } from "./messages.js";
import { Overlay } from "./overlay.js";
import { adaptState, loadState } from "./state.js";
import { Sync } from "./sync.js";

export class BaseMap {
  constructor(panel, renderer, blobs) {
    this.blobs = blobs;
    this.panel = panel;
    this.renderer = renderer;
    this.overlay = new Overlay(this, panel.find("canvas.over"));
    this.hovered = -1; // a point
    this.filter = null; // {key, shown, before, count}; null: all points match
    this.linkedRow = null; // the image under the pointer in the image browser
    this.mustResend = false;
    this.wanted = { added: [], removed: [], nearby: [] }; // rows whose thumbnails are missing
    this.pen = document.createElement("canvas").getContext("2d");
    this.resizeObserver = new ResizeObserver(() => this.points && this.resize());
  }

  // A message from the server, at every rerun.
  update({ data, setStateValue }) {
    this.view = readView(data);
    this.send = setStateValue;
    const isNew = !this.sync;
    if (isNew) this.start();
    this.renderer.view = this.state.view;
    this.readTheme();
    this.mustResend ||= isNew && this.sync.mustResend(this.view);
    this.onData();
  }

  start() {
    this.state = loadState(this.view);
    this.sync = new Sync(this.state, { collect: () => this.collect(), send: (event) => this.sendEvent(event) });
    this.sync.onRemount();
    this.input = this.makeInput();
    this.focus = new Focus(this.panel, this.state, this.input.abort.signal);
    listen("adq-hover", this.panel.box, (detail) => this.onLink(detail), this.input.abort.signal);
    this.resizeObserver.observe(this.panel.stage);
  }

  tell(name, detail) {
    tell(name, { source: this.panel.box, images: this.points.images, ...detail });
  }

  onLink({ images, row }) {
    this.linkedRow = this.points && images === this.points.images ? row : null;
    if (this.points) this.overlay.draw();
  }

  sendEvent(event) {
    this.send("event", event);
  }

  readTheme() {
    this.theme = readTheme(this.panel.box, this.pen);
    this.panel.box.dataset.theme = this.theme.isDark ? "dark" : "light";
  }

  // Show new data once everything that belongs together has arrived.
  onData() {
    const data = this.findData();
    if (!data) return;
    // While the user draws a lasso, the map below it does not change.
    this.isDataPending = Boolean(this.input.path) && this.points?.map_key !== data.points.map_key;
    if (this.isDataPending) return;
    this.showData(data);
    this.resize();
    this.actions.refreshTip();
    this.describeMap();
    this.focus.restore();
    this.resend();
  }

  // After a remount, the server may have forgotten the last event.
  resend() {
    if (this.mustResend) this.sync.scheduleSend(0);
    this.mustResend = false;
  }

  setPoints(points) {
    if (this.points === points) return;
    adaptState(this.state, points);
    this.points = points;
    this.hovered = -1;
    this.filter = null;
    this.renderer.setPoints(points);
  }

  // Blob of the filter of the view: null if there is no filter, undefined if it has not arrived.
  findFilter() {
    return this.view.filter === null ? null : this.blobs.get(this.view.filter);
  }

  // Show the points that match the filter; the others are grey and do not answer to the pointer.
  setFilter(blob) {
    if ((this.filter?.key ?? null) === (blob?.key ?? null)) return;
    this.filter = null;
    if (blob) {
      const shown = unpackBits(blob.bits, this.points.length);
      const before = countBefore(shown);
      this.filter = { key: blob.key, shown, before, count: before.at(-1) };
    }
    this.hovered = -1;
    this.renderer.setShown(this.filter?.shown ?? null);
  }

  panelCount() {
    return 1;
  }

  panelOf() {
    return 0;
  }

  // Point nearest to a pixel of the canvas within reach; -1: none.
  pointAt(x, y, reach) {
    return this.renderer.nearest(x, y, reach, false);
  }

  resize() {
    const { panel } = this;
    const width = panel.stage.clientWidth;
    if (!width) return;
    const ratio = window.devicePixelRatio || 1;
    const height = this.heightFor(width);
    panel.stage.style.height = `${height}px`;
    const size = [Math.round(width * ratio), Math.round(height * ratio)];
    const panels = this.panelCount();
    // With several maps, the toolbar would cover the last ones: they end above it.
    const covered = panels > 1 ? panel.stage.clientHeight - panel.find(".tools").offsetTop : 0;
    this.renderer.setSize(...size, panels, ratio, Math.round(covered * ratio));
    this.overlay.setSize(...size);
    this.draw(); // at once: setting the size of a canvas empties it, and the map would flicker
  }

  // The first change after a frame is drawn at once, while the browser waits for the next frame. Later changes are drawn
  // together in that frame.
  requestDraw() {
    this.isDirty = true;
    if (this.frame) return;
    this.frame = requestAnimationFrame(() => {
      this.frame = null;
      if (this.isDirty) this.draw();
    });
    this.draw();
  }

  columnOf(name) {
    return this.blobs.get(this.display.columns[name]?.key);
  }

  // Columns that the browser has; the others arrive when they are needed.
  availableColumns() {
    return Object.keys(this.display.columns)
      .map((name) => this.columnOf(name))
      .filter(Boolean);
  }

  remove() {
    this.input?.remove();
    this.resizeObserver.disconnect();
    this.sync?.cancel();
    this.actions.cancelTimers();
    cancelAnimationFrame(this.frame);
    this.panel.box.remove();
  }
}
