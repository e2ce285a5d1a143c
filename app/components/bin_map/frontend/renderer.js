// The picture: points stamped into a pixel buffer.
// `at[i]` is the pixel of point i in a buffer with a margin of PAD all round, so that a stamp needs no clipping; -1: outside.
class Picture {
  constructor(canvas) {
    this.canvas = canvas;
    this.context = canvas.getContext("2d", { alpha: false, willReadFrequently: true }); // its pixels come from us
    this.view = { x: 0.5, y: 0.5, zoom: 1 }; // centre as a share of the data's bounds; zoom 1 shows all
    this.panel = { width: 0, height: 0 };
  }

  setPoints(points) {
    if (this.points === points) return;
    this.points = points;
    this.at = new Int32Array(points.length);
    this.stale = true;
  }

  // `panels`: how many maps stand side by side; 1, or one a bin. All sizes here are device pixels.
  setSize(width, height, panels, ratio) {
    const across =
      panels === 1 ? 1 : Math.max(1, Math.min(panels, Math.round(Math.sqrt((panels * width) / height / 1.25))));
    const down = Math.ceil(panels / across);
    const same = this.size && this.size.join() === [width, height, panels, ratio].join();
    if (same) return;
    this.size = [width, height, panels, ratio];
    [this.canvas.width, this.canvas.height, this.across, this.ratio] = [width, height, across, ratio];
    this.panel = { width: Math.floor(width / across), height: Math.floor(height / down) };
    this.stride = this.panel.width + 2 * PAD;
    const pixels = this.stride * (this.panel.height + 2 * PAD);
    this.image = new ImageData(this.stride, this.panel.height + 2 * PAD);
    this.buffer = new Int32Array(this.image.data.buffer); // signed: what is read stays a machine's integer
    this.cover = new Uint8Array(pixels);
    this.grey = new Int32Array(pixels);
    this.stale = true;
  }

  // Data coordinates to the panel's pixels: px = x * scale + left, py = top - y * scale. One scale for both axes.
  frame() {
    const [lowX, lowY, highX, highY] = this.points.bounds;
    const { width, height } = this.panel;
    const margin = Math.min(28 * this.ratio, width / 12);
    const fit = Math.min(
      (width - 2 * margin) / Math.max(highX - lowX, 1e-9),
      (height - 2 * margin) / Math.max(highY - lowY, 1e-9),
    );
    const scale = fit * this.view.zoom;
    const left = width / 2 - (lowX + this.view.x * (highX - lowX)) * scale;
    const top = height / 2 + (lowY + this.view.y * (highY - lowY)) * scale;
    return { scale, left, top };
  }

  project() {
    const { x, y, length } = this.points;
    const { scale, left, top } = (this.now = this.frame());
    const { at, stride, cover } = this;
    const { width, height } = this.panel;
    const area = Math.sqrt((width * height) / (900 * 520));
    const base = (26 / length ** 0.25) * area * Math.min(2.5, Math.sqrt(this.view.zoom));
    this.radius = base < 1 ? 0.56 : Math.min(6 * this.ratio, base); // 0.56 covers one pixel
    this.made = new Map(); // what was made of stamps for this size and zoom
    const edge = PAD - 1; // a point just outside still shows its edge
    for (let i = 0; i < length; i++) {
      const px = Math.floor(x[i] * scale + left),
        py = Math.floor(top - y[i] * scale);
      const seen = px >= -edge && py >= -edge && px < width + edge && py < height + edge;
      at[i] = seen ? (py + PAD) * stride + px + PAD : -1;
    }
    cover.fill(0);
    const strength = length > 20000 ? 0.34 : 0.62;
    const stamp = makeStamp("disc", this.radius, stride, strength);
    const { offset, cover: share, length: many } = stamp;
    const only = many === 1 ? share[0] : 0; // a million points of one pixel each
    for (let i = 0; i < length; i++) {
      const here = at[i];
      if (here < 0) continue;
      if (only) cover[here] += ((255 - cover[here]) * only) >> 8;
      else
        for (let k = 0; k < many; k++) {
          const pixel = here + offset[k];
          cover[pixel] += ((255 - cover[pixel]) * share[k]) >> 8;
        }
    }
    this.grid = null;
    this.stale = false;
    this.tinted = null;
  }

  // The grey picture: coverage between the background's colour and the neutral one.
  tint(theme) {
    const key = `${theme.background}/${theme.neutral}`;
    if (this.tinted === key) return;
    const shades = Uint32Array.from({ length: 256 }, (_, a) => blend(theme.background, theme.neutral, a + (a >> 7)));
    for (let p = 0; p < this.grey.length; p++) this.grey[p] = shades[this.cover[p]];
    this.tinted = key;
  }

  // Made once for these numbers and words, until the size or the zoom changes.
  once(words, make) {
    const key = words.join();
    if (this.made.size > 500) this.made.clear(); // the marks' size follows alpha
    if (!this.made.has(key)) this.made.set(key, make());
    return this.made.get(key);
  }

  // Shapes are [shape, radius, strength, width], lowest first.
  mould(shapes) {
    const stamp = ([shape, radius, strength = 1, width = 0]) =>
      makeStamp(shape, radius, this.stride, strength, width);
    return this.once(["mould", shapes.join("/")], () => makeMould(shapes.map(stamp)));
  }

  ink(shape, colour) {
    return this.once(["ink", shape, colour], () => makeInk(this.mould([shape]), [colour]));
  }

