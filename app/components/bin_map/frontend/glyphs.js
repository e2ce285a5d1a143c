// Glyphs: shapes as offsets into a buffer of pixels. Drawing a million points with canvas arcs takes seconds, this takes
// milliseconds. Colours are 0xffBBGGRR: the uint32 of an ImageData pixel on a little-endian machine.
export const MARGIN = 10; // pixels around the buffer, so that no glyph needs clipping
export const CLASS_SHAPES = ["disc", "square", "triangle", "cross", "diamond"]; // with eight hues: forty classes

const COVERS = {
  disc: (x, y, r) => x * x + y * y <= r * r,
  square: (x, y, r) => Math.max(Math.abs(x), Math.abs(y)) <= r * 0.88,
  triangle: (x, y, r) => y <= r * 0.85 && y >= 1.8 * Math.abs(x) - r * 1.1,
  cross: (x, y, r) => Math.min(Math.abs(x), Math.abs(y)) <= r * 0.36 && Math.max(Math.abs(x), Math.abs(y)) <= r * 1.1,
  diamond: (x, y, r) => Math.abs(x) + Math.abs(y) <= r * 1.25,
  ring: (x, y, r, width) => x * x + y * y <= r * r && x * x + y * y >= (r - width) ** 2,
};
const SAMPLES = 16; // per pixel, on a grid of 4 x 4

// Offsets into the buffer and, for each, the share of the pixel that the shape covers (0 to 256).
export function makeGlyph(shape, radius, stride, strength = 1, width = 0) {
  const reach = Math.min(MARGIN - 1, Math.ceil(radius * 1.25));
  const [offset, cover] = [[], []];
  for (let dy = -reach; dy <= reach; dy++)
    for (let dx = -reach; dx <= reach; dx++) {
      let hits = 0;
      for (let s = 0; s < SAMPLES; s++)
        if (COVERS[shape](dx + ((s & 3) - 1.5) / 4, dy + ((s >> 2) - 1.5) / 4, radius, width)) hits++;
      if (!hits) continue;
      offset.push(dy * stride + dx);
      cover.push(Math.round(hits * (256 / SAMPLES) * strength));
    }
  return { offset: Int32Array.from(offset), cover: Int32Array.from(cover), length: offset.length };
}

// Mix of two colours; `share` of the upper one is 0 to 256.
export function blend(under, over, share) {
  const odd = ((Math.imul(under & 0xff00ff, 256 - share) + Math.imul(over & 0xff00ff, share)) >>> 8) & 0xff00ff;
  const even = ((Math.imul(under & 0xff00, 256 - share) + Math.imul(over & 0xff00, share)) >>> 8) & 0xff00;
  return (0xff000000 | odd | even) >>> 0;
}

// Several glyphs on top of each other, lowest first. Pixels that the topmost glyph covers fully are written; all other
// pixels are blended layer by layer.
export function stackGlyphs(glyphs) {
  const top = glyphs.at(-1);
  const full = top.offset.filter((_, k) => top.cover[k] >= 256);
  const hidden = new Set(full);
  const edge = [];
  glyphs.forEach(({ offset, cover }, layer) =>
    offset.forEach((place, k) => {
      if (!hidden.has(place)) edge.push([place, cover[k], layer]);
    }),
  );
  return { full, edge };
}

// A stack with one colour per layer, multiplied out: four numbers per blended pixel, which are its offset, the share
// that remains of the colour below, and the share of the new colour in the odd and in the even bytes.
export function makeBrush({ full, edge }, colours) {
  const blended = new Int32Array(4 * edge.length);
  edge.forEach(([place, share, layer], k) => {
    blended[4 * k] = place;
    blended[4 * k + 1] = 256 - share;
    blended[4 * k + 2] = Math.imul(colours[layer] & 0xff00ff, share);
    blended[4 * k + 3] = Math.imul(colours[layer] & 0xff00, share);
  });
  return { full, blended, colour: colours.at(-1) | 0 };
}

// Draw the points from `low` to `high` at their pixels; -1 is outside the buffer.
export function drawPoints(buffer, pixelOf, low, high, { full, blended, colour }) {
  const nBlended = blended.length;
  const nFull = full.length;
  for (let i = low; i < high; i++) {
    const centre = pixelOf[i];
    if (centre < 0) continue;
    for (let k = 0; k < nBlended; k += 4) {
      const pixel = centre + blended[k];
      const under = buffer[pixel];
      const rest = blended[k + 1];
      const odd = ((Math.imul(under & 0xff00ff, rest) + blended[k + 2]) >>> 8) & 0xff00ff;
      const even = ((Math.imul(under & 0xff00, rest) + blended[k + 3]) >>> 8) & 0xff00;
      buffer[pixel] = 0xff000000 | odd | even;
    }
    for (let k = 0; k < nFull; k++) buffer[centre + full[k]] = colour;
  }
}
