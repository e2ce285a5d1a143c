// One map on the page: it receives data from the server, keeps the parts together and draws them.
import { Actions } from "./actions.js";
import { BinList } from "./bin_list.js";
import { ChangeStrips } from "./change_strips.js";
import { makeRamp, pixelFromCss, pointColours, readTheme } from "./colours.js";
import { Input } from "./input.js";
import { Lasso } from "./lasso.js";
import { Overlay } from "./overlay.js";
import { Panel } from "./panel.js";
import { Player } from "./playback.js";
import { nearestStep, quotaRanges, selectedRows } from "./quotas.js";
import { Renderer } from "./renderer.js";
import { adaptState, eventValues, loadState, readView } from "./state.js";
import { Sync } from "./sync.js";

// CSS pixels of a laptop's screen for the controls above the map and the strips of changed images below it: both are
// in sight while alpha moves.
const RESERVED_HEIGHT = 365;
const WIDE = 640; // CSS pixels from which on the bins stand beside the map, as in map.css
const NARROW_MAP = 520;

export class BinMap {
  constructor(root, blobs) {
    this.blobs = blobs;
    this.panel = new Panel(root);
    this.renderer = new Renderer(this.panel.find("canvas.picture"));
    this.overlay = new Overlay(this, this.panel.find("canvas.over"));
    this.binList = new BinList(this);
    this.strips = new ChangeStrips(this);
    this.lasso = new Lasso(this);
    this.actions = new Actions(this);
    this.player = new Player(this);
    this.hovered = -1; // a point
    this.mustResend = false;
    this.previewBin = null; // the bin below the pointer
    this.wanted = { added: [], removed: [], nearby: [] }; // rows whose thumbnails are missing
    this.column = null; // of the colours; null: the bins' colours
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
    this.mustResend ||= isNew && this.view.confirmed < this.state.serial;
    this.onData();
  }

  start() {
    this.state = loadState(this.view);
    this.sync = new Sync(this.state, {
      collect: () => eventValues(this.state, this.alpha, this.wanted, this.points.key),
      send: (event) => {
        this.send("event", event);
        this.panel.describe(this);
      },
    });
    this.sync.onRemount();
    this.input = new Input(this);
    this.resizeObserver.observe(this.panel.stage);
  }

  readTheme() {
    this.theme = readTheme(this.panel.box, this.pen);
    this.ramp = makeRamp(this.theme.isDark);
    this.panel.box.dataset.theme = this.theme.isDark ? "dark" : "light";
  }

  // Show new data once everything that belongs together has arrived.
  onData() {
    const { quotas, points } = this.findData();
    if (!points) return;
    // While the user draws a lasso, the map below it does not change.
    this.isDataPending = Boolean(this.input.path) && this.points?.map_key !== points.map_key;
    if (this.isDataPending) return;
    this.display = quotas.display;
    if (this.points !== points) this.setPoints(points);
    if (this.quotas !== quotas) this.setQuotas(quotas);
    this.sync.applyServer(this.view);
    this.updatePin();
    this.panel.slider.value = this.stepOf(this.state.alpha);
    this.order = this.blobs.get(this.display.order_key)?.values ?? null;
    this.column = this.columnOf(this.state.colour) ?? null;
    this.panel.showOptions(this);
    this.actions.setTool(this.state.tool);
    this.resize();
    this.panel.describe(this);
    this.resend();
  }

  // After a remount, the server may have forgotten the last event.
  resend() {
    if (this.mustResend) this.sync.scheduleSend(0);
    this.mustResend = false;
  }

  // Quotas of the view and the points that they belong to; no points if they have not arrived.
  findData() {
    const quotas = this.blobs.get(this.view?.quotas);
    const points = this.blobs.get(quotas?.display.points_key);
    const isComplete = points && quotas.quota.length === quotas.alphas.length * points.capacity.length;
    return isComplete ? { quotas, points } : {};
  }

  setPoints(points) {
    adaptState(this.state, points);
    this.points = points;
    this.hovered = -1;
    this.renderer.setPoints(points);
  }

  setQuotas(quotas) {
    this.quotas = quotas;
    this.ranges = quotaRanges(quotas, this.points.capacity.length);
    this.panel.slider.max = quotas.alphas.length - 1;
  }

  // Without a pin of the user, changes are counted from the first alpha.
  updatePin() {
    const { state } = this;
    if (!state.pin) state.pin = { alpha: state.alpha, isAutomatic: true };
    if (state.pin.isAutomatic) state.pin.quota = Array.from(this.quotaAt(state.pin.alpha));
  }

