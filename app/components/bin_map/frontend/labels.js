// Placement of the bins' labels. Pure functions.
const [HEIGHT, PADDING, CHARACTER] = [20, 18, 6.4]; // CSS pixels
const EDGE = 4;
const STEPS = [0, 1, -1, 2, -2, 3, -3]; // lines by which a label moves aside for another one

export const textWidth = (characters) => CHARACTER * characters + PADDING;

// Width of a label from the size of its bin alone: no label moves when a quota changes.
export function labelWidth(capacityText, isNarrow) {
  const characters = isNarrow ? capacityText.length + 2 : 2 * capacityText.length + 6;
  return textWidth(characters);
}

// Positions of labels that do not overlap, in order of priority; null: the label is hidden, because its place is out of
// sight or because there is no room. `labels` are {x, y, width}: the place in the panel, in CSS pixels.
export function arrangeLabels(labels, panel) {
  const taken = [];
  return labels.map(({ x, y, width }) => {
    const isInSight = x > 0 && y > 0 && x < panel.width && y < panel.height;
    const left = Math.max(EDGE, Math.min(panel.width - width - EDGE, x - width / 2));
    const isFree = (top) =>
      top >= 2 &&
      taken.every((other) => left + width < other.x || other.x + other.width < left || Math.abs(top - other.y) > HEIGHT);
    const top = STEPS.map((n) => y - HEIGHT / 2 + n * (HEIGHT + 1)).find(isFree);
    if (top === undefined) return null;
    taken.push({ x: left, y: top, width }); // also out of sight: labels keep their order while the map moves
    return isInSight ? { x: left, y: top } : null;
  });
}
