// The controls below the pictures: steps, the selected point, and buttons for points and for printing.
import { make } from "./elements.js";

const PLAY_PAUSE = 600; // ms per step

export class Controls {
  constructor(lesson) {
    this.lesson = lesson;
    const button = (label, run) => make("button", { type: "button", onclick: run }, label);
    this.back = button("Back", () => this.go(lesson.step - 1));
    this.next = button("Step", () => this.go(lesson.step + 1));
    this.play = button("Play", () => this.toggle());
    this.slider = make("input", { type: "range", min: "0", step: "1" });
    this.slider.addEventListener("input", () => this.go(Number(this.slider.value)));
    this.name = make("output");
    this.add = button("Add a point", () => lesson.addPoint());
    this.remove = button("Delete the point", () => lesson.deletePoint());
    this.reset = button("Start again", () => lesson.reset());
    this.print = button("Print this lesson", () => window.print());
    this.hint = make("p", { class: "hint" });
    this.status = make("p", { class: "status", "aria-live": "polite" });
    this.stepping = make("div", { class: "row steps" }, this.back, this.next, this.play, this.slider, this.name);
    this.buttons = make("div", { class: "row" }, this.add, this.remove, this.reset, this.print);
    this.box = make("div", { class: "controls" }, this.status, this.buttons, this.hint);
  }

  go(step) {
    this.pause();
    this.lesson.setStep(step);
  }

  toggle() {
    if (this.timer) {
      this.pause();
      return;
    }
    const { lesson } = this;
    if (lesson.step >= lesson.count - 1) lesson.setStep(0);
    this.play.textContent = "Pause";
    this.timer = setInterval(() => {
      lesson.setStep(lesson.step + 1);
      if (lesson.step >= lesson.count - 1) this.pause();
    }, PLAY_PAUSE);
  }

  pause() {
    clearInterval(this.timer);
    this.timer = null;
    this.play.textContent = "Play";
  }

  show() {
    const { lesson } = this;
    const { scene, step, count, limits } = lesson;
    this.stepping.hidden = count < 2;
    for (const one of [this.next, this.back, this.play]) one.hidden = !scene.plays;
    this.slider.max = String(count - 1);
    this.slider.value = String(step);
    this.slider.setAttribute("aria-label", scene.control);
    this.slider.setAttribute("aria-valuetext", scene.steps[step]);
    this.name.textContent = `${scene.control === "Step" ? "Step " : ""}${scene.steps[step]}`;
    this.add.hidden = !limits.can_add;
    this.remove.hidden = !limits.can_add;
    this.reset.hidden = count < 2 && !lesson.points.length;
    const { isLocked } = lesson;
    for (const one of [this.back, this.next, this.play, this.slider, this.reset]) one.disabled = isLocked;
    if (step === 0) this.back.disabled = true;
    if (step === count - 1) this.next.disabled = true;
    this.add.disabled = isLocked || lesson.points.length >= limits.most;
    this.remove.disabled = isLocked || lesson.selected < 0 || lesson.points.length <= limits.fewest;
    this.hint.textContent = isLocked ? "" : lesson.keyHint;
    this.status.textContent = isLocked ? "" : lesson.describePoint();
  }
}
