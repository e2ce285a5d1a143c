// Where things are: points to pixels and back, the point under the hand, the points in a lasso.
Object.assign(Picture.prototype, {
  // Where a point is on the canvas, in device pixels; null where it cannot be seen.
  placeOf(i, panel = 0) {
    const { scale, left, top } = this.now;
    const px = this.points.x[i] * scale + left,
      py = top - this.points.y[i] * scale;
    if (px < 0 || py < 0 || px >= this.panel.width || py >= this.panel.height) return null;
    const [x, y] = this.origin(panel);
    return [x + px, y + py];
  },

  // Canvas pixels to data coordinates, and which panel that is.
  dataAt(cx, cy) {
    const { scale, left, top } = this.now;
    const panel =
      Math.floor(cy / this.panel.height) * this.across + Math.min(this.across - 1, Math.floor(cx / this.panel.width));
    const [x, y] = this.origin(panel);
    return { x: (cx - x - left) / scale, y: (top - (cy - y)) / scale, panel };
  },

  // Canvas pixels to the pixels of whichever panel is there.
  inOwnPanel(cx, cy) {
    const { panel } = this.dataAt(cx, cy),
      [x, y] = this.origin(panel);
    return [cx - x, cy - y];
  },

  // Points sorted into cells of the panel by counting, made when the hand first hovers after a zoom.
  makeGrid() {
    const cell = 8 * this.ratio;
    const across = Math.ceil(this.panel.width / cell) + 1,
      down = Math.ceil(this.panel.height / cell) + 1;
    const first = new Uint32Array(across * down + 1),
      held = new Uint32Array(this.points.length);
    const { at, stride } = this,
      { width, height } = this.panel;
    const cellAt = new Int32Array(this.cover.length).fill(-1); // pixel -> cell
    for (let py = 0; py < height; py++)
      for (let px = 0, p = (py + PAD) * stride + PAD; px < width; px++, p++)
        cellAt[p] = Math.floor(py / cell) * across + Math.floor(px / cell);
    for (let i = 0; i < at.length; i++) if (at[i] >= 0 && cellAt[at[i]] >= 0) first[cellAt[at[i]] + 1]++;
    for (let c = 1; c < first.length; c++) first[c] += first[c - 1];
    const next = first.slice();
    for (let i = 0; i < at.length; i++) if (at[i] >= 0 && cellAt[at[i]] >= 0) held[next[cellAt[at[i]]]++] = i;
    this.grid = { cell, across, down, first, held };
  },

  // The point nearest to a canvas pixel within reach, of one bin where the panel shows one; -1: none.
  nearest(cx, cy, reach, one) {
    if (!this.grid) this.makeGrid();
    const { panel, x, y } = this.dataAt(cx, cy);
    if (one && panel >= this.points.capacity.length) return -1;
    const { cell, across, down, first, held } = this.grid;
    const [left, top] = this.origin(panel);
    const col = Math.floor((cx - left) / cell),
      row = Math.floor((cy - top) / cell),
      rings = Math.ceil(reach / cell);
    let best = -1,
      least = (reach / this.now.scale) ** 2;
    for (let r = Math.max(0, row - rings); r <= Math.min(down - 1, row + rings); r++)
      for (let c = Math.max(0, col - rings); c <= Math.min(across - 1, col + rings); c++)
        for (let k = first[r * across + c]; k < first[r * across + c + 1]; k++) {
          const i = held[k];
          if (one && this.points.binOf[i] !== panel) continue;
          const far = (this.points.x[i] - x) ** 2 + (this.points.y[i] - y) ** 2;
          if (far < least) [best, least] = [i, far];
        }
    return best;
  },

  // The points a polygon holds, ascending: the same crossings as contract.inside. Edges are sorted into 256 level bands
  // first, so that a point meets only the few that can cross its ray.
  inside(polygon) {
    const { x, y, length } = this.points;
    const ys = polygon.map((corner) => corner[1]),
      xs = polygon.map((corner) => corner[0]);
    const [lowX, highX, low, high] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
    const step = (high - low) / 256 || 1;
    const bands = Array.from({ length: 257 }, () => []);
    const band = (value) => Math.max(0, Math.min(256, Math.floor((value - low) / step)));
    polygon.forEach(([xi, yi], n) => {
      const [xj, yj] = polygon[(n + polygon.length - 1) % polygon.length];
      if (yi !== yj)
        for (let b = band(Math.min(yi, yj)); b <= band(Math.max(yi, yj)); b++) bands[b].push(xi, yi, xj, yj);
    });
    const first = bands.reduce((ends, each) => (ends.push(ends.at(-1) + each.length), ends), [0]);
    const edge = Float64Array.from(bands.flat());
    const found = new Uint32Array(length);
    let many = 0;
    for (let i = 0; i < length; i++) {
      const px = x[i],
        py = y[i];
      if (py < low || py > high || px < lowX || px > highX) continue;
      let odd = false;
      const here = Math.min(256, Math.floor((py - low) / step));
      for (let e = first[here]; e < first[here + 1]; e += 4) {
        const yi = edge[e + 1],
          yj = edge[e + 3];
        if (yi > py !== yj > py && px < ((edge[e + 2] - edge[e]) * (py - yi)) / (yj - yi) + edge[e]) odd = !odd;
      }
      if (odd) found[many++] = i;
    }
    return found.slice(0, many);
  },
});
