// The canvas that shows the visible part of all images: its data, its size, scrolling and drawing. A subclass provides
// what the user does with the images.
import { cellText } from "./format.js";
import { Input } from "./input.js";
import { boxOf, makeLayout, offsetOf, offsetToShow, scrolledHeight, scrollTopOf, visibleRange } from "./layout.js";
import { listen } from "./link.js";
import { Marks } from "./marks.js";
import { Painter, readColours } from "./painter.js";
import { Panel } from "./panel.js";
import { Selection } from "./selection.js";
import { Sheets } from "./sheets.js";
import { loadSize, loadState, saveSize, saveState } from "./state.js";

const QUIET = 120; // ms without scrolling, after which texts for screen readers and large tiles are made

export class GridCanvas {
  constructor(root, find) {
    this.find = find;
    this.panel = new Panel(root);
    this.painter = new Painter(this.panel.canvas);
    this.sheets = new Sheets({ onArrival: () => this.onArrival(), onLost: () => this.send({ renew: Date.now() }) });
    this.size = loadSize();
    this.panel.slider.value = this.size;
    this.linkedRow = null; // under the pointer, here or on the map
    this.input = new Input(this);
    const { box, scroller } = this.panel;
    const { signal } = this.input.abort;
    listen("adq-hover", box, (detail) => this.onLink(detail), signal);
    listen("adq-alpha", box, (detail) => this.onAlpha(detail), signal);
    matchMedia("(forced-colors: active)").addEventListener("change", () => this.readColours(), { signal });
    this.observer = new ResizeObserver(() => this.order && this.resize());
    this.observer.observe(scroller);
  }

  // A message from the server, at every rerun.
  update({ data, setStateValue, setTriggerValue }) {
    this.view = data;
    Object.assign(this, { setStateValue, setTriggerValue });
    this.onData();
  }

  // Show the data of the message once all of it has arrived.
  onData() {
    const { view } = this;
    const order = view && this.find(view.order);
    const [bins, quotas] = view ? [this.find(view.bins), this.find(view.quotas)] : [];
    if (!order || (view.quotas && !quotas) || (view.bins && !bins)) return;
    this.sheets.setSource({ ...view, address: new URL(`../../..${view.address}`, import.meta.url).href });
    if (this.images !== view.images) this.startImages();
    this.showOrder(order);
    this.showSelection(bins, quotas);
    this.readColours();
    this.resize();
    if (view.received !== this.serial && this.marks.size) this.scheduleSend();
    this.followFocus();
    this.showBar();
  }

  startImages() {
    const { view } = this;
    this.images = view.images;
    this.state = loadState(view.id, view.images);
    this.marks = Marks.fromText(this.state.marks, view.total);
    [this.order, this.orderKey, this.focus, this.serverAlpha] = [null, null, undefined, undefined];
  }

  showOrder(order) {
    if (this.orderKey === order.key) return; // the same order may arrive again, after a remount of its bytes
    const isFirst = !this.order;
    [this.order, this.orderKey] = [order.row, order.key];
    this.places = null;
    this.goTo = isFirst ? this.state.top : (this.order[0] ?? null);
    this.panel.scroller.setAttribute("aria-label", this.view.name);
    const empty = this.panel.find(".empty");
    empty.hidden = this.order.length > 0;
    empty.textContent = this.view.empty;
  }

  showSelection(bins, quotas) {
    const { view } = this;
    if (!quotas) this.selection = null;
    else if (this.selection?.quotas !== quotas || this.selection.bins !== bins) this.selection = new Selection(bins, quotas);
    if (view.alpha !== this.serverAlpha) this.alpha = view.alpha; // the server changed it, or confirms the map's alpha
    this.serverAlpha = view.alpha;
    this.selection?.setAlpha(this.alpha);
  }

  // The image in focus, which the server may change: the map, the sidebar, or the page of an image.
  followFocus() {
    const { focus } = this.view;
    if (focus !== this.focus && focus !== null && focus !== this.state.active) {
      this.state.active = focus;
      this.state.anchor = focus;
      const index = this.positionOf(focus);
      if (index >= 0) this.show(index);
    }
    this.focus = focus;
  }

  readColours() {
    this.colours = readColours(this.panel.box);
    this.requestDraw();
  }

  // Index of a row in the present order; -1: a filter hides it.
  positionOf(row) {
    if (row === null || row === undefined) return -1;
    if (!this.places) {
      this.places = new Int32Array(this.view.total).fill(-1);
      this.order.forEach((each, index) => (this.places[each] = index));
    }
    return this.places[row] ?? -1;
  }

