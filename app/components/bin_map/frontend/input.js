// What hands do: the slider, moving and zooming, lasso and box, hovering, keys, playing. Each changes `map.kept` or the
// view and asks for a frame; the server hears of it through `map.rest()`.
const REST = 350; // ms without a key press before the server is told; a mouse tells when it lets go

class Hands {
  constructor(map) {
    this.map = map;
    this.pointers = new Map();
    this.stop = new AbortController();
    const { panel } = map;
    const on = (target, kinds, act, options = {}) => {
      for (const kind of kinds.split(" ")) target.addEventListener(kind, act, { signal: this.stop.signal, ...options });
    };
    const stage = panel.find("canvas.picture");
    this.canvas = stage;
    on(panel.slider, "input", () => map.setAlpha(Number(panel.slider.value)));
    on(panel.slider, "change", () => map.rest(this.pointers.has("slider") ? 0 : REST));
    // Whoever goes on to something else has rested. A message after the click on another page would call the visitor back.
    on(panel.slider, "blur", () => map.flush());
    on(panel.box, "pointerleave", () => map.flush());
    on(window, "pointerdown", () => map.flush(), { capture: true });
    on(panel.slider, "pointerdown", () => this.pointers.set("slider", null));
    on(panel.slider, "pointerup pointercancel", () => setTimeout(() => this.pointers.delete("slider")));
    on(panel.find(".pin"), "click", () => map.pin());
    on(panel.find(".bins"), "click", (event) => map.chooseBin(event.target.closest("button")?.dataset.bin));
    on(panel.find(".labels"), "click", (event) => map.chooseBin(event.target.closest("button")?.dataset.bin));
    for (const where of [".bins", ".labels"]) {
      on(
        panel.find(where),
        "pointermove", // of the hand: that a bar comes to lie under a resting pointer means nothing
        (event) => event.pointerType === "mouse" && map.peek(event.target.closest("button")?.dataset.bin),
      );
      on(panel.find(where), "pointerleave", () => map.peek());
    }
    on(panel.find(".labels"), "pointerout", (event) => event.relatedTarget?.className !== "label" && map.peek());
    on(panel.find(".strips"), "click", (event) => {
      const thumb = event.target.closest("button");
      map.chooseRow(thumb?.dataset.row);
      thumb?.scrollIntoView({ block: "nearest" }); // the answer comes at the foot of the window: not over the next one
    });
    on(panel.find(".tools"), "click", (event) => this.tool(event.target.dataset));
    on(panel.find(".colour"), "change", (event) => map.setColour(event.target.value));
    on(panel.find(".many"), "change", (event) => map.setMultiples(event.target.checked));
    on(stage, "pointerdown", (event) => this.down(event));
    on(stage, "pointermove", (event) => this.move(event));
    on(stage, "pointerup pointercancel", (event) => this.up(event));
    on(stage, "pointerleave blur", () => map.hover(-1));
    on(stage, "wheel", (event) => this.wheel(event), { passive: false });
    on(stage, "keydown", (event) => this.key(event));
    on(stage, "dblclick", (event) => this.zoomAt(2, ...this.pixel(event)));
    on(panel.find(".start"), "click", () => map.player.toggle());
    on(panel.find(".run"), "click", () => map.player.pause());
    on(panel.find(".scrub input"), "input", (event) => map.player.scrub(Number(event.target.value)));
    on(panel.find(".speed"), "change", (event) => (map.player.speed = Number(event.target.value)));
  }

  pixel(event) {
    const box = this.canvas.getBoundingClientRect();
    const ratio = this.map.picture.ratio;
    return [(event.clientX - box.left) * ratio, (event.clientY - box.top) * ratio];
  }

  tool({ tool, do: act }) {
    const { map } = this;
    if (tool) map.setTool(tool);
    const { width, height } = map.picture.panel;
    if (act === "in" || act === "out") this.zoomAt(act === "in" ? 1.6 : 1 / 1.6, width / 2, height / 2);
    if (act === "fit") map.setView({ x: 0.5, y: 0.5, zoom: 1 });
    if (act === "clear") map.setPolygon(null);
    if (act === "seen") map.setPolygon(map.boxOf(0, 0, width - 1, height - 1));
  }

