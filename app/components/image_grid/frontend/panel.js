// The elements around the canvas. Texts from the data are set as text, never as HTML.
import { LARGEST, SMALLEST } from "./state.js";
import { STYLE } from "./style.js";

const MARKUP = `
  <div class="bar">
    <label class="size">Size <input type="range" min="${SMALLEST}" max="${LARGEST}" step="4"></label>
    <span class="count"></span>
    <span class="legend"><i class="frame"></i>selected <i class="tick"></i>marked by you</span>
  </div>
  <div class="bar actions">
    <span class="marked" role="status"></span>
    <button type="button" data-do="all">Mark all</button>
    <button type="button" data-do="clear">Clear marks</button>
    <button type="button" data-do="copy">Copy ids</button>
    <button type="button" data-do="similar">Similar images</button>
  </div>
  <div class="stage">
    <div class="scroller" role="grid" tabindex="0" aria-multiselectable="true" aria-describedby="help">
      <div class="space" role="presentation">
        <canvas aria-hidden="true"></canvas>
        <div class="cells" role="presentation"></div>
      </div>
    </div>
    <div class="tip" aria-hidden="true" hidden><b></b><p></p></div>
    <p class="empty" hidden></p>
  </div>
  <p class="help" id="help">Click an image to open its page. Ctrl or Cmd and a click mark an image, Shift and a click mark
    a range; on a touch screen, press long. Keys: arrows, Page Up, Page Down, Home and End move, Shift with them marks a
    range, Space marks, Enter opens, S shows similar images, Escape clears the marks.</p>`;

const cellId = (index) => `image-${index}`;

function makeElement(tag, attributes) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, String(value));
  return made;
}

export class Panel {
  constructor(root) {
    this.root = root;
    const style = document.createElement("style");
    style.textContent = STYLE;
    this.box = document.createElement("div");
    this.box.className = "grid-box";
    this.box.innerHTML = MARKUP;
    root.append(style, this.box);
    this.style = style;
    this.scroller = this.find(".scroller");
    this.canvas = this.find("canvas");
    this.space = this.find(".space");
    this.cells = this.find(".cells");
    this.slider = this.find(".size input");
    this.tip = this.find(".tip");
  }

  find(selector) {
    return this.box.querySelector(selector);
  }

  setText(selector, text) {
    const element = this.find(selector);
    if (element.textContent !== text) element.textContent = text;
  }

  // The visible images as rows and cells of the grid, for screen readers: the canvas has none. `cell(index)` returns
  // [label, isMarked].
  showCells(layout, [first, end], cell) {
    this.scroller.setAttribute("aria-rowcount", layout.rows);
    this.scroller.setAttribute("aria-colcount", layout.columns);
    const rows = [];
    for (let line = Math.floor(first / layout.columns); line * layout.columns < end; line++) {
      const row = makeElement("div", { role: "row", "aria-rowindex": line + 1 });
      const stop = Math.min(layout.count, (line + 1) * layout.columns);
      for (let index = line * layout.columns; index < stop; index++) {
        const [label, isMarked] = cell(index);
        const column = (index % layout.columns) + 1;
        row.append(
          makeElement("div", { role: "gridcell", id: cellId(index), "aria-colindex": column, "aria-label": label, "aria-selected": isMarked }),
        );
      }
      rows.push(row);
    }
    this.cells.replaceChildren(...rows);
  }

  setActive(index) {
    const id = cellId(index);
    if (index >= 0 && this.root.getElementById?.(id)) this.scroller.setAttribute("aria-activedescendant", id);
    else this.scroller.removeAttribute("aria-activedescendant");
  }

  remove() {
    this.box.remove();
    this.style.remove();
  }
}
