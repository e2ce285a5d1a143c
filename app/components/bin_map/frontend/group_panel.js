// The panel of the map of groups: the canvas, the names of the groups on it, and the legend.
import { formatCount } from "./format.js";
import { arrangeLabels, textWidth } from "./labels.js";
import { addElement, Panel } from "./panel.js";
import { toPixel } from "./viewport.js";

const MARKUP = `
<section class="adq" aria-label="Map of the images">
  <div class="stage" data-tool="move">
    <canvas class="picture" tabindex="0" role="application" aria-describedby="adq-map-keys"></canvas><canvas class="over"></canvas><div class="labels names"></div>
    <div class="tools" role="toolbar" aria-label="Map tools">
      <button type="button" data-do="in" aria-label="Zoom in" title="Zoom in (+)">+</button>
      <button type="button" data-do="out" aria-label="Zoom out" title="Zoom out (-)">&minus;</button>
      <button type="button" data-do="fit" title="Show all (0)">Fit</button>
    </div>
    <div class="tip" hidden><i></i><p></p></div><p class="hint" hidden></p>
  </div>
  <div class="legend" role="group" aria-label="Groups on the map" hidden></div>
  <p class="sr" id="adq-map-keys">Arrow keys move the map. Plus and minus zoom, 0 shows all. n and p go to the next and
    the previous image.</p>
</section>`;
const MAX_CHARACTERS = 18; // of a name on the map, as in map.css

export class GroupPanel extends Panel {
  constructor(root) {
    super(root, MARKUP);
    this.find("canvas.picture").style.touchAction = "pan-y";
  }

  // One button per group, with its glyph and its number of points.
  showLegend(map) {
    const { groups, counts, theme, state } = map;
    const legend = this.find(".legend");
    legend.hidden = !groups.has_legend;
    if (!groups.has_legend) return;
    const key = [groups.key, theme.isDark, state.hiddenGroups, map.filter?.key].join();
    if (this.legendKey === key) return;
    this.legendKey = key;
    const shown = map.shownCounts();
    while (legend.children.length > groups.groups.length) legend.lastChild.remove();
    groups.groups.forEach((group, n) => {
      const button = legend.children[n] ?? this.addButton(legend);
      button.dataset.group = group.name;
      button.setAttribute("aria-pressed", String(!map.isHidden(group.name)));
      button.firstChild.className = `glyph ${group.shape}`;
      button.firstChild.style.background = map.colourOf(group);
      this.setText(button.lastChild, `${group.name} (${map.filter ? `${formatCount(shown[n])} of ` : ""}${formatCount(counts[n])})`);
    });
  }

  addButton(legend) {
    const button = addElement("button", "", legend);
    button.type = "button";
    button.title = "Click: hide or show. Double click: show this group alone, or all";
    addElement("i", "glyph", button);
    addElement("span", "", button);
    return button;
  }

  // The names stand at the densest places of their groups and move aside for other names.
  placeLabels(map) {
    const { groups, renderer, theme } = map;
    const box = this.find(".labels");
    const key = [groups.key, theme.isDark].join();
    if (this.labelKey !== key) this.buildLabels(map, box);
    this.labelKey = key;
    const shown = groups.groups.flatMap(({ name }, n) => (groups.places[n] && !map.isHidden(name) ? [n] : []));
    const labels = shown.map((n) => {
      const [x, y] = toPixel(renderer.transform, ...groups.places[n]).map((pixels) => pixels / renderer.ratio);
      return { x, y, width: textWidth(Math.min(MAX_CHARACTERS, groups.groups[n].name.length)) };
    });
    const { width, height } = renderer.panel;
    const places = arrangeLabels(labels, { width: width / renderer.ratio, height: height / renderer.ratio });
    [...box.children].forEach((label) => (label.hidden = true));
    shown.forEach((n, k) => {
      if (!places[k]) return;
      const label = box.children[n];
      label.hidden = false;
      label.style.transform = `translate(${Math.round(places[k].x)}px, ${Math.round(places[k].y)}px)`;
    });
  }

  buildLabels(map, box) {
    box.textContent = "";
    if (!map.groups.places.length) return;
    for (const group of map.groups.groups) {
      const label = addElement("span", "label", box);
      label.textContent = group.name;
      label.style.setProperty("--bin", map.colourOf(group));
    }
  }
}
