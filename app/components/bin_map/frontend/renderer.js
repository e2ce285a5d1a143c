// The renderer: points drawn into a buffer of pixels. `pixelOf[i]` is the pixel of point i in a buffer with MARGIN
// pixels on every side, so that no glyph needs clipping; -1: outside. All sizes are device pixels.
import { blend, CLASS_SHAPES, drawPoints, makeBrush, makeGlyph, MARGIN, stackGlyphs } from "./glyphs.js";
import { makeGrid, nearestPoint, pointsInPolygon } from "./hit_test.js";
import { changedRun, countChanges } from "./quotas.js";
import { makeTransform, panelsAcross, toData, toPixel, WHOLE_MAP } from "./viewport.js";

const SLICES = 8; // points are drawn in slices through all bins, so that no bin covers all others
const MANY_POINTS = 200000; // from here on points show by their density, not one by one
const MANY_CHANGES = 2000;
const CHANGE_SHAPES = { added: "diamond", removed: "ring" };

export class Renderer {
  constructor(canvas) {
    this.canvas = canvas;
    this.context = canvas.getContext("2d", { alpha: false, willReadFrequently: true }); // its pixels come from here
    this.view = { ...WHOLE_MAP };
    this.panel = { width: 0, height: 0 };
  }

  setPoints(points) {
    if (this.points === points) return;
    this.points = points;
    this.shown = null;
    this.pixelOf = new Int32Array(points.length);
    this.isStale = true;
  }

  // `shown[i]` is 1 for a point that matches the filter; null: all match. The others are only part of the grey map.
  setShown(shown) {
    this.shown = shown;
    this.isStale = true;
  }

  // `panels` is the number of maps side by side: 1, or one per bin. They leave `covered` pixels at the bottom free.
  setSize(width, height, panels, ratio, covered = 0) {
    const size = [width, height, panels, ratio, covered];
    if (this.size?.join() === size.join()) return;
    this.size = size;
    [this.canvas.width, this.canvas.height, this.ratio] = [width, height, ratio];
    this.across = panelsAcross(panels, width, height - covered);
    const down = Math.ceil(panels / this.across);
    this.panel = { width: Math.floor(width / this.across), height: Math.floor((height - covered) / down) };
    this.stride = this.panel.width + 2 * MARGIN;
    this.image = new ImageData(this.stride, this.panel.height + 2 * MARGIN);
    this.buffer = new Int32Array(this.image.data.buffer); // signed: a small integer for the engine
    this.cover = new Uint8Array(this.buffer.length);
    this.grey = new Int32Array(this.buffer.length);
    this.isStale = true;
  }

  // Compute the pixel of every point and how much of every pixel the points cover.
  project() {
    const { points, pixelOf, stride } = this;
    const { width, height } = this.panel;
    const { scale, left, top } = (this.transform = makeTransform(points.bounds, this.view, this.panel, this.ratio));
    this.radius = this.pointRadius();
    this.cache = new Map(); // shapes and brushes for this size and zoom
    const edge = MARGIN - 1; // a point just outside still shows its edge
    for (let i = 0; i < points.length; i++) {
      const px = Math.floor(points.x[i] * scale + left);
      const py = Math.floor(top - points.y[i] * scale);
      const isSeen = px >= -edge && py >= -edge && px < width + edge && py < height + edge;
      pixelOf[i] = isSeen ? (py + MARGIN) * stride + px + MARGIN : -1;
    }
    const { shown } = this;
    this.shownPixelOf = shown ? pixelOf.map((pixel, i) => (shown[i] ? pixel : -1)) : pixelOf;
    this.addCover();
    this.grid = null;
    this.isStale = false;
    this.tintKey = null;
  }

  pointRadius() {
    const { width, height } = this.panel;
    const area = Math.sqrt((width * height) / (900 * 520));
    const radius = (26 / this.points.length ** 0.25) * area * Math.min(2.5, Math.sqrt(this.view.zoom));
    return radius < 1 ? 0.56 : Math.min(6 * this.ratio, radius); // 0.56 covers one pixel
  }

  addCover() {
    const { cover, pixelOf } = this;
    cover.fill(0);
    const strength = pixelOf.length > 20000 ? 0.34 : 0.62;
    const { offset, cover: share, length } = makeGlyph("disc", this.radius, this.stride, strength);
    const onlyShare = length === 1 ? share[0] : 0; // of a million points, each covers one pixel
    for (let i = 0; i < pixelOf.length; i++) {
      const centre = pixelOf[i];
      if (centre < 0) continue;
      if (onlyShare) {
        cover[centre] += ((255 - cover[centre]) * onlyShare) >> 8;
        continue;
      }
      for (let k = 0; k < length; k++) {
        const pixel = centre + offset[k];
        cover[pixel] += ((255 - cover[pixel]) * share[k]) >> 8;
      }
    }
  }

