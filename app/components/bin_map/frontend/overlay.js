// The canvas above the map: the lasso, the selected image, the hovered point, and the image under the pointer elsewhere.
import { toPixel } from "./viewport.js";

const MAX_DOTS = 4000;
const MAX_FOUND = 100; // rows whose points are remembered

export class Overlay {
  constructor(map, canvas) {
    this.map = map;
    this.canvas = canvas;
    this.isEmpty = false;
    this.found = { key: null, points: new Map() }; // row -> point
  }

  setSize(width, height) {
    if (this.canvas.width === width && this.canvas.height === height) return;
    [this.canvas.width, this.canvas.height] = [width, height];
  }

  // `path` is the lasso or box that is being drawn.
  draw(path) {
    const { map } = this;
    const { renderer, state } = map;
    const points = [state.row, map.linkedRow].map((row) => (row === null ? -1 : this.pointOfRow(row)));
    points.push(map.hovered);
    const isEmpty = !path && !state.polygon && points.every((point) => point < 0);
    if (isEmpty && this.isEmpty) return; // the browser composes a cleared canvas again
    this.isEmpty = isEmpty;
    const pen = (this.pen ??= this.canvas.getContext("2d", { willReadFrequently: true }));
    pen.clearRect(0, 0, this.canvas.width, this.canvas.height);
    [pen.strokeStyle, pen.fillStyle] = [map.theme.css.text, map.theme.css.text];
    pen.lineWidth = 1.5 * renderer.ratio;
    if (path) this.drawPolygon(path.corners);
    else if (state.polygon) this.drawLasso();
    pen.lineWidth = 2.5 * renderer.ratio;
    const [selected, linked, hovered] = points;
    for (const radius of [11, 7]) this.drawRing(selected, radius);
    this.drawRing(hovered, 9);
    for (const radius of [9, 13]) this.drawRing(linked, radius);
  }

  // The outline of a lasso means nothing on another map: there, its points are marked instead.
  drawLasso() {
    const { state, points, renderer } = this.map;
    if (state.lassoMapKey !== points.map_key) {
      for (const i of this.map.lasso.points().subarray(0, MAX_DOTS)) this.drawRing(i, 5);
      return;
    }
    for (let panel = 0; panel < this.map.panelCount(); panel++) {
      const [x, y] = renderer.origin(panel);
      const corners = state.polygon.map((corner) => toPixel(renderer.transform, ...corner));
      this.drawPolygon(corners.map(([px, py]) => [px + x, py + y]));
    }
  }

  drawPolygon(corners) {
    const { pen } = this;
    pen.beginPath();
    corners.forEach((corner) => pen.lineTo(...corner));
    pen.closePath();
    pen.globalAlpha = 0.08;
    pen.fill();
    pen.globalAlpha = 1;
    pen.stroke();
  }

  // Circle around point i; -1: none.
  drawRing(i, radius) {
    const { pen, map } = this;
    const place = i < 0 ? null : map.renderer.placeOf(i, map.panelOf(i));
    if (!place) return;
    pen.beginPath();
    pen.arc(...place, radius * map.renderer.ratio, 0, 7);
    pen.stroke();
  }

  pointOfRow(row) {
    const { points } = this.map;
    if (this.found.key !== points.key || this.found.points.size > MAX_FOUND) this.found = { key: points.key, points: new Map() };
    if (!this.found.points.has(row)) this.found.points.set(row, points.row.indexOf(row));
    return this.found.points.get(row);
  }
}
