// What can be done with a map; every change ends in `ask()` for a frame or `drawOver()`, and in `rest()` for the server.
Object.assign(BinMap.prototype, {
  setAlpha(step) {
    this.kept.alpha = this.quotas.alphas[step];
    this.touch("alpha");
    if (this.player.taken !== null) this.player.toggle();
    this.ask();
  },

  pin() {
    const { kept } = this;
    const same = kept.pin && !kept.pin.auto && kept.pin.quota.every((q, bin) => q === this.quota[bin]);
    kept.pin = same
      ? { alpha: kept.alpha, auto: true }
      : { alpha: kept.alpha, quota: Array.from(this.quota), auto: false };
    if (same) kept.pin.quota = Array.from(this.quota);
    this.ask();
    this.rest(0);
  },

  // The chosen bin is the same everywhere in the app; the light on it alone is this map's, and goes off at a second click.
  chooseBin(bin) {
    if (bin === undefined) return;
    const { kept } = this;
    kept.spot = !(kept.spot && kept.bin === Number(bin));
    kept.bin = Number(bin);
    this.touch("bin");
    this.ask();
    this.rest(0);
  },

  // While the hand is over a bin's bar or label, that bin alone is in the light.
  peek(bin) {
    const at = bin === undefined ? null : Number(bin);
    if (at === (this.peeked ?? null)) return;
    this.peeked = at;
    this.ask();
  },

  chooseRow(row) {
    if (row === undefined) return;
    this.kept.row = this.kept.row === Number(row) ? null : Number(row);
    this.touch("row");
    this.drawOver();
    this.rest(0);
  },

  setColour(name) {
    this.kept.colour = name;
    this.needColumns(name === "bin" ? [] : [name]);
    this.arrived();
    this.rest(0);
  },

  setMultiples(many) {
    this.kept.multiples = many;
    this.hovered = -1;
    this.resize();
    this.rest(0);
  },

  setTool(tool) {
    this.kept.tool = tool;
    for (const button of this.panel.box.querySelectorAll("[data-tool]"))
      button.setAttribute("aria-pressed", String(button.dataset.tool === tool));
    this.panel.find("canvas.picture").style.touchAction = tool === "move" ? "pan-y" : "none";
    this.panel.stage.dataset.tool = tool;
  },

  setView(view) {
    Object.assign(this.kept.view, view);
    this.picture.stale = true;
    this.hovered = -1;
    this.ask();
  },

  moveBy(dx, dy) {
    const { view } = this.kept,
      { scale } = this.picture.now,
      [lowX, lowY, highX, highY] = this.points.bounds;
    this.setView({
      x: view.x - dx / scale / Math.max(highX - lowX, 1e-9),
      y: view.y + dy / scale / Math.max(highY - lowY, 1e-9),
    });
  },

  // Zoom so that the place under the hand stays under it.
  zoomBy(factor, px, py) {
    const { view } = this.kept,
      { panel, now } = this.picture,
      [lowX, lowY, highX, highY] = this.points.bounds;
    const zoom = Math.min(400, Math.max(0.5, view.zoom * factor)),
      kept = 1 / now.scale - view.zoom / zoom / now.scale;
    this.setView({
      zoom,
      x: view.x + ((px - panel.width / 2) * kept) / Math.max(highX - lowX, 1e-9),
      y: view.y - ((py - panel.height / 2) * kept) / Math.max(highY - lowY, 1e-9),
    });
  },

  setPolygon(polygon) {
    this.kept.polygon = polygon;
    this.kept.drawnOn = polygon && this.points.ground;
    this.drawOver();
    this.showPicked();
    this.rest(0);
  },

  // Points inside are found once for a lasso; how many of them are lit follows from the runs' starts by bisection.
  showPicked() {
    const { kept, points, panel } = this;
    const text = panel.find(".picked");
    text.hidden = !kept.polygon;
    if (!kept.polygon) return;
    if (this.picked?.polygon !== kept.polygon || this.picked.points !== points) this.picked = this.pickUp();
    const { inside } = this.picked;
    const before = (value) => {
      let low = 0,
        high = inside.length;
      while (low < high) {
        const middle = (low + high) >> 1;
        inside[middle] < value ? (low = middle + 1) : (high = middle);
      }
      return low;
    };
    const lit = points.capacity.reduce(
      (sum, _, b) => sum + before(points.start[b] + this.quota[b]) - before(points.start[b]),
      0,
    );
    const where = kept.drawnOn === points.ground ? "" : " (on the map before)";
    panel.say(text, `${count(inside.length)} images selected${where}, ${count(lit)} of them chosen`);
  },

  // On another map of the same images the outline means nothing: the images that it held stay selected.
  pickUp() {
    const { kept, points, picture } = this;
    let inside;
    if (kept.drawnOn === points.ground) {
      inside = picture.inside(kept.polygon);
      kept.rows = inside.map((at) => points.row[at]);
    } else {
      const held = new Set(kept.rows);
      inside = Uint32Array.from(points.row.keys()).filter((at) => held.has(points.row[at]));
    }
    return { polygon: kept.polygon, points, inside };
  },

  hoverAt(x, y) {
    if (!this.points) return;
    this.hover(this.picture.nearest(x, y, 14 * this.picture.ratio, this.kept.multiples));
  },

  hover(i) {
    if (i === this.hovered) return;
    this.hovered = i;
    this.drawOver();
    const tip = this.panel.find(".tip");
    tip.hidden = i < 0;
    clearTimeout(this.lingering);
    if (i < 0) return;
    const { picture } = this,
      place = picture.placeOf(i, this.kept.multiples ? this.points.binOf[i] : 0);
    if (!place) return;
    const [x, y] = place.map((v) => v / picture.ratio);
    const [wide, tall] = picture.size.map((v) => v / picture.ratio); // asking the page for it would lay it out anew
    const left = Math.max(4, Math.min(x > wide / 2 ? x - 246 : x + 16, wide - 236));
    const top = Math.max(4, Math.min(y - 40, tall - 110));
    tip.style.transform = `translate(${Math.round(left)}px, ${Math.round(top)}px)`;
    this.panel.say(tip.lastElementChild, this.describe(i).join("\n"));
    const known = showThumbnail(tip.firstElementChild, this.points, this.points.row[i], 72);
    if (!known) this.lingering = setTimeout(() => this.askForThumbnails(i), 250);
  },

  // The images round the one under the hand, so that the next ones hovered are here already.
  askForThumbnails(i) {
    const { x, y, row } = this.points,
      near = [];
    const reach = (40 * this.picture.ratio) / this.picture.now.scale;
    for (let k = 0; k < x.length && near.length < 4000; k++)
      if (Math.abs(x[k] - x[i]) < reach && Math.abs(y[k] - y[i]) < reach)
        near.push([(x[k] - x[i]) ** 2 + (y[k] - y[i]) ** 2, row[k]]);
    this.wanted.near = [
      row[i],
      ...near
        .sort((a, b) => a[0] - b[0])
        .slice(0, 60)
        .map(([, each]) => each),
    ];
    this.rest(0);
  },

  clickAt(x, y, kind) {
    const reach = (kind === "touch" ? 24 : 14) * this.picture.ratio;
    const i = this.picture.nearest(x, y, reach, this.kept.multiples);
    if (i >= 0) {
      if (kind === "touch") this.hover(i);
      return this.chooseRow(this.points.row[i]);
    }
    if (this.kept.row !== null) this.chooseRow(this.kept.row);
  },

  // Through the images of the selected bin (or all), in draw order, by keys.
  walk(step) {
    const { start, capacity, length } = this.points,
      { bin } = this.kept;
    const [low, many] = bin === null ? [0, length] : [start[bin], capacity[bin]];
    const at = this.hovered < low || this.hovered >= low + many ? (step > 0 ? -1 : 0) : this.hovered - low;
    this.hover(low + ((at + step + many) % many));
  },

  describe(i) {
    const { points, quota } = this,
      word = this.told.word,
      bin = points.binOf[i],
      place = i - points.start[bin];
    const lines = [
      `${word} ${bin}, place ${count(place + 1)} of ${count(points.capacity[bin])}: ${place < quota[bin] ? "chosen" : "not chosen"}`,
    ];
    for (const name of Object.keys(this.told.offers)) {
      const column = this.columnOf(name);
      if (!column) continue;
      const level = column.values[i];
      lines.push(
        `${column.label}: ${column.names ? column.names[level] : told(column, column.low + (level / 65535) * (column.high - column.low))}`,
      );
    }
    return lines;
  },

  // Places of images that came in or went out since the pin: the first of each bin in turn, at most `most`.
  moved(which, most) {
    const { points, quota, kept } = this,
      found = [];
    const runs = kept.pin.quota.map((was, bin) => (which === "came" ? [was, quota[bin]] : [quota[bin], was]));
    for (let n = 0; found.length < most && runs.some(([from, to]) => from + n < to); n++)
      runs.forEach(
        ([from, to], bin) => from + n < to && found.length < most && found.push(points.start[bin] + from + n),
      );
    return found;
  },

  needColumns(names) {
    for (const name of names) if (!this.kept.columns.includes(name)) this.kept.columns.push(name);
    if (names.some((name) => !(name === "order" ? this.order : this.columnOf(name)))) this.rest(0);
  },

  hint(text) {
    const hint = this.panel.find(".hint");
    this.panel.say(hint, text);
    hint.hidden = false;
    clearTimeout(this.hinting);
    this.hinting = setTimeout(() => (hint.hidden = true), 1600);
  },

  // The canvas in words, for those who do not see it; told anew when the hand rests.
  describeAll() {
    const { points, quota, told, panel } = this;
    const bins = points.capacity.map(
      (capacity, bin) => `${told.word} ${bin}: ${count(quota[bin])} of ${count(capacity)}`,
    );
    const lit = quota.reduce((a, b) => a + b, 0);
    panel.say(
      panel.find(".sr[aria-live]"),
      `Alpha ${inWords(this.alpha)}: ${count(lit)} of ${count(points.length)} images chosen.`,
    );
    panel
      .find("canvas.picture")
      .setAttribute(
        "aria-label",
        `Map of ${count(points.length)} images; ${count(lit)} chosen are lit. ${bins.join("; ")}. Arrow keys move, plus and minus zoom, n and p walk through the images, Enter selects one.`,
      );
  },

  // For tests and for whoever is curious: the rows that are lit now.
  litRows() {
    const rows = [];
    this.quotaAt(this.kept.alpha).forEach((take, bin) =>
      rows.push(...this.points.row.subarray(this.points.start[bin], this.points.start[bin] + take)),
    );
    return rows.sort((a, b) => a - b);
  },

  leave() {
    this.hands?.stop.abort();
    this.sizes.disconnect();
    this.player.going = false;
    for (const timer of [this.resting, this.lingering, this.hinting]) clearTimeout(timer);
    cancelAnimationFrame(this.frame);
    this.panel.box.remove();
  },
});
