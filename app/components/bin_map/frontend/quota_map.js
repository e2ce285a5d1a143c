// The map of the quotas: alpha, the bins with their quotas, the lasso, and the playback of the greedy order.
import { QuotaActions } from "./quota_actions.js";
import { BaseMap } from "./base_map.js";
import { BinList } from "./bin_list.js";
import { ChangeStrips } from "./change_strips.js";
import { makeRamp, pixelFromCss, pointColours } from "./colour_bytes.js";
import { describePoint } from "./format.js";
import { QuotaInput } from "./quota_input.js";
import { Lasso } from "./lasso.js";
import { eventValues } from "./messages.js";
import { Player } from "./playback.js";
import { QuotaPanel } from "./quota_panel.js";
import { nearestStep, quotaRanges, selectedRows } from "./quotas.js";
import { Renderer } from "./renderer.js";

// CSS pixels of a laptop's screen for the controls above the map and the strips of changed images below it: both are
// in sight while alpha moves.
const RESERVED_HEIGHT = 365;
const WIDE = 640; // CSS pixels from which on the bins stand beside the map, as in map.css
const NARROW_MAP = 520;

export class QuotaMap extends BaseMap {
  constructor(root, blobs) {
    const panel = new QuotaPanel(root);
    super(panel, new Renderer(panel.find("canvas.picture")), blobs);
    this.binList = new BinList(this);
    this.strips = new ChangeStrips(this);
    this.lasso = new Lasso(this);
    this.actions = new QuotaActions(this);
    this.player = new Player(this);
    this.previewBin = null; // the bin below the pointer
    this.column = null; // of the colours; null: the bins' colours
  }

  makeInput() {
    return new QuotaInput(this);
  }

  collect() {
    return eventValues(this.state, this.alpha, this.wanted, this.points.key);
  }

  sendEvent(event) {
    super.sendEvent(event);
    this.describeMap();
  }

  readTheme() {
    super.readTheme();
    this.ramp = makeRamp(this.theme.isDark);
  }

  showData({ quotas, points, filter }) {
    this.display = quotas.display;
    this.setPoints(points);
    this.setFilter(filter);
    if (this.quotas !== quotas) this.setQuotas(quotas);
    this.sync.applyServer(this.view);
    this.updatePin();
    this.panel.slider.value = this.stepOf(this.state.alpha);
    this.order = this.blobs.get(this.display.order_key)?.values ?? null;
    this.column = this.columnOf(this.state.colour) ?? null;
    this.panel.showOptions(this);
    this.actions.setTool(this.state.tool);
  }

  describeMap() {
    this.panel.describe(this);
  }

  // Quotas of the view and the points that they belong to; null if they have not arrived.
  findData() {
    const quotas = this.blobs.get(this.view?.quotas);
    const points = this.blobs.get(quotas?.display.points_key);
    const filter = this.findFilter();
    const isComplete = points && quotas.quota.length === quotas.alphas.length * points.capacity.length;
    return isComplete && filter !== undefined ? { quotas, points, filter } : null;
  }

  setQuotas(quotas) {
    this.quotas = quotas;
    this.ranges = quotaRanges(quotas, this.points.capacity.length);
    this.panel.slider.max = quotas.alphas.length - 1;
    this.panel.showAlpha(this.hasAlpha);
  }

  // Without a pin of the user, changes are counted from the first alpha.
  updatePin() {
    const { state } = this;
    if (!state.pin) state.pin = { alpha: state.alpha, isAutomatic: true };
    if (state.pin.isAutomatic) state.pin.quota = Array.from(this.quotaAt(state.pin.alpha));
  }

  // Whether alpha changes the selection: another strategy than ADQ has one step of alpha.
  get hasAlpha() {
    return this.quotas.alphas.length > 1;
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

  pointAt(x, y, reach) {
    return this.renderer.nearest(x, y, reach, this.state.hasPanels);
  }

  // Points that the keys n and p go through, as [first, count]: the selected bin, or all.
  steppedRun() {
    const { points, state } = this;
    return state.bin === null ? [0, points.length] : [points.start[state.bin], points.capacity[state.bin]];
  }

  resize() {
    const { panel } = this;
    const [width, total] = [panel.stage.clientWidth, panel.box.clientWidth];
    if (!width) return;
    const isWide = total > WIDE;
    panel.find(".side").style.maxHeight = isWide ? `${this.heightFor(width) + 2}px` : "";
    panel.isNarrow = width < NARROW_MAP;
    panel.stripWidth = (total - 24) / (isWide ? 2 : 1);
    super.resize();
  }

  heightFor(width) {
    const { height } = this.display;
    const lines = Math.ceil(this.panelCount() / Math.max(1, Math.floor(width / 170)));
    if (this.panelCount() > 1) return Math.max(height, lines * 130);
    return Math.min(height, Math.max(300, width), Math.max(380, window.innerHeight - RESERVED_HEIGHT));
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
      this.cachedColours = pointColours({ column, points, ramp, binPixels, classPixel, missingPixel: theme.pixels.strong, sign });
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

  // Lines about point i.
  describe(i) {
    const { points, quota, display } = this;
    return describePoint(i, { points, quota, binWord: display.bin_word, columns: this.availableColumns() });
  }

  // Rows of the selected images, ascending; for tests.
  selectedRows() {
    return selectedRows(this.points, this.quotaAt(this.state.alpha));
  }

  remove() {
    this.player.isRunning = false;
    super.remove();
  }
}