  // The grey map of all points: between the colour of the background and the neutral colour, by coverage.
  tint({ background, neutral }) {
    const key = `${background}/${neutral}`;
    if (this.tintKey === key) return;
    const shades = Uint32Array.from({ length: 256 }, (_, share) => blend(background, neutral, share + (share >> 7)));
    for (let p = 0; p < this.grey.length; p++) this.grey[p] = shades[this.cover[p]];
    this.tintKey = key;
  }

  cached(names, make) {
    const key = names.join();
    if (this.cache.size > 500) this.cache.clear(); // the size of the marks depends on alpha
    if (!this.cache.has(key)) this.cache.set(key, make());
    return this.cache.get(key);
  }

  // Shapes are [shape, radius, strength, width], lowest first.
  stack(shapes) {
    const glyphOf = ([shape, radius, strength = 1, width = 0]) =>
      makeGlyph(shape, radius, this.stride, strength, width);
    return this.cached(["stack", shapes.join("/")], () => stackGlyphs(shapes.map(glyphOf)));
  }

  brush(shape, colour) {
    return this.cached(["brush", shape, colour], () => makeBrush(this.stack([shape]), [colour]));
  }

  // A brush for every colour of the points, made at its first use. `shapesOf(level)` are the shapes, `under` the colours
  // of all but the topmost.
  brushes({ colours }, shapesOf, under = []) {
    return this.cached(["brushes", colours.sign, shapesOf(0).join("/"), shapesOf(1).join("/"), under], () => ({
      byLevel: Array(colours.pixels.length).fill(null),
      make: (level) => makeBrush(this.stack(shapesOf(level)), [...under, colours.pixels[level]]),
    }));
  }

  // Draw a scene: {quota, pinQuota, spotlight (a bin or null), theme, background, colours, hasShapes, panels,
  // playedCount (null: not playing), order}.
  paint(scene) {
    this.tint(scene.theme);
    if (scene.panels > 1) {
      this.context.fillStyle = scene.background; // the last line of panels may be shorter
      this.context.fillRect(0, 0, this.canvas.width, this.canvas.height);
    }
    for (let panel = 0; panel < scene.panels; panel++) {
      this.buffer.set(this.grey);
      if (scene.panels > 1) this.paintBins(scene, panel, panel + 1);
      else if (scene.playedCount !== null) this.paintPlayed(scene);
      else this.paintBins(scene, 0, scene.quota.length);
      this.putPanel(panel);
    }
  }

  putPanel(panel) {
    const [left, top] = this.origin(panel);
    const { width, height } = this.panel;
    this.context.putImageData(this.image, left - MARGIN, top - MARGIN, MARGIN, MARGIN, width, height);
  }

  origin(panel) {
    return [(panel % this.across) * this.panel.width, Math.floor(panel / this.across) * this.panel.height];
  }

  paintBins(scene, from, to) {
    const { start, capacity } = this.points;
    const isDimmed = (bin) => scene.spotlight !== null && scene.spotlight !== bin && scene.panels === 1;
    for (let bin = from; bin < to; bin++)
      if (bin === scene.spotlight || scene.panels > 1 || (this.shown && !isDimmed(bin))) {
        const low = start[bin] + scene.quota[bin];
        this.mark(low, start[bin] + capacity[bin], ["disc", this.radius], scene.theme.strong);
      }
    const [bright, faint] = [this.selectedBrushes(scene, false), this.selectedBrushes(scene, true)];
    for (let slice = 0; slice < SLICES; slice++)
      for (let bin = from; bin < to; bin++) {
        const low = start[bin] + Math.floor((scene.quota[bin] * slice) / SLICES);
        const high = start[bin] + Math.floor((scene.quota[bin] * (slice + 1)) / SLICES);
        this.drawRun(scene, low, high, isDimmed(bin) ? faint : bright);
      }
    if (!scene.pinQuota) return;
    const { added, removed } = countChanges(scene.pinQuota, scene.quota);
    for (let bin = from; bin < to; bin++) if (!isDimmed(bin)) this.markChanges(scene, bin, added + removed);
  }

  // Mark the points of a bin that were added or removed since the pinned state. Few changes get large marks; thousands of
  // large marks would hide the map.
  markChanges(scene, bin, changes) {
    const run = changedRun(scene.pinQuota[bin], scene.quota[bin]);
    if (!run) return;
    const extra = Math.max(0.5, 2.6 - 1.2 * Math.log10(Math.max(1, changes / 40)));
    const size = Math.min(MARGIN - 2, this.radius + extra * this.ratio);
    const first = this.points.start[bin];
    const [low, high, shape] = [first + run.from, first + run.to, CHANGE_SHAPES[run.kind]];
    if (run.kind === "removed") {
      const width = Math.min(1.7 * this.ratio, size / 2);
      this.mark(low, high, [shape, size, 1, width], scene.theme.removed);
      return;
    }
    this.mark(low, high, [shape, size], scene.theme.added);
    const core = [[shape, Math.max(0.6, size - 1.8 * this.ratio)]]; // in the point's own colour
    if (changes <= MANY_CHANGES) this.drawRun(scene, low, high, this.brushes(scene, () => core));
  }

