// The panel of the map of the quotas: alpha, the counts, the colour key, and the options.
import { describeChanges, describeMap, formatAlpha, formatCount, formatValue } from "./format.js";
import { CLASS_SHAPES } from "./glyphs.js";
import { rampCss } from "./colour_bytes.js";
import { countSelectedOnes } from "./filter.js";
import { addElement, Panel } from "./panel.js";
import { countChanges, total } from "./quotas.js";

const MARKUP = `
<section class="adq" aria-label="Map of the images">
  <div class="top">
    <label class="alpha"><span class="name">alpha <output></output></span>
      <span class="track"><input type="range" min="0" step="1" aria-label="alpha"><i class="was" hidden></i></span>
      <span class="ends"><span>0: by bin size</span><span>by importance: 1</span></span></label>
    <div class="counts"><p class="total"></p><p class="difference"></p><p class="filtered" hidden></p></div>
    <button type="button" class="pin" aria-pressed="false"></button>
  </div>
  <div class="body">
    <div class="stage">
      <canvas class="picture" tabindex="0" role="application" aria-describedby="adq-map-keys"></canvas><canvas class="over"></canvas><div class="labels"></div>
      <div class="tools" role="toolbar" aria-label="Map tools">
        <button type="button" data-tool="move" title="Move the map (drag); a click shows an image">Move</button>
        <button type="button" data-tool="lasso" title="Draw a lasso around images">Lasso</button>
        <button type="button" data-tool="box" title="Draw a box around images">Box</button>
        <button type="button" data-do="in" aria-label="Zoom in" title="Zoom in (+)">+</button>
        <button type="button" data-do="out" aria-label="Zoom out" title="Zoom out (-)">&minus;</button>
        <button type="button" data-do="fit" title="Show all (0)">Fit</button>
        <button type="button" data-do="seen" title="Put the lasso around all images in sight">All in sight</button>
        <button type="button" data-do="clear" title="Clear the lasso (Escape)" hidden>Clear</button>
      </div>
      <div class="tip" hidden><i></i><p></p></div><p class="hint" hidden></p><p class="picked" hidden></p>
    </div>
    <div class="side"><p class="scale"></p><ol class="bins"></ol></div>
  </div>
  <div class="strips">
    <div class="strip added"><p></p><div></div></div><div class="strip removed"><p></p><div></div></div>
  </div>
  <div class="player" hidden>
    <button type="button" class="run">Pause</button>
    <label class="scrub"><span></span><input type="range" min="0" step="1" aria-label="Images taken"></label>
    <label>Speed <select class="speed"><option value="0.25">1/4</option><option value="1" selected>1</option>
      <option value="4">4</option></select></label>
    <canvas class="gain"></canvas>
  </div>
  <div class="options">
    <label>Colour by <select class="colour"></select></label>
    <label><input type="checkbox" class="many"> <span></span></label>
    <button type="button" class="start" aria-pressed="false">Play the greedy order</button>
    <div class="key"></div>
  </div>
  <p class="matters"></p><p class="sr" aria-live="polite"></p>
  <p class="sr" id="adq-map-keys">Arrow keys move the map. Plus and minus zoom, 0 shows all. n and p go to the next and
    the previous image, Enter shows it. Escape clears the lasso.</p>
</section>`;

const SELECTED_TEXTS = [
  "bright: selected; grey: not selected",
  "bright: selected; dark grey: not selected; light grey: filtered out",
];

// Counts of the images that match the filter.
function filterText({ filter, points, quota }) {
  const selected = countSelectedOnes(filter.before, points.start, quota);
  return `${formatCount(filter.count)} shown by the filter, ${formatCount(selected)} of them selected`;
}

export class QuotaPanel extends Panel {
  constructor(root) {
    super(root, MARKUP);
    this.slider = this.find(".alpha input");
  }

  // Without alpha, the selection changes only with the settings: there is no slider and nothing to pin.
  showAlpha(hasAlpha) {
    this.find("label.alpha").hidden = !hasAlpha;
    this.find(".pin").hidden = !hasAlpha;
    this.find(".difference").hidden = !hasAlpha;
    this.find(".strips").hidden = !hasAlpha;
  }

