// Thumbnails of the images that were added to or removed from the selection since the pinned state.
import { formatAlpha, formatCount } from "./format.js";
import { addElement } from "./panel.js";
import { changedPoints, countChanges } from "./quotas.js";
import { showThumbnail } from "./thumbnails.js";

const THUMBNAIL = 44; // CSS pixels
const THUMBNAIL_SPACE = 50;
const TITLES = { added: "\u25c6 Came in", removed: "\u25cb Went out" };
const EMPTY = { added: "Move alpha: the images that come in and go out appear here.", removed: "" };

export class ChangeStrips {
  constructor(map) {
    this.map = map;
  }

  show() {
    const { panel, quota, state } = this.map;
    const changes = countChanges(state.pin.quota, quota);
    if (changes.added || changes.removed) panel.find(".strips").classList.add("used"); // keeps its height from now on
    for (const kind of ["added", "removed"]) this.showStrip(kind, changes[kind]);
  }

  // As many images as fit, from all bins in turn.
  showStrip(kind, count) {
    const { map } = this;
    const strip = map.panel.find(`.strip.${kind}`);
    const box = strip.lastElementChild;
    map.wanted[kind] = [];
    box.hidden = !count || !map.display.has_thumbnails;
    const limit = Math.max(4, Math.floor((map.panel.stripWidth - 4) / THUMBNAIL_SPACE));
    const { state, quota, points } = map;
    const shown = box.hidden ? [] : changedPoints(kind, state.pin.quota, quota, points.start, limit, map.filter?.shown);
    map.panel.setText(strip.firstElementChild, count ? this.title(kind, count, shown.length) : EMPTY[kind]);
    if (box.hidden) return;
    while (box.children.length < shown.length) addElement("button", "thumb", box).type = "button";
    const key = [points.key, map.quotas.key, map.theme.isDark, map.availableColumns().length].join();
    [...box.children].forEach((thumbnail, n) => {
      thumbnail.hidden = n >= shown.length;
      if (!thumbnail.hidden) this.fill(thumbnail, shown[n], key, map.wanted[kind]);
    });
  }

  title(kind, count, shown) {
    const since = `since alpha ${formatAlpha(this.map.state.pin.alpha)}`;
    const some = shown && shown < count ? `, ${shown} of them here` : "";
    return `${TITLES[kind]} ${since}: ${formatCount(count)} image${count === 1 ? "" : "s"}${some}`;
  }

  // `key` names everything else that the tooltip depends on.
  fill(thumbnail, point, key, wanted) {
    const { map } = this;
    const row = map.points.row[point];
    if (thumbnail.point !== point || thumbnail.key !== key) {
      Object.assign(thumbnail, { point, key, isShown: false });
      thumbnail.dataset.row = row;
      thumbnail.style.borderBottomColor = map.binColour(map.points.binOf[point]);
      const lines = map.describe(point);
      thumbnail.title = lines.join("\n");
      thumbnail.setAttribute("aria-label", lines.join(", "));
    }
    thumbnail.isShown ||= showThumbnail(thumbnail, map.points.key, row, THUMBNAIL);
    if (!thumbnail.isShown) wanted.push(row);
  }
}
