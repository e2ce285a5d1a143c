// The elements around the canvas. Texts from the data are set as text, never as HTML.
import { STYLE } from "./style.js";

export function addElement(tag, className, parent) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  return parent.appendChild(element);
}

export class Panel {
  constructor(root, markup) {
    this.root = root;
    addElement("style", "", root).textContent = STYLE;
    this.box = addElement("div", "", root);
    this.box.innerHTML = markup;
    this.found = new Map(); // selector -> element: the elements of the markup stay
    this.texts = new Map(); // element -> its text
    this.stage = this.find(".stage");
  }

  find(selector) {
    if (!this.found.has(selector)) this.found.set(selector, this.box.querySelector(selector));
    return this.found.get(selector);
  }

  // Setting only texts that differ makes a step of the slider fast.
  setText(element, text) {
    if (this.texts.get(element) === text) return;
    this.texts.set(element, text);
    if (element.firstChild?.nodeType === Node.TEXT_NODE) element.firstChild.data = text;
    else element.textContent = text;
  }
}
