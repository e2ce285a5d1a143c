// The lasso: a polygon in data coordinates, and the images inside it. `eventValues` in messages.js sends it to the server.
import { formatCount } from "./format.js";
import { countSelected } from "./quotas.js";

export class Lasso {
  constructor(map) {
    this.map = map;
  }

  set(polygon) {
    const { map } = this;
    map.state.polygon = polygon;
    map.state.lassoMapKey = polygon && map.points.map_key;
    map.overlay.draw();
    this.showCount();
    map.sync.scheduleSend(0);
  }

  // A box in pixels of the first panel.
  boxOf(x0, y0, x1, y1) {
    const corners = [[x0, y0], [x1, y0], [x1, y1], [x0, y1]]
    return corners.map(([x, y]) => this.map.renderer.dataAt(x, y, 0));
  }

  // Points inside that match the filter, ascending; found once per polygon, map and filter.
  points() {
    const { state, points } = this.map;
    const { filter } = this.map;
    if (this.found?.polygon !== state.polygon || this.found.of !== points || this.found.filter !== filter)
      this.found = { polygon: state.polygon, of: points, filter, inside: this.findPoints() };
    return this.found.inside;
  }

  // The outline means nothing on another map of the same images: the images that it held stay selected.
  findPoints() {
    const { state, points, renderer, filter } = this.map;
    if (state.lassoMapKey === points.map_key) {
      const inside = renderer.inside(state.polygon);
      state.lassoRows = inside.map((i) => points.row[i]);
      return filter ? inside.filter((i) => filter.shown[i]) : inside;
    }
    const rows = new Set(state.lassoRows);
    return Uint32Array.from(points.row.keys()).filter(
      (i) => rows.has(points.row[i]) && (!filter || filter.shown[i]),
    );
  }

  showCount() {
    const { state, points, panel, quota } = this.map;
    panel.find("[data-do=clear]").hidden = !state.polygon;
    const text = panel.find(".picked");
    text.hidden = !state.polygon;
    if (!state.polygon) return;
    const inside = this.points();
    const selected = countSelected(inside, points.start, quota);
    const where = state.lassoMapKey === points.map_key ? "" : " (on the previous map)";
    panel.setText(text, `${formatCount(inside.length)} images in the lasso${where}, ${formatCount(selected)} of them selected`);
  }
}
