// Stamps: shapes as offsets into a buffer of pixels. Canvas arcs take seconds for a million points, this takes milliseconds.
const PAD = 10;
const SHAPES = ["disc", "square", "triangle", "cross", "diamond"]; // beside eight hues: forty classes look different

const COVERS = {
  disc: (x, y, r) => x * x + y * y <= r * r,
  square: (x, y, r) => Math.max(Math.abs(x), Math.abs(y)) <= r * 0.88,
  triangle: (x, y, r) => y <= r * 0.85 && y >= 1.8 * Math.abs(x) - r * 1.1,
  cross: (x, y, r) => Math.min(Math.abs(x), Math.abs(y)) <= r * 0.36 && Math.max(Math.abs(x), Math.abs(y)) <= r * 1.1,
  diamond: (x, y, r) => Math.abs(x) + Math.abs(y) <= r * 1.25,
  ring: (x, y, r, width) => x * x + y * y <= r * r && x * x + y * y >= (r - width) ** 2,
};

// A stamp: offsets into the buffer and, for each, how much of the pixel the shape covers (0 to 256).
function makeStamp(shape, radius, stride, strength = 1, width = 0) {
  const reach = Math.min(PAD - 1, Math.ceil(radius * 1.25));
  const offset = [],
    cover = [];
  for (let dy = -reach; dy <= reach; dy++)
    for (let dx = -reach; dx <= reach; dx++) {
      let hit = 0;
      for (let s = 0; s < 16; s++)
        hit += COVERS[shape](dx + ((s & 3) - 1.5) / 4, dy + ((s >> 2) - 1.5) / 4, radius, width) ? 1 : 0;
      if (hit) (offset.push(dy * stride + dx), cover.push(Math.round(hit * 16 * strength)));
    }
  return { offset: Int32Array.from(offset), cover: Int32Array.from(cover), length: offset.length };
}

// Colours are 0xffBBGGRR, as the buffer's uint32 reads on a little-endian machine.
function blend(under, over, share) {
  const odd = ((Math.imul(under & 0xff00ff, 256 - share) + Math.imul(over & 0xff00ff, share)) >>> 8) & 0xff00ff;
  const even = ((Math.imul(under & 0xff00, 256 - share) + Math.imul(over & 0xff00, share)) >>> 8) & 0xff00;
  return (0xff000000 | odd | even) >>> 0;
}

// Stamps laid on each other, lowest first: what the topmost covers fully is written, all else is blended layer by layer.
function makeMould(stamps) {
  const top = stamps.at(-1),
    full = top.offset.filter((_, k) => top.cover[k] >= 256),
    hidden = new Set(full);
  const edge = [];
  stamps.forEach(({ offset, cover }, layer) =>
    offset.forEach((place, k) => hidden.has(place) || edge.push([place, cover[k], layer])),
  );
  return { full, edge };
}

// A mould with a colour a layer, multiplied out: four numbers a blended pixel, which are its place, the share that is left
// of what lies there, and the share of the colour in the odd and in the even bytes.
function makeInk({ full, edge }, colours) {
  const blended = new Int32Array(4 * edge.length);
  edge.forEach(([place, share, layer], k) => {
    blended[4 * k] = place;
    blended[4 * k + 1] = 256 - share;
    blended[4 * k + 2] = Math.imul(colours[layer] & 0xff00ff, share);
    blended[4 * k + 3] = Math.imul(colours[layer] & 0xff00, share);
  });
  return { full, blended, colour: colours.at(-1) | 0 };
}

// Stamp the points from `low` to `high` where `at` says they are.
function stampAll(buffer, at, low, high, { full, blended, colour }) {
  const numbers = blended.length,
    covered = full.length;
  for (let i = low; i < high; i++) {
    const here = at[i];
    if (here < 0) continue;
    for (let k = 0; k < numbers; k += 4) {
      const pixel = here + blended[k],
        under = buffer[pixel],
        left = blended[k + 1];
      const odd = ((Math.imul(under & 0xff00ff, left) + blended[k + 2]) >>> 8) & 0xff00ff;
      const even = ((Math.imul(under & 0xff00, left) + blended[k + 3]) >>> 8) & 0xff00;
      buffer[pixel] = 0xff000000 | odd | even;
    }
    for (let k = 0; k < covered; k++) buffer[here + full[k]] = colour;
  }
}
