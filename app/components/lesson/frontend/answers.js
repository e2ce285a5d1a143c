// The answers of this visitor, in localStorage: {lesson: {prediction: option, question: option}}.

const ITEM = "adq-explorer-lessons"; // key in localStorage
const KINDS = ["prediction", "question"];

// Text that is not valid counts as empty: anything can be in the storage.
export function parseAnswers(text) {
  try {
    const found = JSON.parse(text || "{}");
    if (!found || typeof found !== "object" || Array.isArray(found)) return {};
    return Object.fromEntries(Object.entries(found).map(([lesson, given]) => [lesson, validOnes(given)]));
  } catch {
    return {};
  }
}

function validOnes(given) {
  const valid = KINDS.filter((kind) => Number.isInteger(given?.[kind]) && given[kind] >= -1);
  return Object.fromEntries(valid.map((kind) => [kind, given[kind]]));
}

export function readAnswers() {
  try {
    return parseAnswers(localStorage.getItem(ITEM));
  } catch {
    return {}; // the browser refuses access
  }
}

// Store one answer; without an option, the answers of the lesson are deleted.
export function storeAnswer(lesson, kind, option) {
  const answers = readAnswers();
  if (option === undefined) delete answers[lesson];
  else answers[lesson] = { ...answers[lesson], [kind]: option };
  try {
    localStorage.setItem(ITEM, JSON.stringify(answers));
  } catch {
    // The answer is then kept only as long as the page is open.
  }
}
