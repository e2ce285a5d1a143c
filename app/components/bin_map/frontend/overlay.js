const MOST_DOTS = 4000;

// The thin canvas above the picture, and the places of things on it.
Object.assign(BinMap.prototype, {
  // The thin layer above: the selection, the lasso being drawn, the chosen image, the point under the hand.
  drawOver(path) {
    const { over, picture, kept } = this;
    const empty = !path && !kept.polygon && kept.row === null && this.hovered < 0;
    this.panel.find("[data-do=clear]").hidden = !kept.polygon;
    if (empty && this.overEmpty) return; // a canvas that is cleared is sent to the screen again
    this.overEmpty = empty;
    const pen = (this.pen ??= over.getContext("2d", { willReadFrequently: true }));
    pen.clearRect(0, 0, over.width, over.height);
    [pen.strokeStyle, pen.fillStyle, pen.lineWidth] = [this.css.text, this.css.text, 1.5 * picture.ratio];
    const trace = (corners) => {
      pen.beginPath();
      corners.forEach((corner) => pen.lineTo(...corner));
      pen.closePath();
      pen.globalAlpha = 0.08;
      pen.fill();
      pen.globalAlpha = 1;
      pen.stroke();
    };
    if (path) trace(path.corners);
    else if (kept.polygon && kept.drawnOn !== this.points.ground) this.dots(pen);
    else if (kept.polygon)
      for (let p = 0; p < (kept.multiples ? this.points.capacity.length : 1); p++)
        trace(this.onCanvas(kept.polygon, p));
    const ring = (i, size) => {
      const at = picture.placeOf(i, kept.multiples ? this.points.binOf[i] : 0);
      if (!at) return;
      pen.beginPath();
      pen.arc(...at, size * picture.ratio, 0, 7);
      pen.stroke();
    };
    const chosen = kept.row === null ? -1 : this.placeOfRow(kept.row);
    pen.lineWidth = 2.5 * picture.ratio;
    if (chosen >= 0) (ring(chosen, 11), ring(chosen, 7));
    if (this.hovered >= 0) ring(this.hovered, 9);
  },

  // What a lasso on the map before had picked, image by image.
  dots(pen) {
    const { picture, kept, picked } = this;
    for (const i of picked?.inside.subarray(0, MOST_DOTS) ?? []) {
      const at = picture.placeOf(i, kept.multiples ? this.points.binOf[i] : 0);
      if (!at) continue;
      pen.beginPath();
      pen.arc(...at, 5 * picture.ratio, 0, 7);
      pen.stroke();
    }
  },

  placeOfRow(row) {
    if (this.found?.row !== row || this.found.points !== this.points.key)
      this.found = { row, points: this.points.key, at: this.points.row.indexOf(row) };
    return this.found.at;
  },

  onCanvas(polygon, panel) {
    const { scale, left, top } = this.picture.now,
      [x, y] = this.picture.origin(panel);
    return polygon.map(([px, py]) => [px * scale + left + x, top - py * scale + y]);
  },

  inPanel(cx, cy, panel) {
    const { scale, left, top } = this.picture.now,
      [x, y] = this.picture.origin(panel);
    return [(cx - x - left) / scale, (top - (cy - y)) / scale];
  },

  boxOf(x0, y0, x1, y1) {
    return [
      [x0, y0],
      [x1, y0],
      [x1, y1],
      [x0, y1],
    ].map(([x, y]) => this.inPanel(x, y, 0));
  },
});
