// One map on the page: what it shows, what it keeps over reruns and remounts, and when it tells the server.
// CSS pixels of a laptop's screen that go to what stands above the picture and to the images that came in, below it:
// who moves alpha sees them without scrolling.
const AROUND = 365;
const RAMP = ["#440154", "#433880", "#30678d", "#21918c", "#35b779", "#8fd744", "#fde725"];

function pixelOf(css) {
  const n = Number.parseInt(css.slice(1), 16);
  return (0xff000000 | ((n & 0xff) << 16) | (n & 0xff00) | (n >> 16)) >>> 0;
}

class BinMap {
  constructor(root, key) {
    this.key = key;
    this.panel = new Panel(root);
    this.picture = new Picture(this.panel.find("canvas.picture"));
    this.over = this.panel.find("canvas.over");
    this.player = new Player(this);
    this.hovered = -1;
    this.wanted = { came: [], left: [], near: [] };
    this.column = null;
    this.sizes = new ResizeObserver(() => this.points && this.resize());
  }

  update(component) {
    const said = (this.said = { bin: null, row: null, ...component.data });
    this.tell = component.setStateValue;
    const fresh = !this.kept;
    this.kept = shared.kept.get(said.id) ?? {
      serial: 0,
      alpha: said.alpha,
      bin: said.bin,
      row: said.row,
      touched: {}, // what a hand changed and the server has not yet confirmed: name -> the message that told it
      polygon: null,
      drawnOn: null, // the ground that the polygon lies on
      rows: null, // the images inside it
      pin: null,
      colour: "bin",
      multiples: false,
      spot: false,
      tool: "move",
      view: { x: 0.5, y: 0.5, zoom: 1 },
      last: said,
      columns: [],
    };
    shared.kept.set(said.id, this.kept);
    if (fresh) this.comeBack();
    this.picture.view = this.kept.view;
    this.listen();
    this.readTheme();
    this.arrived();
    if (fresh && said.heard < this.kept.serial) this.rest(0); // the server has forgotten: the page was left and is back
  }

  listen() {
    if (this.hands) return;
    this.hands = new Hands(this);
    this.sizes.observe(this.panel.stage);
  }

  readTheme() {
    const style = getComputedStyle(this.panel.box);
    const probe = (this.probe ??= document.createElement("canvas").getContext("2d"));
    const css = (name, otherwise) => {
      probe.fillStyle = otherwise;
      probe.fillStyle = style.getPropertyValue(name).trim();
      return probe.fillStyle.slice(0, 7);
    };
    const text = css("--st-text-color", "#222222"),
      ground = css("--st-background-color", "#ffffff");
    this.css = {
      text,
      ground,
      accent: css("--st-primary-color", "#0072b2"),
      font: style.getPropertyValue("--st-font") || "sans-serif",
    };
    const [ink, paper] = [pixelOf(text), pixelOf(ground)];
    this.dark = (paper & 0xff) + ((paper >> 8) & 0xff) + ((paper >> 16) & 0xff) < 384;
    const mix = (share) => blend(paper, ink, Math.round(256 * share));
    this.theme = { background: paper, neutral: mix(this.dark ? 0.42 : 0.36), strong: mix(0.62), left: ink, came: ink };
    const css256 = (t) => {
      const at = (this.dark ? 0.16 + 0.84 * t : 0.86 * t) * (RAMP.length - 1),
        n = Math.min(RAMP.length - 2, Math.floor(at));
      return blend(pixelOf(RAMP[n]), pixelOf(RAMP[n + 1]), Math.round(256 * (at - n)));
    };
    this.ramp = Uint32Array.from({ length: 256 }, (_, n) => css256(n / 255));
    this.panel.box.dataset.theme = this.dark ? "dark" : "light";
  }

  // Something came from the server; show it once all that belongs together is here.
  arrived() {
    if (!this.said) return;
    const quotas = shared.blobs.get(this.said.table),
      points = shared.blobs.get(quotas?.look.points);
    if (!points || !quotas || quotas.quota.length !== quotas.alphas.length * points.capacity.length) return;
    // The ground is not drawn from under a lasso that is being drawn.
    if ((this.waits = this.points && this.points.ground !== points.ground && Boolean(this.hands?.path))) return;
    this.told = { ...quotas.look, ...this.said };
    if (this.points !== points) this.setPoints(points);
    if (this.quotas !== quotas) this.setQuotas(quotas);
    this.follow();
    this.order = shared.blobs.get(this.told.plays)?.values ?? null;
    const id = this.told.offers[this.kept.colour]?.key;
    this.column = shared.blobs.get(id) ?? null;
    this.panel.offer(this);
    this.setTool(this.kept.tool);
    this.resize();
  }

  setPoints(points) {
    const { kept } = this;
    if (kept.ground && kept.ground !== points.ground)
      Object.assign(kept.view, { x: 0.5, y: 0.5, zoom: 1 }); // another map: old places mean nothing
    if (kept.images !== undefined && kept.images !== points.images) [kept.polygon, kept.drawnOn] = [null, null];
    [kept.ground, kept.images] = [points.ground, points.images];
    if (kept.bin >= points.capacity.length) [kept.bin, kept.spot] = [null, false];
    if (kept.pin?.quota.length !== points.capacity.length) kept.pin = null;
    this.points = points;
    this.hovered = -1;
    this.picture.setPoints(points);
  }

