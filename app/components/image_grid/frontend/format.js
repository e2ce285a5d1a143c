// Texts of the image browser.
const counted = new Intl.NumberFormat("en-US");
const number = (value) => counted.format(value);

export function countText(shown, { total, noun }, selected) {
  const images = shown === total ? `${number(total)} ${noun}` : `${number(shown)} of ${number(total)} ${noun}`;
  return selected === undefined ? images : `${images}, ${number(selected)} selected`;
}

export function markedText(marked, hidden) {
  if (!marked) return "None marked";
  return hidden ? `${number(marked)} marked, ${number(hidden)} not shown` : `${number(marked)} marked`;
}

const stateText = (isSelected) => (isSelected ? "selected" : "not selected");

// Title and lines of a tooltip. `texts` is [id, class, values]; undefined: they have not arrived.
export function tipText(texts, facts, isSelected) {
  if (!texts) return ["…", []];
  const [id, name, ...values] = texts;
  const lines = values.map((value, place) => `${facts[place]}: ${value}`).filter((_, place) => values[place] !== "");
  const state = isSelected === null ? [] : [stateText(isSelected)];
  return [id, [[name, ...state].join(" · "), ...lines]];
}

// Name of a cell for screen readers.
export function cellText(texts, index, isSelected, isMarked) {
  const name = texts ? [texts[0], texts[1]] : [`image ${number(index + 1)}`];
  if (isSelected !== null) name.push(stateText(isSelected));
  if (isMarked) name.push("marked");
  return name.join(", ");
}