  down(event) {
    const { map } = this;
    this.canvas.focus({ preventScroll: true });
    this.canvas.setPointerCapture(event.pointerId);
    const [x, y] = this.pixel(event);
    this.pointers.set(event.pointerId, [x, y]);
    this.travelled = 0;
    const tool = event.shiftKey ? "lasso" : map.kept.tool;
    if (this.pointers.size > 1)
      this.path = null; // two fingers zoom whatever the tool is
    else if (tool !== "move") this.path = { tool, corners: [[x, y]], panel: map.picture.dataAt(x, y).panel };
    map.hover(-1);
  }

  move(event) {
    const { map } = this;
    const [x, y] = this.pixel(event);
    const before = this.pointers.get(event.pointerId);
    if (!before) {
      if (event.pointerType === "mouse") map.hoverAt(x, y);
      return;
    }
    this.travelled += Math.hypot(x - before[0], y - before[1]);
    if (this.pointers.size > 1) this.pinch(event.pointerId, [x, y]);
    else if (this.path) this.extend(x, y);
    else map.moveBy(x - before[0], y - before[1]);
    this.pointers.set(event.pointerId, [x, y]);
  }

  pinch(id, [x, y]) {
    const [ox, oy] = [...this.pointers].find(([other]) => other !== id && other !== "slider")[1];
    const [bx, by] = this.pointers.get(id);
    const factor = Math.hypot(x - ox, y - oy) / Math.max(1, Math.hypot(bx - ox, by - oy));
    this.zoomAt(factor, (x + ox) / 2, (y + oy) / 2);
  }

  extend(x, y) {
    const { path, map } = this;
    const [lastX, lastY] = path.corners.at(-1);
    if (path.tool === "box") {
      const [x0, y0] = path.corners[0];
      path.corners = [
        [x0, y0],
        [x, y0],
        [x, y],
        [x0, y],
      ];
    } else if (Math.hypot(x - lastX, y - lastY) > 3 * map.picture.ratio) path.corners.push([x, y]);
    map.drawOver(path);
  }

  up(event) {
    this.end(event);
    if (this.map.waits) this.map.arrived();
  }

  end(event) {
    const { map } = this;
    const [x, y] = this.pixel(event);
    const { path } = this;
    this.path = null;
    if (!this.pointers.delete(event.pointerId) || event.type === "pointercancel") return map.drawOver();
    if (this.travelled < 4 * map.picture.ratio) return map.clickAt(x, y, event.pointerType);
    if (path && path.corners.length > 2) {
      const places = path.corners.map(([cx, cy]) => map.inPanel(cx, cy, path.panel));
      map.setPolygon(thin(places, 400));
    }
  }

  // The wheel scrolls the page until somebody has touched the map: a map that traps the wheel is a trap.
  wheel(event) {
    const focused = this.map.panel.root.activeElement === this.canvas;
    if (!focused && !event.ctrlKey && !event.metaKey)
      return this.map.hint("Click the map, or hold Ctrl, to zoom with the wheel");
    event.preventDefault();
    this.zoomAt(Math.exp(-event.deltaY * (event.deltaMode ? 0.05 : 0.0015)), ...this.pixel(event));
  }

  zoomAt(factor, cx, cy) {
    const { map } = this;
    const [px, py] = map.picture.inOwnPanel(cx, cy);
    map.zoomBy(factor, px, py);
  }

