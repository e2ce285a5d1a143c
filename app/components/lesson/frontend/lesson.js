// One lesson on the page: prediction, pictures, controls and question. It holds the points, the step and the answers.
import { readAnswers, storeAnswer } from "./answers.js";
import { Controls } from "./controls.js";
import { make } from "./elements.js";
import { allowed } from "./geometry.js";
import { Input } from "./input.js";
import { Picture } from "./picture.js";
import { Quiz } from "./quiz.js";
import { addressWithStep, clampStep, frameAt, stepAfterKey, valueOf } from "./steps.js";
import { STYLE } from "./style.js";
import { PointSync } from "./sync.js";

export class Lesson {
  constructor(parent) {
    this.box = make("div", { class: "lesson" });
    this.style = make("style", {}, STYLE);
    parent.append(this.style, this.box);
    this.abort = new AbortController();
    this.sync = new PointSync((moved) => this.send("moved", { place: this.place, ...moved }));
    window.addEventListener("keydown", (event) => this.pressKey(event), { signal: this.abort.signal });
  }

  // A message from the server, at every rerun.
  update({ data, setStateValue }) {
    this.send = setStateValue;
    const isNew = data.place !== this.place;
    Object.assign(this, { data, limits: data.limits, scene: data.scene, place: data.place, count: data.scene.steps.length });
    this.setColours(data.colours);
    if (isNew) this.open();
    this.sync.answer(data.serial);
    if (isNew || (this.sync.isIdle && !this.isDragging)) this.points = data.points.map((point) => [...point]);
    this.step = clampStep(this.step, this.count);
    this.pictures.forEach((picture, index) => picture.setPanel(this.scene.panels[index], this.scene.columns > 0));
    this.box.classList.toggle("presenter", data.presenter);
    this.draw();
    if (data.share) this.shareAnswers();
    else this.shared = null;
  }

  open() {
    const { data } = this;
    this.controls?.pause();
    Object.assign(this, { selected: -1, hovered: -1, cell: null, isDragging: false });
    this.step = clampStep(data.step ?? this.scene.first, this.count);
    this.answers = readAnswers()[data.lesson] ?? {};
    const choose = (kind) => (option) => this.answer(kind, option);
    this.prediction = new Quiz("prediction", "Predict first", data.prediction, choose("prediction"));
    this.question = new Quiz("question", "Question", data.question, choose("question"));
    this.pictures = this.scene.panels.map((panel) => new Picture(panel, this.scene.columns > 0));
    for (const picture of this.pictures) new Input(this, picture);
    this.controls = new Controls(this);
    const pictures = make("div", { class: "pictures" }, ...this.pictures.map(({ figure }) => figure));
    this.box.replaceChildren(this.prediction.box, pictures, this.controls.stepping, this.controls.box, this.question.box);
    this.points = data.points.map((point) => [...point]);
    this.sync.cancel();
  }

  setColours([light, dark]) {
    const pen = document.createElement("canvas").getContext("2d");
    pen.fillStyle = getComputedStyle(this.box).getPropertyValue("--st-background-color").trim() || "#ffffff";
    const sum = [1, 3, 5].reduce((total, at) => total + Number.parseInt(pen.fillStyle.slice(at, at + 2), 16), 0);
    const isDark = sum < 384;
    this.box.dataset.theme = isDark ? "dark" : "light";
    (isDark ? dark : light).forEach((colour, index) => this.box.style.setProperty(`--c${index}`, colour));
  }

  get isLocked() {
    return this.answers.prediction === undefined;
  }

  get keyHint() {
    if (this.scene.columns) return "Point at a pixel, or use the arrow keys in a picture.";
    if (!this.points.length) return "";
    const add = this.limits.can_add ? " Double-click adds a point; a adds and Delete removes one." : "";
    return `Mouse or finger: drag a point. Keys in a picture: n and p select a point, arrow keys move it.${add}`;
  }

  answer(kind, option) {
    this.answers = { ...this.answers, [kind]: option };
    storeAnswer(this.data.lesson, kind, option);
    this.draw();
    this.shareAnswers();
  }

