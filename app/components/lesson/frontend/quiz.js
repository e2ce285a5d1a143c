// A question with buttons for its options, and the sentence that explains the chosen one.
import { make } from "./elements.js";

// Class and text of the explanation of a choice; -1: skipped.
export function explanation(options, choice) {
  const option = options[choice];
  if (!option) return ["", ""];
  const [, why, isRight] = option;
  return [isRight ? "right" : "wrong", why];
}

export class Quiz {
  // `choose(option)` is called with the index of the chosen option, or with -1 for "Skip".
  constructor(kind, heading, { text, options }, choose) {
    Object.assign(this, { options, choose });
    this.buttons = options.map(([label], index) =>
      make("button", { type: "button", "aria-pressed": "false", onclick: () => choose(index) }, label),
    );
    this.skip = kind === "prediction" && make("button", { type: "button", class: "skip", onclick: () => choose(-1) }, "Skip");
    this.why = make("p", { class: "why", "aria-live": "polite" });
    const row = make("div", { class: "options" }, ...this.buttons, ...(this.skip ? [this.skip] : []));
    this.box = make("section", { class: `quiz ${kind}` }, make("h4", {}, heading), make("p", {}, text), row, this.why);
  }

  show(choice) {
    this.buttons.forEach((button, index) => button.setAttribute("aria-pressed", String(index === choice)));
    const [verdict, why] = explanation(this.options, choice);
    this.why.textContent = why;
    this.why.dataset.verdict = verdict;
    if (this.skip) this.skip.hidden = choice !== undefined;
  }
}