  key(event) {
    const { map } = this;
    const { width, height } = map.picture.panel;
    const step = { ArrowLeft: [1, 0], ArrowRight: [-1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
    if (step) map.moveBy((step[0] * width) / 10, (step[1] * height) / 10);
    else if (event.key === "+" || event.key === "=") this.zoomAt(1.6, width / 2, height / 2);
    else if (event.key === "-") this.zoomAt(1 / 1.6, width / 2, height / 2);
    else if (event.key === "0") map.setView({ x: 0.5, y: 0.5, zoom: 1 });
    else if (event.key === "Escape") map.setPolygon(null);
    else if (event.key === "n" || event.key === "p") map.walk(event.key === "n" ? 1 : -1);
    else if (event.key === "Enter" && map.hovered >= 0) map.chooseRow(map.points.row[map.hovered]);
    else return;
    event.preventDefault();
  }
}

// Every k-th corner, so that at most `most` are left; the polygon that is shown, counted and sent is this one.
function thin(corners, most) {
  const step = Math.ceil(corners.length / most);
  return corners.filter((_, n) => n % step === 0);
}

// The greedy's order, bin after bin, with the gain of the images as they are taken.
class Player {
  constructor(map) {
    this.map = map;
    this.speed = 1;
    this.taken = null; // null: not playing, alpha rules
    this.going = false;
  }

  toggle() {
    this.taken = this.taken === null ? 0 : null;
    this.going = this.taken !== null;
    this.map.needColumns(["order", "gain"]);
    this.show();
    this.step();
  }

  pause() {
    const end = this.taken >= this.map.points.length;
    this.going = end || !this.going;
    if (end) this.taken = 0;
    this.show();
    this.step();
  }

  scrub(taken) {
    this.taken = taken;
    this.going = false;
    this.show();
  }

  step() {
    if (!this.going) return;
    cancelAnimationFrame(this.frame);
    this.before = performance.now();
    const tick = (now) => {
      const { points } = this.map;
      if (!this.going) return;
      if (this.map.order) this.taken += (this.speed * points.length * (now - this.before)) / 24000; // all in 24 s
      this.before = now;
      if (this.taken >= points.length) [this.taken, this.going] = [points.length, false];
      this.show();
      this.frame = requestAnimationFrame(tick);
    };
    this.frame = requestAnimationFrame(tick);
  }

  show() {
    const { map } = this;
    const { panel, points } = map;
    const open = this.taken !== null;
    panel.find(".player").hidden = !open;
    panel.find(".strips").hidden = open;
    panel.find(".start").setAttribute("aria-pressed", String(open));
    panel.say(panel.find(".start"), open ? "Back to the choice" : "Play the greedy's order");
    if (open) {
      const scrub = panel.find(".scrub input");
      scrub.max = points.length;
      scrub.value = Math.floor(this.taken);
      const bin = Math.min(points.length - 1, Math.floor(this.taken));
      panel.say(
        panel.find(".scrub span"),
        `${count(Math.floor(this.taken))} taken, filling ${map.told.word} ${points.binOf[bin]}`,
      );
      panel.say(panel.find(".run"), this.going ? "Pause" : this.taken >= points.length ? "Again" : "Go on");
      this.drawGain();
    }
    map.ask();
  }

  // Mean gain of the images in each pixel column, up to where the order has got; a line where a bin begins.
  drawGain() {
    const { map } = this;
    const canvas = map.panel.find(".gain"),
      gain = map.columnOf("gain"),
      { order, points } = map;
    const [width, height] = [canvas.clientWidth, canvas.clientHeight];
    if (canvas.width !== width || canvas.height !== height) [canvas.width, canvas.height] = [width, height];
    const pen = canvas.getContext("2d");
    pen.clearRect(0, 0, width, height);
    if (!gain || !order || !width) return;
    if (this.lineFor !== `${gain.key}/${width}`) {
      this.line = Float64Array.from({ length: width }, (_, x) => {
        const from = Math.floor((x * order.length) / width),
          to = Math.max(from + 1, Math.floor(((x + 1) * order.length) / width));
        let sum = 0;
        for (let k = from; k < to; k++) sum += gain.values[order[k]];
        return sum / (to - from) / 65535;
      });
      this.lineFor = `${gain.key}/${width}`;
    }
    const end = (this.taken / order.length) * width;
    for (const [from, to, alpha] of [
      [0, end, 1],
      [end, width, 0.25],
    ]) {
      pen.globalAlpha = alpha;
      pen.beginPath();
      for (let x = Math.floor(from); x < Math.min(width, to + 1); x++)
        pen.lineTo(x, height - 4 - this.line[x] * (height - 8));
      pen.strokeStyle = map.css.text;
      pen.lineWidth = 1.5;
      pen.stroke();
    }
    pen.globalAlpha = 1;
    points.start.forEach((start, bin) => {
      pen.fillStyle = map.binColour(bin);
      pen.fillRect((start / order.length) * width, height - 3, (points.capacity[bin] / order.length) * width - 1, 3);
    });
    pen.fillStyle = map.css.text;
    pen.fillRect(end, 0, 1, height);
    pen.font = `12px ${map.css.font}`;
    pen.fillText(
      `gain ${told(gain, gain.low + this.line[Math.min(width - 1, Math.floor(end))] * (gain.high - gain.low))}`,
      Math.min(end + 6, width - 90),
      13,
    );
  }
}
