// The image browser: what the user does with the images. Every action ends with a request to draw and, if the server
// needs to know, with a scheduled event.
import { encodeRows } from "./blob.js";
import { copyText } from "./clipboard.js";
import { countText, markedText, tipText } from "./format.js";
import { GridCanvas } from "./grid_canvas.js";
import { boxOf, indexAt, visibleRange } from "./layout.js";
import { tell } from "./link.js";

const SEND_AFTER = 300; // ms without another mark

export class Grid extends GridCanvas {
  indexAt(clientX, clientY) {
    const box = this.panel.canvas.getBoundingClientRect();
    return this.layout ? indexAt(this.layout, clientX - box.left, clientY - box.top + this.offset) : -1;
  }

  hoverAt(clientX, clientY) {
    this.hover(this.indexAt(clientX, clientY));
  }

  // The pointer is over the image of an index; -1: over none.
  hover(index) {
    if (index === (this.hovered ?? -1)) return;
    this.hovered = index;
    this.linkRow(index < 0 ? null : this.order[index]);
    this.panel.tip.hidden = index < 0;
    if (index >= 0) this.fillTip();
  }

  linkRow(row) {
    this.linkedRow = row;
    tell("adq-hover", { source: this.panel.box, images: this.images, row });
    this.requestDraw();
  }

  fillTip() {
    const { tip } = this.panel;
    const row = this.order[this.hovered];
    const [title, lines] = tipText(this.sheets.texts.get(row), this.view.facts, this.selection ? this.selection.has(row) : null);
    tip.firstElementChild.textContent = title;
    tip.lastElementChild.textContent = lines.join("\n");
    const { x, y } = boxOf(this.layout, this.hovered);
    const { clientWidth: width, clientHeight: height } = this.panel.scroller;
    const right = x + this.layout.tile + 8;
    const left = right + tip.offsetWidth < width ? right : x - tip.offsetWidth - 8;
    const top = Math.max(4, Math.min(y - this.offset, height - tip.offsetHeight - 4));
    tip.style.transform = `translate(${Math.round(Math.max(4, left))}px, ${Math.round(top)}px)`;
  }

  onLink({ images, row }) {
    if (images !== this.images) return;
    this.linkedRow = row;
    this.requestDraw();
  }

  onAlpha({ images, alpha }) {
    if (images !== this.images || !this.selection) return;
    this.alpha = alpha;
    this.selection.setAlpha(alpha);
    this.showBar();
    this.requestDraw();
  }

  onFocus() {
    if (this.active < 0 && this.order?.length && this.panel.root.activeElement === this.panel.scroller)
      this.state.active = this.order[visibleRange(this.layout, this.offset, this.viewHeight)[0]];
    this.showCells();
    this.requestDraw();
  }

  setActive(index) {
    if (index < 0) return;
    this.state.active = this.order[index];
    this.state.anchor = this.state.active;
    this.marks.endRange();
    this.onActive();
  }

  onActive() {
    this.linkRow(this.state.active);
    this.showBar();
    this.afterPause();
  }

  toggle(index) {
    if (index < 0) return;
    this.marks.toggle(this.order[index]);
    this.setActive(index);
    this.onMarks();
  }

  // Mark from the image where the range began to this one.
  markTo(index) {
    if (index < 0) return;
    this.state.anchor ??= this.order[index];
    const from = this.positionOf(this.state.anchor);
    this.marks.markRange(this.order, from < 0 ? index : from, index);
    this.state.active = this.order[index];
    this.onActive();
    this.onMarks();
  }

  markAll() {
    this.marks.markAll(this.order);
    this.onMarks();
  }

  clearMarks() {
    if (!this.marks.size) return;
    this.marks.clear();
    this.onMarks();
  }

  onMarks() {
    this.state.marks = this.marks.toText();
    this.showBar();
    this.requestDraw();
    this.afterPause();
    this.scheduleSend();
  }

  scheduleSend() {
    clearTimeout(this.sending);
    this.sending = setTimeout(() => this.send({}), SEND_AFTER);
  }

  send(more) {
    clearTimeout(this.sending);
    this.serial = Date.now();
    this.keepState();
    this.setStateValue("event", { marks: this.state.marks, images: this.images, serial: this.serial, ...more });
  }

  showBar() {
    const { panel, order, marks, selection, view } = this;
    panel.setText(".count", countText(order.length, view, selection?.countIn(order)));
    const hidden = marks.size - marks.countIn(order);
    panel.setText(".marked", markedText(marks.size, hidden));
    panel.find(".legend .frame").hidden = !selection;
    for (const [command, isOff] of [["all", !order.length], ["clear", !marks.size], ["copy", !marks.size], ["similar", this.active < 0]])
      panel.find(`[data-do=${command}]`).disabled = isOff;
  }

  open(index, page) {
    if (index < 0) return;
    this.state.active = this.state.anchor = this.order[index];
    this.focus = this.state.active; // it is not scrolled to when the user comes back
    this.keepState();
    if (this.sending) this.send({});
    this.setTriggerValue("open", { row: this.order[index], page, images: this.images });
  }

  async copyIds() {
    const answer = fetch(`${this.sheets.address}/ids`, { method: "POST", body: encodeRows(this.marks.rows()) });
    const isCopied = await copyText(async () => {
      const response = await answer;
      if (!response.ok) throw new Error(`The server answered with ${response.status}.`);
      return response.text();
    }, this.panel.box);
    this.panel.setText(".marked", isCopied ? "Ids copied" : "The ids could not be copied");
  }
}
