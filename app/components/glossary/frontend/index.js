// Terms of the glossary: underlined in the texts of the page, with their sentence on hover or tap.
//
// The texts belong to Streamlit, so no element is changed: the terms are ranges of a CSS highlight, which page_style.css
// underlines. Browsers without highlights show no underlines; the glossary of the page lists all terms.
import { findTerms, patternOf, placeBelow } from "./terms.js";

const NAME = "adq-terms"; // of the highlight, as in page_style.css
const TEXTS = "[data-testid=stMain] [data-testid=stMarkdownContainer] :is(p, li, td)";
const NO_TERMS = "a, button, code, label, summary, h1, h2, h3, [role=tab], [data-testid=stPopoverBody], .katex";
const RESCAN = 300; // ms after the last change of the page

class Glossary {
  constructor() {
    this.ranges = [];
    this.abort = new AbortController();
    this.box = document.createElement("div");
    this.box.className = "adq-term";
    this.box.setAttribute("role", "tooltip");
    this.box.hidden = true;
    document.body.append(this.box);
    const on = (type, run) => document.addEventListener(type, run, { signal: this.abort.signal, passive: true });
    on("pointermove", (event) => event.pointerType === "mouse" && this.showAt(event));
    on("pointerdown", (event) => this.showAt(event));
    on("keydown", (event) => event.key === "Escape" && this.hide());
    document.addEventListener("scroll", () => this.hide(), { signal: this.abort.signal, capture: true, passive: true });
    this.observer = new MutationObserver(() => this.scanLater());
    this.observer.observe(document.body, { childList: true, subtree: true, characterData: true });
  }

  update({ terms }) {
    this.terms = terms;
    this.pattern = patternOf(Object.keys(terms));
    this.scanLater();
  }

  scanLater() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.scan(), RESCAN);
  }

  scan() {
    this.ranges = [...document.querySelectorAll(TEXTS)].flatMap((element) => this.rangesIn(element));
    if (!globalThis.Highlight || !CSS.highlights) return;
    CSS.highlights.set(NAME, new Highlight(...this.ranges.map(({ range }) => range)));
  }

  // Each term once per paragraph.
  rangesIn(element) {
    if (element.closest(NO_TERMS)) return [];
    const seen = new Set();
    const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
    const found = [];
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      if (node.parentElement.closest(NO_TERMS)) continue;
      for (const [start, end, term] of findTerms(node.data, this.pattern, seen)) {
        const range = document.createRange();
        range.setStart(node, start);
        range.setEnd(node, end);
        found.push({ range, term });
      }
    }
    return found;
  }

  showAt({ clientX, clientY, target }) {
    if (!target.closest?.(TEXTS)) {
      this.hide();
      return;
    }
    const isInside = ({ left, right, top, bottom }) =>
      clientX >= left && clientX <= right && clientY >= top && clientY <= bottom;
    for (const { range, term } of this.ranges) {
      const rect = target.contains(range.startContainer) && [...range.getClientRects()].find(isInside);
      if (rect) {
        this.show(term, rect);
        return;
      }
    }
    this.hide();
  }

  show(term, rect) {
    if (!this.box.hidden && this.box.dataset.term === term) return;
    this.box.dataset.term = term;
    this.box.textContent = this.terms[term];
    this.box.hidden = false;
    const view = { width: window.innerWidth, height: window.innerHeight };
    const { left, top } = placeBelow(rect, this.box.getBoundingClientRect(), view);
    Object.assign(this.box.style, { left: `${left}px`, top: `${top}px` });
  }

  hide() {
    this.box.hidden = true;
  }

  remove() {
    this.abort.abort();
    this.observer.disconnect();
    clearTimeout(this.timer);
    this.box.remove();
    globalThis.CSS?.highlights?.delete(NAME);
  }
}

let glossary = null;
let latest = null;

export default function mount(component) {
  latest = component;
  glossary ??= new Glossary();
  glossary.update(component.data);
  return () => {
    if (latest !== component) return; // a newer call is already there
    glossary.remove();
    glossary = null;
  };
}
