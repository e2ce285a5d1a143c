// Hit testing: the point nearest to a pixel, and the points in a polygon. Pure functions.

// Points sorted into square cells of a panel. `pixelOf[i]` is the pixel of point i in a buffer with `stride` pixels per
// line and `margin` pixels on every side; -1: outside.
export function makeGrid(pixelOf, { width, height }, { stride, margin, cell }) {
  const across = Math.ceil(width / cell) + 1;
  const down = Math.ceil(height / cell) + 1;
  const cellOfPixel = new Int32Array(stride * (height + 2 * margin)).fill(-1);
  for (let py = 0; py < height; py++)
    for (let px = 0, p = (py + margin) * stride + margin; px < width; px++, p++)
      cellOfPixel[p] = Math.floor(py / cell) * across + Math.floor(px / cell);
  const first = new Uint32Array(across * down + 1);
  for (let i = 0; i < pixelOf.length; i++) {
    const pixel = pixelOf[i];
    if (pixel >= 0 && cellOfPixel[pixel] >= 0) first[cellOfPixel[pixel] + 1]++;
  }
  for (let c = 1; c < first.length; c++) first[c] += first[c - 1];
  const next = first.slice();
  const members = new Uint32Array(pixelOf.length);
  for (let i = 0; i < pixelOf.length; i++) {
    const pixel = pixelOf[i];
    if (pixel >= 0 && cellOfPixel[pixel] >= 0) members[next[cellOfPixel[pixel]]++] = i;
  }
  return { cell, across, down, first, members };
}

// Nearest point to a pixel of the panel within `reach` pixels for which `accepts(i)` holds; -1: none.
export function nearestPoint(grid, points, transform, [px, py], reach, accepts) {
  const { cell, across, down, first, members } = grid;
  const [x, y] = [(px - transform.left) / transform.scale, (transform.top - py) / transform.scale];
  const [column, row] = [Math.floor(px / cell), Math.floor(py / cell)];
  const rings = Math.ceil(reach / cell);
  let nearest = -1;
  let smallest = (reach / transform.scale) ** 2;
  for (let r = Math.max(0, row - rings); r <= Math.min(down - 1, row + rings); r++)
    for (let c = Math.max(0, column - rings); c <= Math.min(across - 1, column + rings); c++)
      for (let k = first[r * across + c]; k < first[r * across + c + 1]; k++) {
        const i = members[k];
        if (!accepts(i)) continue;
        const distance = (points.x[i] - x) ** 2 + (points.y[i] - y) ** 2;
        if (distance < smallest) [nearest, smallest] = [i, distance];
      }
  return nearest;
}

// Points near point i, nearest first, at most `limit`. `reach` is in data units.
export function neighboursOf(i, { x, y }, reach, limit) {
  const near = [];
  for (let k = 0; k < x.length && near.length < 4000; k++)
    if (Math.abs(x[k] - x[i]) < reach && Math.abs(y[k] - y[i]) < reach)
      near.push([(x[k] - x[i]) ** 2 + (y[k] - y[i]) ** 2, k]);
  near.sort((a, b) => a[0] - b[0]);
  return near.slice(0, limit).map(([, k]) => k);
}

const BANDS = 256;

// Edges of a polygon as [xi, yi, xj, yj] in one array, sorted into horizontal bands: a point meets only the few edges
// that can cross its ray. Horizontal edges are left out, because a horizontal ray never crosses them.
function sortEdges(polygon, low, step) {
  const bands = Array.from({ length: BANDS + 1 }, () => []);
  const bandOf = (y) => Math.max(0, Math.min(BANDS, Math.floor((y - low) / step)));
  polygon.forEach(([xi, yi], n) => {
    const [xj, yj] = polygon[(n + polygon.length - 1) % polygon.length];
    if (yi === yj) return;
    for (let b = bandOf(Math.min(yi, yj)); b <= bandOf(Math.max(yi, yj)); b++) bands[b].push(xi, yi, xj, yj);
  });
  const first = bands.reduce((ends, each) => (ends.push(ends.at(-1) + each.length), ends), [0]);
  return { first, edge: Float64Array.from(bands.flat()) };
}

// Points inside a polygon, ascending (even-odd rule), with the same expression as `polygon.points_in_polygon`, so that
// the browser and the server find the same points.
export function pointsInPolygon(polygon, { x, y, length }) {
  const [xs, ys] = [polygon.map((corner) => corner[0]), polygon.map((corner) => corner[1])];
  const [lowX, highX, low, high] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  const step = (high - low) / BANDS || 1;
  const { first, edge } = sortEdges(polygon, low, step);
  const found = new Uint32Array(length);
  let count = 0;
  for (let i = 0; i < length; i++) {
    const px = x[i];
    const py = y[i];
    if (py < low || py > high || px < lowX || px > highX) continue;
    const band = Math.min(BANDS, Math.floor((py - low) / step));
    let isInside = false;
    for (let e = first[band]; e < first[band + 1]; e += 4) {
      const yi = edge[e + 1];
      const yj = edge[e + 3];
      if (yi > py !== yj > py && px < ((edge[e + 2] - edge[e]) * (py - yi)) / (yj - yi) + edge[e]) isInside = !isInside;
    }
    if (isInside) found[count++] = i;
  }
  return found.slice(0, count);
}