  // An ink for each colour that a point can have, made when the first such point is met. `shapesOf(level)` are the
  // shapes, `under` the colours of all but the topmost.
  inks({ paints }, shapesOf, under = []) {
    return this.once(["inks", paints.sign, shapesOf(0).join("/"), shapesOf(1).join("/"), under], () => ({
      of: Array(paints.colours.length).fill(null),
      make: (level) => makeInk(this.mould(shapesOf(level)), [...under, paints.colours[level]]),
    }));
  }

  // What is to be seen. `look`: {quota, pin, bin, theme, paints, shapes, panels, played, order, ground},
  // `paints`: {levels, shift, colours, sign}: point i has the colour `colours[levels[i] >> shift]`.
  paint(look) {
    this.tint(look.theme);
    const bins = look.quota.length;
    if (look.panels > 1) {
      this.context.fillStyle = look.ground; // the last line of maps may be shorter
      this.context.fillRect(0, 0, this.canvas.width, this.canvas.height);
    }
    for (let panel = 0; panel < look.panels; panel++) {
      this.buffer.set(this.grey);
      if (look.panels > 1) this.paintBins(look, panel, panel + 1);
      else if (look.played !== null) this.paintPlayed(look);
      else this.paintBins(look, 0, bins);
      const [left, top] = this.origin(panel);
      const { width, height } = this.panel;
      this.context.putImageData(this.image, left - PAD, top - PAD, PAD, PAD, width, height);
    }
  }

  origin(panel) {
    return [(panel % this.across) * this.panel.width, Math.floor(panel / this.across) * this.panel.height];
  }

  paintBins(look, from, to) {
    const { start, capacity } = this.points;
    for (let bin = from; bin < to; bin++)
      if (bin === look.bin || look.panels > 1)
        this.marks(start[bin] + look.quota[bin], start[bin] + capacity[bin], ["disc", this.radius], look.theme.strong);
    const [bright, faint] = [this.lit(look, false), this.lit(look, true)];
    // In slices through all bins, so that no bin lies on top of all others.
    for (let slice = 0; slice < 8; slice++)
      for (let bin = from; bin < to; bin++) {
        const low = start[bin] + Math.floor((look.quota[bin] * slice) / 8);
        const high = start[bin] + Math.floor((look.quota[bin] * (slice + 1)) / 8);
        this.dab(look, low, high, look.bin !== null && look.bin !== bin && look.panels === 1 ? faint : bright);
      }
    if (!look.pin) return;
    // A few that moved are marked large; of thousands, large marks would hide the map.
    const moved = look.quota.reduce((sum, take, bin) => sum + Math.abs(take - look.pin[bin]), 0);
    const extra = Math.max(0.5, 2.6 - 1.2 * Math.log10(Math.max(1, moved / 40)));
    const size = Math.min(PAD - 2, this.radius + extra * this.ratio);
    for (let bin = from; bin < to; bin++) {
      if (look.bin !== null && look.bin !== bin && look.panels === 1) continue;
      const [was, is, first] = [look.pin[bin], look.quota[bin], start[bin]];
      if (is < was)
        this.marks(first + is, first + was, ["ring", size, 1, Math.min(1.7 * this.ratio, size / 2)], look.theme.left);
      else if (is > was) this.came(look, first + was, first + is, size, moved > 2000);
    }
  }

  marks(low, high, shape, colour) {
    stampAll(this.buffer, this.at, low, high, this.ink(shape, colour));
  }

  // Points in their own colours, as many at once as follow each other in one.
  dab({ paints }, low, high, { of, make }) {
    const { levels, shift } = paints;
    for (let from = low, to; from < high; from = to) {
      const level = levels[from] >> shift;
      for (to = from + 1; to < high && levels[to] >> shift === level; ) to++;
      stampAll(this.buffer, this.at, from, to, (of[level] ??= make(level)));
    }
  }

  // What came in: a diamond in its own colour on a dark (or light) one, so that it differs in shape as well.
  came(look, low, high, size, plain) {
    this.marks(low, high, ["diamond", size], look.theme.came);
    const core = [["diamond", Math.max(0.6, size - 1.8 * this.ratio)]];
    if (!plain) this.dab(look, low, high, this.inks(look, () => core));
  }

  lit(look, faint) {
    const { radius, ratio } = this;
    const many = this.points.length > 200000; // then points show by how densely they lie, not one by one
    const size = many ? Math.max(radius, 0.9) : Math.max(radius + 0.55 * ratio, look.panels > 1 ? 1.7 * ratio : 0);
    const strength = (faint ? 0.28 : 1) * (many && this.view.zoom < 4 ? 0.7 : 1);
    const halo = radius > 1.5 ? [["disc", size + 0.9 * ratio, 0.8 * strength]] : [];
    const shape = look.shapes
      ? (level) => [SHAPES[level % SHAPES.length], size * 1.1, strength]
      : () => ["disc", size, strength];
    return this.inks(look, (level) => [...halo, shape(level)], halo.length ? [look.theme.background] : []);
  }

  paintPlayed(look) {
    const { at, buffer, points } = this,
      { levels, shift } = look.paints;
    const disc = this.inks(look, () => [["disc", this.radius + 0.3 * this.ratio]]);
    const last = this.inks(look, () => [["disc", Math.min(PAD - 2, this.radius + 2.5 * this.ratio)]]);
    const recent = Math.max(0, look.played - Math.max(8, Math.round(points.length / 400)));
    for (let k = 0; k < look.played; k++) {
      const i = look.order[k],
        level = levels[i] >> shift,
        inks = k < recent ? disc : last;
      stampAll(buffer, at, i, i + 1, (inks.of[level] ??= inks.make(level)));
    }
  }
}
