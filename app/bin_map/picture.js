// The picture: points stamped into a pixel buffer. Canvas arcs take seconds for a million points, this takes milliseconds.
// `at[i]` is the pixel of point i in a buffer with a margin of PAD all round, so that a stamp needs no clipping; -1: outside.
const PAD = 10;
const SHAPES = ["disc", "square", "triangle", "cross", "diamond"]; // beside eight hues: forty classes look different

const COVERS = {
  disc: (x, y, r) => x * x + y * y <= r * r,
  square: (x, y, r) => Math.max(Math.abs(x), Math.abs(y)) <= r * 0.88,
  triangle: (x, y, r) => y <= r * 0.85 && y >= 1.8 * Math.abs(x) - r * 1.1,
  cross: (x, y, r) => Math.min(Math.abs(x), Math.abs(y)) <= r * 0.36 && Math.max(Math.abs(x), Math.abs(y)) <= r * 1.1,
  diamond: (x, y, r) => Math.abs(x) + Math.abs(y) <= r * 1.25,
  ring: (x, y, r, width) => x * x + y * y <= r * r && x * x + y * y >= (r - width) ** 2,
};

// A stamp: offsets into the buffer and, for each, how much of the pixel the shape covers (0 to 256).
function makeStamp(shape, radius, stride, strength = 1, width = 0) {
  const reach = Math.min(PAD - 1, Math.ceil(radius * 1.25));
  const offset = [],
    cover = [];
  for (let dy = -reach; dy <= reach; dy++)
    for (let dx = -reach; dx <= reach; dx++) {
      let hit = 0;
      for (let s = 0; s < 16; s++)
        hit += COVERS[shape](dx + ((s & 3) - 1.5) / 4, dy + ((s >> 2) - 1.5) / 4, radius, width) ? 1 : 0;
      if (hit) (offset.push(dy * stride + dx), cover.push(Math.round(hit * 16 * strength)));
    }
  return { offset: Int32Array.from(offset), cover: Int32Array.from(cover), length: offset.length };
}

// Colours are 0xffBBGGRR, as the buffer's uint32 reads on a little-endian machine.
function blend(under, over, share) {
  const odd = ((Math.imul(under & 0xff00ff, 256 - share) + Math.imul(over & 0xff00ff, share)) >>> 8) & 0xff00ff;
  const even = ((Math.imul(under & 0xff00, 256 - share) + Math.imul(over & 0xff00, share)) >>> 8) & 0xff00;
  return (0xff000000 | odd | even) >>> 0;
}

function stampOn(buffer, at, stamp, colour) {
  const { offset, cover, length } = stamp;
  for (let k = 0; k < length; k++) {
    const pixel = at + offset[k];
    buffer[pixel] = cover[k] >= 256 ? colour : blend(buffer[pixel], colour, cover[k]);
  }
}

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
    this.buffer = new Uint32Array(this.image.data.buffer);
    this.cover = new Uint8Array(pixels);
    this.grey = new Uint32Array(pixels);
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
    this.stamps = {};
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

  stamp(shape, radius, width = 0, strength = 1) {
    return (this.stamps[[shape, radius, width, strength]] ??= makeStamp(shape, radius, this.stride, strength, width));
  }

  // What is to be seen. `look`: {quota, pin, bin, theme, colourOf, shapeOf, panels, played}.
  paint(look) {
    if (this.stale) this.project();
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
        this.unlit(look, start[bin] + look.quota[bin], start[bin] + capacity[bin]);
    // In slices through all bins, so that no bin lies on top of all others.
    for (let slice = 0; slice < 8; slice++)
      for (let bin = from; bin < to; bin++) {
        const low = start[bin] + Math.floor((look.quota[bin] * slice) / 8);
        const high = start[bin] + Math.floor((look.quota[bin] * (slice + 1)) / 8);
        this.lit(look, low, high, look.bin !== null && look.bin !== bin && look.panels === 1);
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
        this.marks(
          first + is,
          first + was,
          this.stamp("ring", size, Math.min(1.7 * this.ratio, size / 2)),
          look.theme.left,
        );
      else if (is > was) this.came(look, first + was, first + is, size, moved > 2000);
    }
  }

  marks(low, high, stamp, colour) {
    for (let i = low; i < high; i++) if (this.at[i] >= 0) stampOn(this.buffer, this.at[i], stamp, colour);
  }

  // What came in: a diamond in its own colour on a dark (or light) one, so that it differs in shape as well.
  came(look, low, high, size, plain) {
    this.marks(low, high, this.stamp("diamond", size), look.theme.came);
    if (plain) return;
    const core = this.stamp("diamond", Math.max(0.6, size - 1.8 * this.ratio));
    for (let i = low; i < high; i++) if (this.at[i] >= 0) stampOn(this.buffer, this.at[i], core, look.colourOf(i));
  }

  unlit(look, low, high) {
    const stamp = this.stamp("disc", this.radius);
    this.marks(low, high, stamp, look.theme.strong);
  }

  lit(look, low, high, faint) {
    const { at, buffer, radius, ratio } = this;
    const many = this.points.length > 200000; // then points show by how densely they lie, not one by one
    const size = many ? Math.max(radius, 0.9) : Math.max(radius + 0.55 * ratio, look.panels > 1 ? 1.7 * ratio : 0);
    const strength = (faint ? 0.28 : 1) * (many && this.view.zoom < 4 ? 0.7 : 1);
    const halo = radius > 1.5 ? this.stamp("disc", size + 0.9 * ratio, 0, 0.8 * strength) : null;
    const disc = this.stamp("disc", size, 0, strength);
    for (let i = low; i < high; i++) {
      const here = at[i];
      if (here < 0) continue;
      if (halo) stampOn(buffer, here, halo, look.theme.background);
      stampOn(
        buffer,
        here,
        look.shapeOf ? this.stamp(SHAPES[look.shapeOf(i)], size * 1.1, 0, strength) : disc,
        look.colourOf(i),
      );
    }
  }

  paintPlayed(look) {
    const disc = this.stamp("disc", this.radius + 0.3 * this.ratio);
    const last = this.stamp("disc", Math.min(PAD - 2, this.radius + 2.5 * this.ratio));
    const recent = Math.max(0, look.played - Math.max(8, Math.round(this.points.length / 400)));
    for (let k = 0; k < look.played; k++) {
      const i = look.order[k];
      if (this.at[i] >= 0) stampOn(this.buffer, this.at[i], k < recent ? disc : last, look.colourOf(i));
    }
  }
}