  // Answers leave the browser only if the student shares them with the class.
  shareAnswers() {
    const text = JSON.stringify({ lesson: this.data.lesson, ...this.answers });
    if (!this.data.share || text === this.shared) return;
    this.shared = text;
    this.send("answered", JSON.parse(text));
  }

  reset() {
    this.selected = -1;
    this.setStep(this.scene.first);
    this.changePoints(this.data.start.map((point) => [...point]));
  }

  setStep(step) {
    this.step = clampStep(step, this.count);
    const address = addressWithStep(window.location.href, this.step);
    if (address) window.history.replaceState(window.history.state, "", address);
    this.draw();
  }

  select(index) {
    this.selected = index;
    this.draw();
  }

  hover(index) {
    if (index === this.hovered) return;
    this.hovered = index;
    this.controls.show();
  }

  setCell(cell) {
    if (String(cell) === String(this.cell)) return;
    this.cell = cell;
    this.draw();
  }

  changePoints(points) {
    this.points = points;
    this.draw();
    this.sync.change(points.map((point) => [...point]));
  }

  movePoint(index, position) {
    this.changePoints(this.points.map((point, at) => (at === index ? position : point)));
  }

  addPoint(position) {
    const { limits, points } = this;
    if (this.isLocked || !limits.can_add || points.length >= limits.most) return;
    const [x0, y0, x1, y1] = limits.box;
    const place = position ?? [x0 + (x1 - x0) / 2, y0 + (y1 - y0) / 8];
    this.selected = points.length;
    this.changePoints([...points, allowed(limits, place, place)]);
  }

  deletePoint() {
    const { limits, points, selected } = this;
    if (!limits.can_add || selected < 0 || points.length <= limits.fewest) return;
    this.selected = -1;
    this.changePoints(points.filter((point, at) => at !== selected));
  }

  // The numbers of the selected pixel in both images.
  describeCell() {
    if (!this.cell) return "";
    const [column, row] = this.cell;
    const at = row * this.scene.columns + column;
    const texts = this.pictures
      .filter(({ panel }) => panel.reveals)
      .map(({ panel }) => `${panel.title}: ${frameAt(panel, this.step).cells[at]}`);
    return `Pixel in column ${column + 1}, row ${row + 1}. ${texts.join("; ")}`;
  }

  describePoint() {
    if (this.scene.columns) return this.describeCell();
    const index = this.hovered >= 0 ? this.hovered : this.selected;
    const point = this.points[index];
    if (!point) return "";
    const values = this.pictures
      .filter(({ panel }) => panel.has_points)
      .map(({ panel }) => [panel.title, valueOf(panel, index, this.step)])
      .filter(([, value]) => value);
    const texts = values.map(([title, value]) => (values.length > 1 ? `${title.split(":")[0]}: ${value}` : value));
    return `Point ${index + 1} at (${point.map((one) => one.toFixed(2)).join(", ")}). ${texts.join("; ")}`;
  }

  draw() {
    for (const picture of this.pictures) picture.draw(this.points, this.step, this.selected, this.isLocked);
    if (this.cell) for (const picture of this.pictures) picture.drawCell(this.cell, this.scene.columns);
    this.prediction.show(this.answers.prediction);
    this.question.show(this.answers.question);
    this.question.box.hidden = this.isLocked;
    this.controls.show();
    this.box.classList.toggle("locked", this.isLocked);
  }

  // Arrow keys change the step in presenter mode, unless they belong to a widget.
  pressKey(event) {
    if (!this.data?.presenter || this.isLocked || this.count < 2 || event.defaultPrevented) return;
    const target = event.composedPath()[0];
    if (target.closest?.("input, textarea, select, svg, [role=slider], [role=combobox], [role=radio]")) return;
    const step = stepAfterKey(event.key, this.step, this.count);
    if (step === null) return;
    event.preventDefault();
    this.controls.go(step);
  }

  remove() {
    this.abort.abort();
    this.controls?.pause();
    this.sync.cancel();
    this.box.remove();
    this.style.remove();
  }
}
