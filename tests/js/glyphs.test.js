import assert from "node:assert/strict";
import { test } from "node:test";
import * as glyphs from "../../app/components/bin_map/frontend/glyphs.js";
import { makeRandom } from "./random.js";

const STRIDE = 60;
const SHAPES = ["disc", "square", "triangle", "cross", "diamond", "ring"];

// One pixel 0xffBBGGRR below layers of [colour, share of 256], lowest first; each layer rounds down, byte by byte.
function paintLayers(under, layers) {
  return layers.reduce((below, [over, share]) => {
    const bytes = [0, 8, 16].map((bit) => {
      const [low, high] = [(below >>> bit) & 255, (over >>> bit) & 255];
      return Math.floor((low * (256 - share) + high * share) / 256) << bit;
    });
    return (0xff000000 | bytes[0] | bytes[1] | bytes[2]) >>> 0;
  }, under);
}

test("a brush draws the pixels that its layers, drawn one after the other, would draw", () => {
  const random = makeRandom(1);
  const pick = (values) => values[Math.floor(random() * values.length)];
  const colour = () => (0xff000000 | Math.floor(random() * (1 << 24))) >>> 0;
  let [full, blended] = [0, 0];
  for (let run = 0; run < 12; run++) {
    const layers = Array.from({ length: 1 + Math.floor(random() * 3) }, () => ({
      glyph: glyphs.makeGlyph(pick(SHAPES), 0.5 + 6.5 * random(), STRIDE, pick([1, 1, 1, 0.8, 0.28]), 1.5),
      colour: colour(),
    }));
    const before = Array.from({ length: STRIDE * STRIDE }, colour);
    // Some points cover each other, one is outside; the first and the last are not drawn.
    const inner = Array.from({ length: 6 }, () => 20 + Math.floor(14 * random()) + STRIDE * (20 + Math.floor(14 * random())));
    const places = Int32Array.from([700, ...inner, -1, 2500, 900]);
    const buffer = Int32Array.from(before);
    const brush = glyphs.makeBrush(glyphs.stackGlyphs(layers.map((layer) => layer.glyph)), layers.map((layer) => layer.colour));
    glyphs.drawPoints(buffer, places, 1, places.length - 1, brush);
    const expected = before;
    for (const place of places.slice(1, -1)) {
      if (place < 0) continue;
      const pixels = new Map();
      for (const layer of layers)
        layer.glyph.offset.forEach((offset, k) => {
          const at = place + offset;
          pixels.set(at, [...(pixels.get(at) ?? []), [layer.colour, layer.glyph.cover[k]]]);
        });
      for (const [at, over] of pixels) {
        expected[at] = paintLayers(expected[at], over);
        if (over.at(-1)[1] === 256) full++;
        else blended++;
      }
    }
    assert.deepEqual(Array.from(buffer, (pixel) => pixel >>> 0), expected);
  }
  assert.ok(Math.min(full, blended) > 500, "both ways to write a pixel are used");
});

test("every shape is symmetric, covers about its area, and a ring is empty in the middle", () => {
  const radius = 6;
  const cover = (shape, width) => {
    const glyph = glyphs.makeGlyph(shape, radius, STRIDE, 1, width);
    return new Map([...glyph.offset].map((offset, k) => [offset, glyph.cover[k] / 256]));
  };
  const area = (shape, width) => [...cover(shape, width).values()].reduce((sum, each) => sum + each, 0);
  const isNear = (found, expected) => assert.ok(Math.abs(found / expected - 1) < 0.06, `${found} is not ${expected}`);
  isNear(area("disc"), Math.PI * radius ** 2);
  isNear(area("square"), (2 * 0.88 * radius) ** 2);
  isNear(area("diamond"), 2 * (1.25 * radius) ** 2);
  isNear(area("ring", 2), Math.PI * (radius ** 2 - (radius - 2) ** 2));
  assert.equal(cover("ring", 2).has(0), false);
  for (const shape of ["disc", "diamond", "cross", "square"]) {
    assert.equal(cover(shape).get(0), 1);
    for (const [offset, share] of cover(shape)) assert.equal(cover(shape).get(-offset), share);
  }
});

test("blending with 0 and 256 gives one of the colours", () => {
  assert.equal(glyphs.blend(0xff102030, 0xff405060, 0), 0xff102030);
  assert.equal(glyphs.blend(0xff102030, 0xff405060, 256), 0xff405060);
  assert.equal(glyphs.blend(0xff000000, 0xff204060, 128), 0xff102030);
});
