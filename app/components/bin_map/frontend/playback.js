// Playback of the greedy order, bin after bin, with the gain of the images.
import { formatCount, formatLevel } from "./format.js";

const DURATION = 24000; // ms for all images at speed 1
const MAX_LEVEL = 65535;

export class Player {
  constructor(map) {
    this.map = map;
    this.speed = 1;
    this.taken = null; // number of images taken; null: not playing, alpha decides
    this.isRunning = false;
  }

  toggle() {
    this.taken = this.taken === null ? 0 : null;
    this.isRunning = this.taken !== null;
    this.map.actions.requestColumns(["order", "gain"]);
    this.show();
    this.run();
  }

  pause() {
    const isAtEnd = this.taken >= this.map.points.length;
    this.isRunning = isAtEnd || !this.isRunning;
    if (isAtEnd) this.taken = 0;
    this.show();
    this.run();
  }

  seek(taken) {
    this.taken = taken;
    this.isRunning = false;
    this.show();
  }

  run() {
    if (!this.isRunning) return;
    cancelAnimationFrame(this.frame);
    this.lastTime = performance.now();
    const tick = (now) => {
      if (!this.isRunning) return;
      this.advance(now);
      this.show();
      this.frame = requestAnimationFrame(tick);
    };
    this.frame = requestAnimationFrame(tick);
  }

  advance(now) {
    const { length } = this.map.points;
    if (this.map.order) this.taken += (this.speed * length * (now - this.lastTime)) / DURATION;
    this.lastTime = now;
    if (this.taken >= length) [this.taken, this.isRunning] = [length, false];
  }

  show() {
    const { panel } = this.map;
    const isOpen = this.taken !== null;
    panel.find(".player").hidden = !isOpen;
    panel.find(".strips").hidden = isOpen;
    panel.find(".start").setAttribute("aria-pressed", String(isOpen));
    panel.setText(panel.find(".start"), isOpen ? "Back to the selection" : "Play the greedy order");
    if (isOpen) this.showProgress();
    this.map.requestDraw();
  }

  showProgress() {
    const { panel, points, display } = this.map;
    const taken = Math.floor(this.taken);
    const slider = panel.find(".scrub input");
    slider.max = points.length;
    slider.value = taken;
    const bin = points.binOf[Math.min(points.length - 1, taken)];
    panel.setText(panel.find(".scrub span"), `${formatCount(taken)} taken, filling ${display.bin_word} ${bin}`);
    const next = this.taken >= points.length ? "Again" : "Continue";
    panel.setText(panel.find(".run"), this.isRunning ? "Pause" : next);
    this.drawGain();
  }

  // Mean gain of the images in each pixel column, in levels from 0 to 1.
  gainCurve(gain, width) {
    const { order } = this.map;
    const key = `${gain.key}/${width}`;
    if (this.curveKey !== key) {
      this.curveKey = key;
      this.curve = Float64Array.from({ length: width }, (_, x) => {
        const from = Math.floor((x * order.length) / width);
        const to = Math.max(from + 1, Math.floor(((x + 1) * order.length) / width));
        let sum = 0;
        for (let k = from; k < to; k++) sum += gain.values[order[k]];
        return sum / (to - from) / MAX_LEVEL;
      });
    }
    return this.curve;
  }

  // The gain as a curve, bright up to the current image, with a bar in the colour of every bin.
  drawGain() {
    const { map } = this;
    const canvas = map.panel.find(".gain");
    const gain = map.columnOf("gain");
    const [width, height] = [canvas.clientWidth, canvas.clientHeight];
    if (canvas.width !== width || canvas.height !== height) [canvas.width, canvas.height] = [width, height];
    const pen = canvas.getContext("2d");
    pen.clearRect(0, 0, width, height);
    if (!gain || !map.order || !width) return;
    const curve = this.gainCurve(gain, width);
    const end = (this.taken / map.order.length) * width;
    this.drawCurve(pen, curve, height, end);
    this.drawBins(pen, width, height);
    pen.fillStyle = map.theme.css.text;
    pen.fillRect(end, 0, 1, height);
    pen.font = `12px ${map.theme.css.font}`;
    const level = curve[Math.min(width - 1, Math.floor(end))] * MAX_LEVEL;
    pen.fillText(`gain ${formatLevel(gain, level)}`, Math.min(end + 6, width - 90), 13);
  }

  drawCurve(pen, curve, height, end) {
    const parts = [[0, end, 1], [end, curve.length, 0.25]];
    pen.strokeStyle = this.map.theme.css.text;
    pen.lineWidth = 1.5;
    for (const [from, to, opacity] of parts) {
      pen.globalAlpha = opacity;
      pen.beginPath();
      for (let x = Math.floor(from); x < Math.min(curve.length, to + 1); x++)
        pen.lineTo(x, height - 4 - curve[x] * (height - 8));
      pen.stroke();
    }
    pen.globalAlpha = 1;
  }

  drawBins(pen, width, height) {
    const { points } = this.map;
    const scale = width / points.length;
    points.start.forEach((start, bin) => {
      pen.fillStyle = this.map.binColour(bin);
      pen.fillRect(start * scale, height - 3, points.capacity[bin] * scale - 1, 3);
    });
  }
}
