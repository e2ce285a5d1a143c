// The map of groups: every point has the colour and the shape of its group, which Python gives. It has no controls but
// the view and a legend, whose buttons hide groups.
import { BaseMap } from "./base_map.js";
import { CanvasInput } from "./canvas_input.js";
import { pixelFromCss } from "./colour_bytes.js";
import { countByGroup } from "./filter.js";
import { GroupPanel } from "./group_panel.js";
import { GroupRenderer } from "./group_renderer.js";
import { describeGroups, describeMember, isolateGroup, membersOf, paintOrder, toggleGroup } from "./groups.js";
import { requestValues } from "./messages.js";
import { ViewActions } from "./view_actions.js";

class GroupActions extends ViewActions {
  // The values of the columns are needed together with the thumbnails.
  requestThumbnails(i) {
    this.requestColumns(Object.keys(this.map.display.columns));
    super.requestThumbnails(i);
  }

  setHidden(names) {
    const { map } = this;
    map.state.hiddenGroups = names;
    this.hover(-1);
    map.requestDraw();
  }

  toggle(name) {
    this.setHidden(toggleGroup(this.map.state.hiddenGroups, name));
  }

  isolate(name) {
    const names = this.map.groups.groups.map((group) => group.name);
    this.setHidden(isolateGroup(this.map.state.hiddenGroups, name, names));
  }
}

class GroupInput extends CanvasInput {
  constructor(map) {
    super(map);
    const legend = map.panel.find(".legend");
    const nameOf = (event) => event.target.closest("button")?.dataset.group;
    this.on(legend, "click", (event) => nameOf(event) !== undefined && map.actions.toggle(nameOf(event)));
    this.on(legend, "dblclick", (event) => nameOf(event) !== undefined && map.actions.isolate(nameOf(event)));
  }
}

export class GroupMap extends BaseMap {
  constructor(root, blobs) {
    const panel = new GroupPanel(root);
    super(panel, new GroupRenderer(panel.find("canvas.picture")), blobs);
    this.actions = new GroupActions(this);
  }

  makeInput() {
    return new GroupInput(this);
  }

  collect() {
    return requestValues(this.state, this.wanted, this.points.key);
  }

  // Groups of the view and the points that they belong to; null if they have not arrived.
  findData() {
    const groups = this.blobs.get(this.view?.groups);
    const points = this.blobs.get(groups?.display.points_key);
    const filter = this.findFilter();
    return points && groups.level.length === points.length && filter !== undefined ? { groups, points, filter } : null;
  }

  showData({ groups, points, filter }) {
    this.display = groups.display;
    this.setPoints(points);
    this.setFilter(filter);
    if (this.groups !== groups) this.setGroups(groups);
    this.sync.applyServer(this.view);
  }

  setGroups(groups) {
    this.groups = groups;
    const members = membersOf(groups.level, groups.groups.length);
    this.counts = members.map(({ length }) => length);
    this.order = paintOrder(members, groups.groups.map(({ layer }) => layer));
  }

  // Number of points of each group that match the filter.
  shownCounts() {
    const { filter, groups, counts } = this;
    return filter ? countByGroup(filter.shown, groups.level, counts.length) : counts;
  }

  describeMap() {
    const noun = this.filter ? `${this.display.noun} shown by the filter` : this.display.noun;
    const name = describeGroups({ groups: this.groups.groups, counts: this.shownCounts(), noun });
    this.panel.find("canvas.picture").setAttribute("aria-label", name);
  }

  describe(i) {
    const { groups, level } = this.groups;
    return describeMember(i, { groups, levels: level, title: this.display.title, columns: this.availableColumns() });
  }

  isHidden(name) {
    return this.state.hiddenGroups.includes(name);
  }

  pointAt(x, y, reach) {
    const isHidden = this.groups.groups.map(({ name }) => this.isHidden(name));
    return this.renderer.nearest(x, y, reach, false, (i) => !isHidden[this.groups.level[i]]);
  }

  // Points that the keys n and p go through, as [first, count].
  steppedRun() {
    return [0, this.points.length];
  }

  heightFor(width) {
    return Math.min(this.display.height, Math.max(300, width));
  }

  colourOf({ colours }) {
    return colours[this.theme.isDark ? 1 : 0];
  }

  draw() {
    this.isDirty = false;
    const { renderer, groups, order, theme } = this;
    if (!this.points || !renderer.size) return;
    if (renderer.isStale) renderer.project();
    const shown = groups.groups.map(
      (group) => !this.isHidden(group.name) && { ...group, colour: pixelFromCss(this.colourOf(group)) },
    );
    renderer.paint({ groups: shown, levels: groups.level, order, theme: theme.pixels });
    this.panel.showLegend(this);
    this.panel.placeLabels(this);
    this.overlay.draw();
  }
}