  mark(low, high, shape, colour) {
    drawPoints(this.buffer, this.shownPixelOf, low, high, this.brush(shape, colour));
  }

  // Draw points in their own colours; consecutive points of one colour are drawn together.
  drawRun({ colours }, low, high, { byLevel, make }) {
    const { levels, shift } = colours;
    for (let from = low, to; from < high; from = to) {
      const level = levels[from] >> shift;
      for (to = from + 1; to < high && levels[to] >> shift === level; ) to++;
      drawPoints(this.buffer, this.shownPixelOf, from, to, (byLevel[level] ??= make(level)));
    }
  }

  // Size and strength of a point that stands out, and the halo that separates it from its neighbours.
  brightStyle(panels) {
    const { radius, ratio } = this;
    const isDense = this.points.length > MANY_POINTS;
    const smallest = panels > 1 ? 1.7 * ratio : 0;
    const size = isDense ? Math.max(radius, 0.9) : Math.max(radius + 0.55 * ratio, smallest);
    return { size, strength: isDense && this.view.zoom < 4 ? 0.7 : 1, halo: radius > 1.5 ? 0.9 * ratio : 0 };
  }

  selectedBrushes(scene, isFaint) {
    const { size, strength, halo } = this.brightStyle(scene.panels);
    const share = (isFaint ? 0.28 : 1) * strength;
    const below = halo ? [["disc", size + halo, 0.8 * share]] : [];
    const shape = scene.hasShapes
      ? (level) => [CLASS_SHAPES[level % CLASS_SHAPES.length], size * 1.1, share]
      : () => ["disc", size, share];
    return this.brushes(scene, (level) => [...below, shape(level)], below.length ? [scene.theme.background] : []);
  }

  // The first `playedCount` points of the greedy order; the latest ones are larger.
  paintPlayed(scene) {
    const { shownPixelOf, buffer, points } = this;
    const { levels, shift } = scene.colours;
    const disc = this.brushes(scene, () => [["disc", this.radius + 0.3 * this.ratio]]);
    const large = this.brushes(scene, () => [["disc", Math.min(MARGIN - 2, this.radius + 2.5 * this.ratio)]]);
    const recent = Math.max(0, scene.playedCount - Math.max(8, Math.round(points.length / 400)));
    for (let k = 0; k < scene.playedCount; k++) {
      const i = scene.order[k];
      const level = levels[i] >> shift;
      const brushes = k < recent ? disc : large;
      drawPoints(buffer, shownPixelOf, i, i + 1, (brushes.byLevel[level] ??= brushes.make(level)));
    }
  }

  // Position of a point on the canvas; null if the point is out of sight.
  placeOf(i, panel = 0) {
    const [px, py] = toPixel(this.transform, this.points.x[i], this.points.y[i]);
    if (px < 0 || py < 0 || px >= this.panel.width || py >= this.panel.height) return null;
    const [x, y] = this.origin(panel);
    return [x + px, y + py];
  }

  // Panel at a pixel of the canvas, and the pixel in that panel.
  panelAt(cx, cy) {
    const column = Math.min(this.across - 1, Math.floor(cx / this.panel.width));
    const panel = Math.floor(cy / this.panel.height) * this.across + column;
    const [x, y] = this.origin(panel);
    return { panel, pixel: [cx - x, cy - y] };
  }

  // Data coordinates of a pixel of the canvas, taken as a pixel of this panel.
  dataAt(cx, cy, panel) {
    const [x, y] = this.origin(panel);
    return toData(this.transform, cx - x, cy - y);
  }

  makeGrid() {
    this.grid = makeGrid(this.shownPixelOf, this.panel, { stride: this.stride, margin: MARGIN, cell: 8 * this.ratio });
  }

  // Point nearest to a pixel of the canvas within reach for which `isShown(i)` holds; -1: none. A panel of one bin has
  // only points of this bin.
  nearest(cx, cy, reach, hasPanels, isShown = () => true) {
    if (!this.grid) this.makeGrid(); // made at the first hover after a zoom
    const { panel, pixel } = this.panelAt(cx, cy);
    if (hasPanels && panel >= this.points.capacity.length) return -1;
    const accepts = hasPanels ? (i) => this.points.binOf[i] === panel : isShown;
    return nearestPoint(this.grid, this.points, this.transform, pixel, reach, accepts);
  }

  inside(polygon) {
    return pointsInPolygon(polygon, this.points);
  }
}