  get active() {
    return this.positionOf(this.state.active);
  }

  resize() {
    const { scroller, space } = this.panel;
    this.viewHeight = scroller.clientHeight;
    const width = scroller.clientWidth;
    if (!width || !this.viewHeight) return;
    const top = this.goTo ?? (this.layout ? this.order[visibleRange(this.layout, this.offset, this.viewHeight)[0]] : null);
    this.layout = makeLayout({ width, size: this.size, count: this.order.length });
    this.painter.setSize(width, this.viewHeight, window.devicePixelRatio || 1);
    for (const [name, value] of [["width", width], ["height", this.viewHeight]]) this.panel.canvas.style[name] = `${value}px`;
    space.style.height = `${scrolledHeight(this.layout)}px`;
    const index = this.positionOf(top);
    if (index >= 0) this.scrollTo(boxOf(this.layout, index).y - boxOf(this.layout, 0).y);
    this.goTo = null;
    this.draw();
    this.afterPause();
  }

  setSize(size) {
    this.size = size;
    this.resize();
  }

  keepSize() {
    saveSize(this.size);
  }

  get offset() {
    return offsetOf(this.layout, this.viewHeight, this.panel.scroller.scrollTop);
  }

  scrollTo(offset) {
    this.panel.scroller.scrollTop = scrollTopOf(this.layout, this.viewHeight, offset);
  }

  show(index) {
    if (!this.layout) return;
    this.scrollTo(offsetToShow(this.layout, index, this.offset, this.viewHeight));
    this.requestDraw();
  }

  onScroll() {
    this.hover(-1);
    this.requestDraw();
    this.afterPause();
  }

  // Work that would make scrolling slow.
  afterPause() {
    clearTimeout(this.pause);
    this.isMoving = true;
    this.pause = setTimeout(() => {
      this.isMoving = false;
      this.draw();
      this.showCells();
      this.keepState();
    }, QUIET);
  }

  keepState() {
    if (!this.layout) return;
    this.state.top = this.order[visibleRange(this.layout, this.offset, this.viewHeight)[0]] ?? null;
    saveState(this.view.id, this.images, this.state);
  }

  requestDraw() {
    this.frame ??= requestAnimationFrame(() => {
      this.frame = null;
      this.draw();
    });
  }

  draw() {
    const { layout, order, selection, marks, sheets } = this;
    if (!layout || !this.colours) return;
    const offset = this.offset;
    const range = visibleRange(layout, offset, this.viewHeight);
    const isLarge = layout.tile * this.painter.ratio > 1.25 * sheets.sides[0] && sheets.sides.length > 1;
    this.painter.draw({
      layout, offset, range, order,
      colours: this.colours,
      tileOf: (row) => sheets.tile(row, isLarge),
      textsOf: (row) => sheets.texts.get(row),
      isSelected: (row) => selection !== null && selection.has(row),
      isMarked: (row) => marks.has(row),
      active: this.active,
      linked: this.positionOf(this.linkedRow),
      hasFocus: this.panel.root.activeElement === this.panel.scroller,
    });
    // While the view moves by more than its height per frame, nothing is requested: it would be out of sight at once.
    const isFast = Math.abs(offset - (this.lastOffset ?? offset)) > this.viewHeight;
    this.lastOffset = offset;
    if (!isFast) sheets.request(range, order, isLarge && !this.isMoving);
    this.drawn = (this.drawn ?? 0) + 1; // frames, for the benchmark
  }

  onArrival() {
    this.requestDraw();
    if (!this.isMoving) this.afterPause();
    if (this.hovered >= 0) this.fillTip();
  }

  showCells() {
    if (!this.layout) return;
    const range = visibleRange(this.layout, this.offset, this.viewHeight);
    this.panel.showCells(this.layout, range, (index) => this.cell(index));
    this.panel.setActive(this.active);
  }

  cell(index) {
    const row = this.order[index];
    const isSelected = this.selection ? this.selection.has(row) : null;
    return [cellText(this.sheets.texts.get(row), index, isSelected, this.marks.has(row)), this.marks.has(row)];
  }

  remove() {
    this.hover(-1);
    this.input.remove();
    this.observer.disconnect();
    for (const timer of [this.pause, this.sending]) clearTimeout(timer);
    cancelAnimationFrame(this.frame);
    this.sheets.reset();
    this.panel.remove();
  }
}