  get alpha() {
    return this.quotas.alphas[this.stepOf(this.state.alpha)];
  }

  stepOf(alpha) {
    return nearestStep(this.quotas.alphas, alpha);
  }

  quotaAt(alpha) {
    const nBins = this.points.capacity.length;
    const step = this.stepOf(alpha);
    return this.quotas.quota.subarray(step * nBins, (step + 1) * nBins);
  }

  panelCount() {
    return this.state.hasPanels ? this.points.capacity.length : 1;
  }

  panelOf(i) {
    return this.state.hasPanels ? this.points.binOf[i] : 0;
  }

  resize() {
    const { panel } = this;
    const [width, total] = [panel.stage.clientWidth, panel.box.clientWidth];
    if (!width) return;
    const ratio = window.devicePixelRatio || 1;
    const height = this.heightFor(width);
    const isWide = total > WIDE;
    panel.stage.style.height = `${height}px`;
    panel.find(".side").style.maxHeight = isWide ? `${height + 2}px` : "";
    panel.isNarrow = width < NARROW_MAP;
    panel.stripWidth = (total - 24) / (isWide ? 2 : 1);
    const size = [Math.round(width * ratio), Math.round(height * ratio)];
    this.renderer.setSize(...size, this.panelCount(), ratio);
    this.overlay.setSize(...size);
    this.draw(); // at once: setting the size of a canvas empties it, and the map would flicker
  }

  heightFor(width) {
    const { height } = this.display;
    const lines = Math.ceil(this.panelCount() / Math.max(1, Math.floor(width / 170)));
    if (this.panelCount() > 1) return Math.max(height, lines * 130);
    return Math.min(height, Math.max(300, width), Math.max(380, window.innerHeight - RESERVED_HEIGHT));
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

  draw() {
    this.isDirty = false;
    const { renderer, panel, state, points } = this;
    if (!points || !renderer.size) return;
    this.quota = this.quotaAt(state.alpha);
    const isProjected = renderer.isStale;
    if (isProjected) renderer.project();
    renderer.paint(this.scene());
    const isRebuilt = this.binList.build();
    this.binList.showQuotas();
    panel.showCounts(this);
    this.strips.show();
    this.lasso.showCount();
    const labelKey = [points.key, renderer.size, state.hasPanels, this.display.bin_word].join();
    if (isProjected || isRebuilt || this.labelKey !== labelKey) this.binList.placeLabels();
    this.labelKey = labelKey;
    this.binList.markBin();
    panel.showColourKey(this);
    this.overlay.draw();
  }

  scene() {
    const { state, theme, renderer, player } = this;
    const isPlaying = player.taken !== null && this.order;
    return {
      quota: this.quota,
      pinQuota: state.pin?.quota,
      spotlight: this.previewBin ?? (state.hasSpotlight ? state.bin : null),
      theme: theme.pixels,
      background: theme.css.background,
      colours: this.colours(),
      hasShapes: Boolean(this.column?.names) && renderer.radius > 1.6,
      panels: this.panelCount(),
      playedCount: isPlaying ? Math.floor(player.taken) : null,
      order: this.order,
    };
  }

  colours() {
    const { column, points, theme, ramp } = this;
    const sign = [column?.key ?? "bin", points.key, theme.isDark, this.view.quotas].join();
    if (this.cachedColours?.sign !== sign) {
      const binPixels = points.capacity.map((_, bin) => pixelFromCss(this.binColour(bin)));
      const classPixel = (n) => pixelFromCss(this.classColour(n));
      this.cachedColours = pointColours({ column, points, ramp, binPixels, classPixel, sign });
    }
    return this.cachedColours;
  }

  binColour(bin) {
    const colours = this.display.bin_colours[this.theme.isDark ? 1 : 0];
    return colours[bin % colours.length];
  }

  classColour(n) {
    const colours = this.display.class_colours[this.theme.isDark ? 1 : 0];
    return colours[n % colours.length];
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

  // Rows of the selected images, ascending; for tests.
  selectedRows() {
    return selectedRows(this.points, this.quotaAt(this.state.alpha));
  }

  remove() {
    this.input?.remove();
    this.resizeObserver.disconnect();
    this.player.isRunning = false;
    this.sync?.cancel();
    this.actions.cancelTimers();
    cancelAnimationFrame(this.frame);
    this.panel.box.remove();
  }
}
