import assert from "node:assert/strict";
import { test } from "node:test";
import { parseAnswers, readAnswers, storeAnswer } from "../../app/components/lesson/frontend/answers.js";
import { explanation } from "../../app/components/lesson/frontend/quiz.js";
import { addressWithStep, clampStep, frameAt, stepAfterKey, takenAt, valueOf } from "../../app/components/lesson/frontend/steps.js";

test("a step stays between the first and the last one", () => {
  assert.deepEqual([-3, 0, 4, 99, 1.5, undefined].map((step) => clampStep(step, 5)), [0, 0, 4, 4, 0, 0]);
});

test("a panel with one frame has the same frame at every step", () => {
  assert.equal(frameAt({ frames: ["a"] }, 3), "a");
  assert.equal(frameAt({ frames: ["a", "b", "c"] }, 1), "b");
});

test("arrow keys of the presenter change the step", () => {
  assert.equal(stepAfterKey("ArrowRight", 1, 5), 2);
  assert.equal(stepAfterKey("PageUp", 1, 5), 0);
  assert.equal(stepAfterKey("ArrowRight", 4, 5), 4);
  assert.equal(stepAfterKey("Enter", 1, 5), null);
});

test("the address contains the step, and is not written again if it has it", () => {
  assert.equal(addressWithStep("http://a.test/learn?lesson=Bins", 3), "http://a.test/learn?lesson=Bins&step=3");
  assert.equal(addressWithStep("http://a.test/learn?lesson=Bins&step=3", 3), null);
});

test("a wrong answer is explained, and a skipped one has no explanation", () => {
  const options = [["one", "No, because.", false], ["two", "Yes.", true]];
  assert.deepEqual(explanation(options, 0), ["wrong", "No, because."]);
  assert.deepEqual(explanation(options, 1), ["right", "Yes."]);
  assert.deepEqual(explanation(options, -1), ["", ""]);
  assert.deepEqual(explanation(options, undefined), ["", ""]);
});

test("stored text that is not valid counts as no answers", () => {
  for (const text of [null, "", "nonsense", "[1]", "3", "null"]) assert.deepEqual(parseAnswers(text), {});
  const stored = { Bins: { prediction: 1, question: "2", other: 3 }, Alpha: null };
  assert.deepEqual(parseAnswers(JSON.stringify(stored)), { Bins: { prediction: 1 }, Alpha: {} });
});

test("answers are stored by lesson, and without storage nothing fails", () => {
  const items = new Map();
  globalThis.localStorage = { getItem: (key) => items.get(key) ?? null, setItem: (key, text) => items.set(key, text) };
  storeAnswer("Bins", "prediction", -1);
  storeAnswer("Bins", "question", 2);
  assert.deepEqual(readAnswers(), { Bins: { prediction: -1, question: 2 } });
  storeAnswer("Bins");
  assert.deepEqual(readAnswers(), {});
  globalThis.localStorage = {
    getItem() {
      throw new Error("refused");
    },
    setItem() {
      throw new Error("refused");
    },
  };
  storeAnswer("Bins", "question", 2);
  assert.deepEqual(readAnswers(), {});
});

test("a point is taken from its step on, and its value is a number, a text or that step", () => {
  const panel = { taken_at: [2, 1], value_name: "gain", frames: [{}, { value: [3.5, 4] }, { value: [1, null] }] };
  assert.deepEqual([0, 1, 2].map((step) => takenAt(panel, 0, step)), [0, 0, 2]);
  assert.equal(takenAt({}, 0, 2), 0);
  assert.deepEqual([valueOf(panel, 0, 0), valueOf(panel, 1, 1), valueOf(panel, 1, 2)], ["", "gain 4.00", "taken at step 1"]);
  assert.equal(valueOf({ frames: [{ value: ["bin 0"] }] }, 0, 0), "bin 0");
});
