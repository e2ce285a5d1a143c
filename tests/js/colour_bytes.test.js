import assert from "node:assert/strict";
import { test } from "node:test";
import * as colours from "../../app/components/bin_map/frontend/colour_bytes.js";

const luminance = (pixel) => 0.2126 * (pixel & 255) + 0.7152 * ((pixel >> 8) & 255) + 0.0722 * ((pixel >> 16) & 255);

test("a CSS colour is a pixel with red in the lowest byte", () => {
  assert.equal(colours.pixelFromCss("#123456"), 0xff563412);
});

test("higher values have brighter colours in both themes", () => {
  for (const isDark of [false, true]) {
    const ramp = Array.from(colours.makeRamp(isDark), luminance);
    assert.equal(ramp.length, 256);
    for (let n = 8; n < 256; n += 8) assert.ok(ramp[n] > ramp[n - 8], `level ${n}`);
  }
});

test("the ramp leaves out the colours close to the background", () => {
  assert.ok(luminance(colours.makeRamp(false).at(-1)) < luminance(colours.makeRamp(true).at(-1)) - 10, "not the brightest yellow on white");
  assert.ok(luminance(colours.makeRamp(true)[0]) > luminance(colours.makeRamp(false)[0]), "not the darkest violet on black");
});

test("the colour key shows the ramp from low to high", () => {
  const ramp = colours.makeRamp(false);
  const css = colours.rampCss(ramp).split(",");
  const first = `rgb(${ramp[0] & 255} ${(ramp[0] >> 8) & 255} ${(ramp[0] >> 16) & 255})`;
  assert.deepEqual([css.length, css[0]], [16, first]);
});

test("the theme follows the background", () => {
  const light = colours.themePixels("#1c2526", "#ffffff");
  const dark = colours.themePixels("#e4eaea", "#14191a");
  assert.deepEqual([light.isDark, dark.isDark], [false, true]);
  for (const { pixels, isDark } of [light, dark]) {
    const steps = [pixels.background, pixels.neutral, pixels.strong, pixels.added].map(luminance);
    const sorted = [...steps].sort((a, b) => (isDark ? a - b : b - a));
    assert.deepEqual(steps, sorted, "from the background to the text");
  }
});

test("points are coloured by bin, by class or by value", () => {
  const points = { binOf: Uint16Array.from([0, 1]) };
  const given = { points, ramp: ["low", "high"], binPixels: ["red", "blue"], classPixel: (n) => `class ${n}` };
  const colourOf = (column, i) => {
    const { levels, shift, pixels } = colours.pointColours({ ...given, column, sign: "" });
    return pixels[levels[i] >> shift];
  };
  assert.deepEqual([0, 1].map((i) => colourOf(null, i)), ["red", "blue"]);
  const classes = { names: ["a", "b"], values: Uint16Array.from([1, 0]) };
  assert.deepEqual([0, 1].map((i) => colourOf(classes, i)), ["class 1", "class 0"]);
  const values = { values: Uint16Array.from([255, 256]) };
  assert.deepEqual([0, 1].map((i) => colourOf(values, i)), ["low", "high"]);
});

test("a missing value has a colour of its own, which no value has", () => {
  const [ramp, levels] = [colours.makeRamp(false), Uint16Array.from([0, 256, 65535])];
  const points = { binOf: Uint16Array.from([0, 0, 0]) };
  const given = { points, ramp, binPixels: [1], classPixel: () => 1, missingPixel: 7, sign: "s" };
  const found = colours.pointColours({ ...given, column: { values: levels, first: 256 } });
  assert.deepEqual(Array.from(levels, (level) => found.pixels[level >> found.shift]), [7, ramp[1], ramp[255]]);
  assert.equal(colours.pointColours({ ...given, column: { values: levels, first: 0 } }).pixels, ramp);
});
