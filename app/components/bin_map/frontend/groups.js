// Groups of points: a map of groups draws every point in the colour and shape of its group. Pure functions.
import { formatCount, formatLevel } from "./format.js";

const SLICES = 8; // points of a layer are drawn in slices through its groups, so that no group covers all others
const MAX_NAMED = 30; // groups in the name of the canvas

// Points of every group, ascending.
export function membersOf(levels, nGroups) {
  const first = new Uint32Array(nGroups + 1);
  for (const level of levels) first[level + 1]++;
  for (let group = 0; group < nGroups; group++) first[group + 1] += first[group];
  const next = first.slice();
  const members = new Uint32Array(levels.length);
  levels.forEach((level, i) => (members[next[level]++] = i));
  return Array.from({ length: nGroups }, (_, group) => members.subarray(first[group], first[group + 1]));
}

// All points in the order in which they are drawn: a higher layer is drawn above a lower one.
export function paintOrder(members, layers) {
  const order = new Uint32Array(members.reduce((sum, { length }) => sum + length, 0));
  const groupsOf = (layer) => members.filter((_, group) => layers[group] === layer);
  let at = 0;
  for (const layer of [...new Set(layers)].sort((a, b) => a - b))
    for (let slice = 0; slice < SLICES; slice++)
      for (const points of groupsOf(layer)) {
        const [from, to] = [slice, slice + 1].map((n) => Math.floor((points.length * n) / SLICES));
        order.set(points.subarray(from, to), at);
        at += to - from;
      }
  return order;
}

// Names of the hidden groups after a click on a group, or after a double click, which shows this group alone or all.
export function toggleGroup(hidden, name) {
  return hidden.includes(name) ? hidden.filter((other) => other !== name) : [...hidden, name];
}

export function isolateGroup(hidden, name, names) {
  const others = names.filter((other) => other !== name);
  const isAlone = !hidden.includes(name) && others.every((other) => hidden.includes(other));
  return isAlone ? [] : others;
}

// Lines about one point: its group, and its value in every column.
export function describeMember(i, { groups, levels, title, columns }) {
  const { name } = groups[levels[i]];
  return [
    title ? `${title}: ${name}` : name,
    ...columns.map((column) => `${column.label}: ${formatLevel(column, column.values[i])}`),
  ];
}

// Accessible name of the canvas.
export function describeGroups({ groups, counts, noun }) {
  const named = groups.slice(0, MAX_NAMED).map(({ name }, group) => `${name}: ${formatCount(counts[group])}`);
  if (groups.length > MAX_NAMED) named.push(`${formatCount(groups.length - MAX_NAMED)} more groups`);
  const total = counts.reduce((sum, count) => sum + count, 0);
  return `Map of ${formatCount(total)} ${noun}. ${named.join("; ")}.`;
}
