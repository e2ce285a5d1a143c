// Bins, quotas and the selection. Points are sorted by (bin, draw position): a bin is a run of points, and a quota
// selects the first points of its run. Pure functions.

// First point of every bin, and the bin of every point.
export function binRuns(capacity) {
  const start = new Uint32Array(capacity.length);
  const binOf = new Uint16Array(capacity.reduce((sum, each) => sum + each, 0));
  let at = 0;
  capacity.forEach((size, bin) => {
    start[bin] = at;
    binOf.fill(bin, at, (at += size));
  });
  return { start, binOf };
}

export function nearestStep(alphas, alpha) {
  const distance = (step) => Math.abs(alphas[step] - alpha);
  return alphas.reduce((best, _, step) => (distance(step) < distance(best) ? step : best), 0);
}

// Quotas of every bin at the first and the last step of alpha, and the smallest and largest over all steps.
export function quotaRanges({ alphas, quota }, nBins) {
  const column = (bin) => alphas.map((_, step) => quota[step * nBins + bin]);
  const columns = Array.from({ length: nBins }, (_, bin) => column(bin));
  return {
    first: columns.map((each) => each[0]),
    last: columns.map((each) => each.at(-1)),
    lowest: columns.map((each) => Math.min(...each)),
    highest: columns.map((each) => Math.max(...each)),
  };
}

export const total = (numbers) => numbers.reduce((sum, each) => sum + each, 0);

// Number of images added to and removed from the selection between two quotas.
export function countChanges(previous, current) {
  let [added, removed] = [0, 0];
  current.forEach((quota, bin) => {
    added += Math.max(0, quota - previous[bin]);
    removed += Math.max(0, previous[bin] - quota);
  });
  return { added, removed };
}

// Part of a bin's run that changed between two quotas, counted from the start of the bin; null if nothing changed.
export function changedRun(previous, current) {
  if (current > previous) return { kind: "added", from: previous, to: current };
  if (current < previous) return { kind: "removed", from: current, to: previous };
  return null;
}

// Points that were added or removed between two quotas and match the filter (`shown`, null: all match), at most `limit`:
// the first of each bin, then the second, ...
export function changedPoints(kind, previous, current, start, limit, shown = null) {
  const runs = Array.from(current, (quota, bin) => ({ start: start[bin], run: changedRun(previous[bin], quota) }));
  const changed = runs.filter(({ run }) => run?.kind === kind);
  const longest = Math.max(0, ...changed.map(({ run }) => run.to - run.from));
  const found = [];
  for (let n = 0; n < longest && found.length < limit; n++)
    for (const { start: first, run } of changed)
      if (run.from + n < run.to && found.length < limit && (!shown || shown[first + run.from + n]))
        found.push(first + run.from + n);
  return found;
}

// Number of selected points among `places`, which are ascending.
export function countSelected(places, start, quota) {
  const before = (point) => {
    let [low, high] = [0, places.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (places[middle] < point) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  return start.reduce((sum, first, bin) => sum + before(first + quota[bin]) - before(first), 0);
}

export function selectedRows(points, quota) {
  const rows = [];
  quota.forEach((size, bin) => rows.push(...points.row.subarray(points.start[bin], points.start[bin] + size)));
  return rows.sort((a, b) => a - b);
}