  // Alpha, the size of the selection and the changes since the pinned state.
  showCounts(map) {
    const { quota, state, points } = map;
    const { pin } = state;
    const alpha = formatAlpha(map.alpha);
    const selected = formatCount(total(quota));
    this.setText(this.find("output"), alpha);
    this.slider.setAttribute("aria-valuetext", `${alpha}, ${selected} images selected`);
    this.setText(this.find(".total"), `${selected} of ${formatCount(points.length)} selected`);
    this.find(".filtered").hidden = !map.filter;
    if (map.filter) this.setText(this.find(".filtered"), filterText(map));
    const changes = countChanges(pin.quota, quota);
    this.setText(this.find(".difference"), describeChanges(changes, pin));
    const isPinned = !pin.isAutomatic;
    const isAtPin = isPinned && !changes.added && !changes.removed;
    this.setText(this.find(".pin"), isAtPin ? "Unpin" : "Pin this state");
    this.find(".pin").setAttribute("aria-pressed", String(isPinned));
    const share = map.stepOf(pin.alpha) / Math.max(1, map.quotas.alphas.length - 1);
    this.find(".track .was").hidden = false;
    this.find(".track .was").style.left = `calc(8px + (100% - 16px) * ${share})`;
  }

  // The colour key: a ramp with its ends, or every class with its shape.
  showColourKey(map) {
    const box = this.find(".key");
    const { column, state } = map;
    const isPlaying = map.player.taken !== null;
    const key = [state.colour, column?.key, map.theme.isDark, map.points.key, isPlaying, Boolean(map.filter)].join();
    if (this.colourKey === key) return;
    this.colourKey = key;
    box.textContent = "";
    if (!column) {
      const text = isPlaying
        ? "bright: taken so far, the latest large; grey: not yet taken"
        : SELECTED_TEXTS[map.filter ? 1 : 0];
      addElement("span", "about", box).textContent = state.colour === "bin" ? text : "loading\u2026";
      return;
    }
    if (column.names) this.addClasses(map, box);
    else this.addRamp(map, box);
    if (column.about) addElement("span", "about", box).textContent = column.about;
  }

  addClasses(map, box) {
    map.column.names.forEach((name, n) => {
      const item = addElement("span", "class", box);
      const glyph = addElement("i", `glyph ${CLASS_SHAPES[n % CLASS_SHAPES.length]}`, item);
      glyph.style.background = map.classColour(n);
      item.append(name);
    });
    const [colours, shapes] = [map.display.class_colours[0].length, CLASS_SHAPES.length];
    const count = map.column.names.length;
    if (count <= colours) return;
    const unique = colours * shapes; // both numbers have no common divisor
    const text = `Colours repeat after ${colours} classes, shapes after ${shapes}`;
    addElement("span", "about", box).textContent = count > unique ? `${text}: some classes look the same.` : `${text}.`;
  }

  addRamp({ column, ramp }, box) {
    addElement("span", "", box).textContent = `${column.label} ${formatValue(column, column.low)}`;
    addElement("i", "ramp", box).style.background = `linear-gradient(90deg, ${rampCss(ramp)})`;
    addElement("span", "", box).textContent = formatValue(column, column.high);
  }

  // The controls below the map.
  showOptions({ display, state }) {
    const select = this.find(".colour");
    const labels = Object.entries(display.columns).map(([name, { label }]) => [name, label]);
    const options = [["bin", display.bin_word], ...labels];
    const key = JSON.stringify(options);
    if (this.optionsKey !== key) {
      this.optionsKey = key;
      select.textContent = "";
      for (const [value, label] of options) {
        const option = addElement("option", "", select);
        [option.value, option.textContent] = [value, label];
      }
    }
    select.value = state.colour;
    this.find(".many").checked = state.hasPanels;
    this.find(".start").hidden = !display.order_key;
    this.setText(this.find(".matters"), [display.summary, display.alpha_effect].filter(Boolean).join(". "));
  }

  // The map in words, for screen readers: the name of the canvas, and a live region.
  describe(map) {
    const { points, quota, display } = map;
    if (!quota) return; // not drawn yet
    const selected = formatCount(total(quota));
    const start = map.hasAlpha ? `Alpha ${formatAlpha(map.alpha)}: ` : "";
    const text = `${start}${selected} of ${formatCount(points.length)} images selected.${map.filter ? ` ${filterText(map)}.` : ""}`;
    this.setText(this.find(".sr[aria-live]"), text);
    const name = describeMap({ points, quota, binWord: display.bin_word });
    this.find("canvas.picture").setAttribute("aria-label", name);
  }
}
