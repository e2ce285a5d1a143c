// The list of bins with their quotas as bars, and the labels of the bins on the map.
import { formatCount } from "./format.js";
import { arrangeLabels, labelWidth } from "./labels.js";
import { addElement } from "./panel.js";
import { toPixel } from "./viewport.js";

const TRENDS = [
  { sign: "\u25bc", text: "shrinks when alpha rises" },
  { sign: "\u2013", text: "is the same at both ends of alpha" },
  { sign: "\u25b2", text: "grows when alpha rises" },
];

export class BinList {
  constructor(map) {
    this.map = map;
    this.list = map.panel.find(".bins");
    this.labels = map.panel.find(".labels");
    this.bins = [];
  }

  // Build the bars and labels if the quotas or colours are new; returns whether they were built.
  build() {
    const { points, quotas, display, theme, ranges, panel } = this.map;
    const key = [points.key, quotas.key, display.bin_word, theme.isDark].join();
    if (this.key === key) return false;
    this.key = key;
    this.markedKey = null;
    const focused = [...this.list.children].findIndex((item) => item.contains(panel.root.activeElement));
    [this.list.textContent, this.labels.textContent] = ["", ""];
    this.largest = Math.max(1, ...ranges.highest);
    this.bins = Array.from(points.capacity, (capacity, bin) => ({
      capacity,
      ...this.buildBar(bin),
      ...this.buildLabel(bin),
    }));
    if (focused >= 0) this.list.children[Math.min(focused, this.list.children.length - 1)]?.firstChild.focus();
    panel.setText(
      panel.find(".scale"),
      this.map.hasAlpha
        ? "\u25b2 gives more when alpha rises, \u25bc fewer.\nBar: quota; line: over all alpha; below: bin\u2019s share."
        : "Bar: selected images of the bin; below: their share of the bin.",
    );
    return true;
  }

  buildBar(bin) {
    const { map } = this;
    const { lowest, highest } = map.ranges;
    const button = addElement("button", "", addElement("li", "", this.list));
    button.type = "button";
    button.dataset.bin = bin;
    addElement("i", "swatch", button).style.background = map.binColour(bin);
    addElement("span", "name", button).textContent = `${map.display.bin_word} ${bin}`;
    const bar = addElement("span", "bar", button);
    const fill = addElement("i", "fill", bar);
    fill.style.background = map.binColour(bin);
    const previous = addElement("i", "was", bar);
    const range = addElement("i", "range", bar);
    range.style.left = `${(100 * lowest[bin]) / this.largest}%`;
    range.style.width = `${(100 * (highest[bin] - lowest[bin])) / this.largest}%`;
    const used = addElement("i", "used", bar);
    const numbers = addElement("span", "numbers", button);
    this.addTrend(bin, button);
    return { button, fill, previous, used, numbers };
  }

  addTrend(bin, button) {
    const { ranges, display } = this.map;
    if (!this.map.hasAlpha) return;
    const [first, last] = [ranges.first[bin], ranges.last[bin]];
    const { sign, text } = TRENDS[Math.sign(last - first) + 1];
    const trend = addElement("span", "trend", button);
    trend.textContent = sign;
    trend.title = `${display.bin_word} ${bin} ${text}: ${formatCount(first)} to ${formatCount(last)} images`;
    addElement("span", "sr", button).textContent = `, ${text}`;
  }

  buildLabel(bin) {
    const label = addElement("button", "label", this.labels);
    label.type = "button";
    label.tabIndex = -1; // the bars do the same and can be reached by tab
    label.dataset.bin = bin;
    label.style.setProperty("--bin", this.map.binColour(bin));
    return { label, labelName: addElement("b", "", label), labelCount: addElement("span", "", label) };
  }

  showQuotas() {
    const { quota, state, panel } = this.map;
    const layout = `${panel.isNarrow}/${state.hasPanels}`;
    this.bins.forEach((bin, n) => {
      const [count, previous] = [quota[n], state.pin.quota[n]];
      if (bin.count === count && bin.previousCount === previous && bin.layout === layout) return;
      Object.assign(bin, { count, previousCount: previous, layout });
      this.showQuota(bin, n);
    });
  }

  showQuota(bin, n) {
    const { panel, state, display } = this.map;
    const { count, previousCount, capacity } = bin;
    bin.fill.style.transform = `scaleX(${count / this.largest})`;
    bin.used.style.transform = `scaleX(${count / Math.max(1, capacity)})`;
    bin.previous.style.left = `${Math.min(100, (100 * previousCount) / this.largest)}%`;
    const difference = count - previousCount;
    const change = difference ? ` (${difference > 0 ? "+" : "\u2212"}${formatCount(Math.abs(difference))})` : "";
    const text = `${formatCount(count)} of ${formatCount(capacity)}`;
    panel.setText(bin.numbers, text + change);
    panel.setText(bin.labelName, state.hasPanels ? `${display.bin_word} ${n}` : String(n));
    panel.setText(bin.labelCount, panel.isNarrow ? formatCount(count) : text);
  }

  // A label stands at the densest place of its bin and moves aside for other labels; with one map per bin it is the
  // title of the map.
  placeLabels() {
    const { state, renderer, panel } = this.map;
    const places = state.hasPanels ? this.titlePlaces() : this.labelPlaces(renderer.ratio);
    this.bins.forEach(({ label }, bin) => {
      const place = places[bin];
      label.hidden = !place;
      label.classList.toggle("title", state.hasPanels);
      if (place) label.style.transform = `translate(${Math.round(place.x)}px, ${Math.round(place.y)}px)`;
    });
    panel.setText(panel.find(".many + span"), `One map per ${this.map.display.bin_word}`);
  }

  titlePlaces() {
    const { renderer } = this.map;
    return this.bins.map((_, bin) => {
      const [x, y] = renderer.origin(bin).map((pixels) => pixels / renderer.ratio);
      return { x, y };
    });
  }

  labelPlaces(ratio) {
    const { renderer, points, panel } = this.map;
    const labels = this.bins.map(({ capacity }, bin) => {
      const [x, y] = toPixel(renderer.transform, ...points.places[bin]).map((pixels) => pixels / ratio);
      return { x, y, width: labelWidth(formatCount(capacity), panel.isNarrow) };
    });
    return arrangeLabels(labels, { width: renderer.panel.width / ratio, height: renderer.panel.height / ratio });
  }

  markBin() {
    const { bin, hasSpotlight } = this.map.state;
    const key = `${bin}/${hasSpotlight}`;
    if (this.markedKey === key) return;
    this.markedKey = key;
    this.bins.forEach(({ button, label }, n) => {
      const isBright = hasSpotlight && n === bin;
      button.setAttribute("aria-pressed", String(isBright));
      button.classList.toggle("current", n === bin);
      label.classList.toggle("bright", isBright);
    });
  }
}
