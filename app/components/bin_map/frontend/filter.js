// The filter of the map: a bit per point, which says whether its image matches. Pure functions.

// Unpack the bits, the lowest of each byte first: 1 for a point that matches.
export function unpackBits(bits, length) {
  return Uint8Array.from({ length }, (_, i) => (bits[i >> 3] >> (i & 7)) & 1);
}

// Number of ones before every position, and in all at the end.
export function countBefore(ones) {
  const before = new Uint32Array(ones.length + 1);
  for (let i = 0; i < ones.length; i++) before[i + 1] = before[i] + ones[i];
  return before;
}

// Number of ones among the selected points: the first `quota[bin]` of each bin.
export function countSelectedOnes(before, start, quota) {
  let count = 0;
  for (let bin = 0; bin < quota.length; bin++) count += before[start[bin] + quota[bin]] - before[start[bin]];
  return count;
}

// Number of ones of every group.
export function countByGroup(ones, levels, nGroups) {
  const counts = Array(nGroups).fill(0);
  levels.forEach((level, i) => (counts[level] += ones[i]));
  return counts;
}

// Position of the next one in a run of `count` positions from `low`, going forward (1) or back (-1) from `from`, which
// may be outside the run; -1: there is none.
export function nextOne(ones, from, direction, low, count) {
  const isInRun = from >= low && from < low + count;
  const beforeFirst = direction > 0 ? -1 : count; // a step forward starts with the first one, a step back with the last
  let position = isInRun ? from - low : beforeFirst;
  for (let n = 0; n < count; n++) {
    position = (position + direction + count) % count;
    if (!ones || ones[low + position]) return low + position;
  }
  return -1;
}