  setQuotas(quotas) {
    const bins = this.points.capacity.length,
      steps = quotas.alphas.length,
      at = (s, b) => quotas.quota[s * bins + b];
    this.quotas = quotas;
    quotas.first = Array.from({ length: bins }, (_, b) => at(0, b));
    quotas.last = Array.from({ length: bins }, (_, b) => at(steps - 1, b));
    const all = (b) => Array.from({ length: steps }, (_, s) => at(s, b));
    quotas.lowest = quotas.first.map((_, b) => Math.min(...all(b)));
    quotas.highest = quotas.first.map((_, b) => Math.max(...all(b)));
    this.panel.slider.max = steps - 1;
  }

  get alpha() {
    return this.quotas.alphas[this.stepOf(this.kept.alpha)];
  }

  stepOf(alpha) {
    const { alphas } = this.quotas;
    return alphas.reduce((best, each, n) => (Math.abs(each - alpha) < Math.abs(alphas[best] - alpha) ? n : best), 0);
  }

  quotaAt(alpha) {
    const bins = this.points.capacity.length,
      step = this.stepOf(alpha);
    return this.quotas.quota.subarray(step * bins, (step + 1) * bins);
  }

  resize() {
    const { picture, panel, kept, points } = this;
    const wide = panel.stage.clientWidth;
    if (!wide) return;
    const many = kept.multiples ? points.capacity.length : 1;
    const across = Math.max(1, Math.floor(wide / 170)),
      ratio = window.devicePixelRatio || 1;
    const tall =
      many > 1
        ? Math.max(this.told.height, Math.ceil(many / across) * 130)
        : Math.min(this.told.height, Math.max(300, wide), Math.max(380, window.innerHeight - AROUND));
    panel.stage.style.height = `${tall}px`;
    panel.find(".side").style.maxHeight = panel.box.clientWidth > 640 ? `${tall + 2}px` : "";
    panel.narrow = wide < 520;
    panel.width = (panel.box.clientWidth - 24) / (panel.box.clientWidth > 640 ? 2 : 1);
    const [width, height] = [Math.round(wide * ratio), Math.round(tall * ratio)];
    picture.setSize(width, height, many, ratio);
    if (this.over.width !== width || this.over.height !== height) [this.over.width, this.over.height] = [width, height];
    this.draw(); // at once: setting a canvas's size empties it, and a frame without a picture would flicker
  }

  // The first change after a frame is drawn at once: the work is done while the next frame is waited for. What else comes
  // before that frame is drawn in it.
  ask() {
    this.late = true;
    if (this.frame) return;
    this.frame = requestAnimationFrame(() => {
      this.frame = null;
      if (this.late) this.draw();
    });
    this.draw();
  }

  draw() {
    this.late = false;
    if (!this.points || !this.picture.size) return;
    const { picture, panel, kept, points, theme } = this;
    this.quota = this.quotaAt(kept.alpha);
    const played = this.player.taken !== null && this.order ? Math.floor(this.player.taken) : null;
    const stale = picture.stale;
    if (stale) picture.project();
    picture.paint({
      quota: this.quota,
      pin: kept.pin && kept.pin.quota,
      bin: this.peeked ?? (kept.spot ? kept.bin : null),
      theme,
      panels: kept.multiples ? points.capacity.length : 1,
      played,
      order: this.order,
      ground: this.css.ground,
      paints: this.paints(),
      shapes: Boolean(this.column?.names) && picture.radius > 1.6,
    });
    const fresh = panel.makeBins(this);
    panel.showQuotas(this);
    this.showPicked();
    const seen = [points.key, picture.size, kept.multiples, this.told.word].join();
    if (stale || fresh || this.labelsFor !== seen) panel.placeLabels(this);
    this.labelsFor = seen;
    panel.markBin(kept.bin, kept.spot);
    panel.showKey(this);
    this.drawOver();
  }

  // The points' colours: point i has `colours[levels[i] >> shift]`.
  paints() {
    const { column, points, dark, told } = this;
    const sign = [column?.key ?? "bin", points.key, dark, told.table].join();
    if (this.painted?.sign === sign) return this.painted;
    const [levels, shift, colours] = !column
      ? [points.binOf, 0, points.capacity.map((_, bin) => pixelOf(this.binColour(bin)))]
      : column.names
        ? [column.values, 0, column.names.map((_, n) => pixelOf(this.classCss(n)))]
        : [column.values, 8, this.ramp];
    return (this.painted = { levels, shift, colours, sign });
  }

  binColour(bin) {
    const colours = this.told.bins[this.dark ? 1 : 0];
    return colours[bin % colours.length];
  }

  classes() {
    return this.told.classes[this.dark ? 1 : 0];
  }

  classCss(n) {
    return this.classes()[n % this.classes().length];
  }

  rampCss() {
    return Array.from(
      this.ramp.filter((_, n) => n % 17 === 0),
      (p) => `rgb(${p & 255} ${(p >> 8) & 255} ${(p >> 16) & 255})`,
    ).join();
  }

  // How many columns the browser has: they come one by one.
  columnsHere() {
    return Object.keys(this.told.offers).filter((name) => this.columnOf(name)).length;
  }

  columnOf(name) {
    return shared.blobs.get(this.told.offers[name]?.key);
  }
}
