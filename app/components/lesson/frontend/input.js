// Input on a picture: drag with a pointer; select, move, add and delete with keys.
import { allowed, cellAt, nextCell, nudged } from "./geometry.js";

export class Input {
  constructor(lesson, picture) {
    Object.assign(this, { lesson, picture, dragged: -1 });
    const { svg } = picture;
    svg.addEventListener("pointerdown", (event) => this.press(event));
    svg.addEventListener("pointermove", (event) => this.move(event));
    svg.addEventListener("pointerup", () => this.release());
    svg.addEventListener("pointercancel", () => this.release());
    svg.addEventListener("dblclick", (event) => this.addAt(event));
    svg.addEventListener("keydown", (event) => this.pressKey(event));
    // A finger that begins on a point drags it; anywhere else it scrolls the page.
    const keep = (event) => this.dragged >= 0 && event.preventDefault();
    svg.addEventListener("touchstart", keep, { passive: false });
    svg.addEventListener("touchmove", keep, { passive: false });
  }

  press(event) {
    const { lesson, picture } = this;
    if (lesson.isLocked || event.button > 0) return;
    if (lesson.scene.columns) {
      this.pointAtCell(event);
      return;
    }
    this.dragged = picture.pointAt(event, lesson.points);
    lesson.select(this.dragged);
    if (this.dragged < 0) return;
    picture.svg.setPointerCapture(event.pointerId);
    lesson.isDragging = true;
  }

  move(event) {
    const { lesson, picture } = this;
    if (lesson.scene.columns && event.pointerType === "mouse") this.pointAtCell(event);
    if (this.dragged < 0) {
      if (event.pointerType !== "mouse" || lesson.isLocked) return;
      const index = picture.pointAt(event, lesson.points);
      picture.svg.style.cursor = index >= 0 ? "grab" : "";
      lesson.hover(index);
      return;
    }
    this.moveTo(this.dragged, picture.positionOf(event));
  }

  pointAtCell(event) {
    const { lesson, picture } = this;
    const { columns } = lesson.scene;
    if (!lesson.isLocked) lesson.setCell(cellAt(picture.positionOf(event), columns, columns));
  }

  moveTo(index, position) {
    const { lesson } = this;
    lesson.movePoint(index, allowed(lesson.limits, position, lesson.points[index]));
  }

  release() {
    this.dragged = -1;
    this.lesson.isDragging = false;
  }

  addAt(event) {
    const { lesson, picture } = this;
    if (picture.panel.has_points && picture.pointAt(event, lesson.points) < 0) lesson.addPoint(picture.positionOf(event));
  }

  // What a key does; undefined for a key without an action.
  actionOf(key) {
    const { lesson } = this;
    const { selected, points } = lesson;
    const { columns } = lesson.scene;
    if (columns) {
      const cell = nextCell(key, lesson.cell ?? [columns >> 1, columns >> 1], columns, columns);
      return cell ? () => lesson.setCell(cell) : undefined;
    }
    const moved = selected >= 0 ? nudged(lesson.limits, key, points[selected]) : null;
    if (moved) return () => lesson.movePoint(selected, moved);
    return {
      n: () => lesson.select((selected + 1) % points.length),
      p: () => lesson.select((selected <= 0 ? points.length : selected) - 1),
      a: () => lesson.addPoint(),
      Delete: () => lesson.deletePoint(),
      Backspace: () => lesson.deletePoint(),
      Escape: () => lesson.select(-1),
    }[key];
  }

  pressKey(event) {
    const { lesson, picture } = this;
    const isActive = picture.panel.has_points || lesson.scene.columns > 0;
    if (lesson.isLocked || !isActive || event.ctrlKey || event.metaKey || event.altKey) return;
    const action = this.actionOf(event.key.length === 1 ? event.key.toLowerCase() : event.key);
    if (!action) return;
    action();
    event.preventDefault();
    event.stopPropagation();
  }
}
