// Messages with moved points. At most one is on its way, and at most one is sent per PAUSE; the last one is always sent.
//
// The server answers with a scene that has the serial of the message. Points of the server are adopted only when nothing
// is on its way and the user does not drag: otherwise a point would jump back below the pointer.
export const PAUSE = 100; // ms between two messages
const LOST_AFTER = 3000; // ms after which a message without an answer counts as lost

export class PointSync {
  constructor(send, clock = { now: () => performance.now(), wait: (run, ms) => setTimeout(run, ms), stop: (timer) => clearTimeout(timer) }) {
    Object.assign(this, { send, clock, serial: 0, confirmed: 0, pending: null, timer: null, sentAt: -Infinity });
  }

  get isIdle() {
    return this.pending === null && this.confirmed >= this.serial;
  }

  // The user has moved points.
  change(points) {
    this.pending = points;
    this.flush();
  }

  // The server has answered; serials continue after those of an earlier mount.
  answer(serial) {
    this.confirmed = Math.max(this.confirmed, serial);
    this.serial = Math.max(this.serial, serial);
    this.flush();
  }

  flush() {
    if (this.pending === null) return;
    const { clock } = this;
    const isOut = this.confirmed < this.serial;
    const wait = this.sentAt + (isOut ? LOST_AFTER : PAUSE) - clock.now();
    if (wait <= 0) {
      this.serial += 1;
      this.sentAt = clock.now();
      const points = this.pending;
      this.pending = null;
      this.send({ points, serial: this.serial });
      return;
    }
    if (this.timer !== null) clock.stop(this.timer);
    this.timer = clock.wait(() => {
      this.timer = null;
      this.flush();
    }, wait);
  }

  cancel() {
    if (this.timer !== null) this.clock.stop(this.timer);
    this.timer = null;
    this.pending = null;
  }
}
