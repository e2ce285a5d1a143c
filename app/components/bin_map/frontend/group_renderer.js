// The renderer of the map of groups.
import { drawPoints, makeBrush, MARGIN } from "./glyphs.js";
import { Renderer } from "./renderer.js";

export class GroupRenderer extends Renderer {
  // Draw all points in the colours and shapes of their groups, in this order. `groups` are {colour, shape, size}; null: a
  // hidden group. `levels[i]` is the group of point i.
  paint({ groups, levels, order, theme }) {
    const { size, strength, halo } = this.brightStyle(1);
    const { background } = theme;
    const brushOf = ({ colour, shape, size: scale }) => {
      const below = halo ? [["disc", size * scale + halo, 0.8 * strength]] : [];
      const stack = this.stack([...below, [shape, Math.min(MARGIN - 2, size * scale), strength]]);
      return this.cached(["group", shape, scale, colour, background], () =>
        makeBrush(stack, [...below.map(() => background), colour]),
      );
    };
    const brushes = groups.map((group) => group && brushOf(group));
    if (this.shown) this.tint(theme);
    if (this.shown) this.buffer.set(this.grey);
    else this.buffer.fill(background | 0);
    for (const i of order) {
      const brush = brushes[levels[i]];
      if (brush) drawPoints(this.buffer, this.shownPixelOf, i, i + 1, brush);
    }
    this.putPanel(0);
  }
}
