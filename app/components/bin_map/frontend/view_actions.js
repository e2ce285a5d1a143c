// Actions that every map has: the view, the tooltip, and requests for data.
import { nextOne } from "./filter.js";
import { neighboursOf } from "./hit_test.js";
import { hasThumbnail, showThumbnail } from "./thumbnails.js";
import { moveView, zoomView } from "./viewport.js";

const [MOUSE_REACH, TOUCH_REACH] = [14, 24]; // CSS pixels between a point and the pointer
const TIP_THUMBNAIL = 72;
const HOVER_DELAY = 250; // ms over a point before its thumbnail is requested
const HINT_TIME = 1600; // ms

export class ViewActions {
  constructor(map) {
    this.map = map;
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
    const { map } = this;
    if (map.points) this.hover(map.pointAt(x, y, MOUSE_REACH * map.renderer.ratio));
  }

  // Show the tooltip of point i; -1: none.
  hover(i) {
    const { map } = this;
    if (i === map.hovered) return;
    map.hovered = i;
    map.tell("adq-hover", { row: i < 0 ? null : map.points.row[i] });
    map.overlay.draw();
    const tip = map.panel.find(".tip");
    tip.hidden = i < 0;
    clearTimeout(this.hoverTimer);
    const place = i < 0 ? null : map.renderer.placeOf(i, map.panelOf(i));
    if (!place) return;
    this.moveTip(tip, place);
    if (!this.fillTip(tip)) this.hoverTimer = setTimeout(() => this.requestThumbnails(i), HOVER_DELAY);
  }

  // Returns whether the browser has the thumbnail.
  fillTip(tip) {
    const { panel, points, hovered } = this.map;
    panel.setText(tip.lastElementChild, this.map.describe(hovered).join("\n"));
    return showThumbnail(tip.firstElementChild, points.key, points.row[hovered], TIP_THUMBNAIL);
  }

  // Show what has arrived since the pointer is over the point.
  refreshTip() {
    const tip = this.map.panel.find(".tip");
    if (this.map.hovered < 0) tip.hidden = true;
    else if (!tip.hidden) this.fillTip(tip);
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

  // A touch shows the tooltip, as a pointer does without a click. Returns the point; -1: none.
  clickAt(x, y, pointerType) {
    const { map } = this;
    const isTouch = pointerType === "touch";
    const i = map.pointAt(x, y, (isTouch ? TOUCH_REACH : MOUSE_REACH) * map.renderer.ratio);
    if (isTouch) this.hover(i);
    return i;
  }

  // Hover over the next (1) or previous (-1) image of those that the map steps through.
  stepImage(direction) {
    const { hovered, filter } = this.map;
    this.hover(nextOne(filter?.shown ?? null, hovered, direction, ...this.map.steppedRun()));
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
