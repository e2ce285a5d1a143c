// Synchronisation with the server. A server value never overwrites a user change that the server has not confirmed.
//
// Both sides hold alpha, the bin and the image (row). Each of these values is in one of three states in the browser:
//
// | state   | `pending[name]`      | the user may change it | a server value is | becomes                                |
// |---------|----------------------|------------------------|-------------------|----------------------------------------|
// | in sync | absent               | yes: changed           | adopted if new    | -                                      |
// | changed | Infinity             | yes: stays changed     | ignored           | sent, with the next event              |
// | sent    | serial of the event  | yes: changed           | ignored           | in sync, when `confirmed` >= the serial |
//
// `readView` and `eventValues` in messages.js define the content of a view and of an event.
//
// "New" means: different from the previous server value. Then the server changed it by itself.
//
// | message            | from    | content                                              | when                                     |
// |--------------------|---------|------------------------------------------------------|------------------------------------------|
// | view               | server  | alpha, focus {bin, row}, confirmed, received         | at every rerun of the page               |
// | event              | browser | alpha, focus {bin, row}, lasso, columns, thumbnails, | user input has ended: pointer released,  |
// |                    |         | changed [names], serial                              | no key for 350 ms, or another element is |
// |                    |         |                                                      | used; never while dragging               |
// | remount (no bytes) | browser | what is not confirmed is sent again                  | the page is shown again                  |
//
// `confirmed` is the last event whose changes the server has adopted, also before a remount; `received` is the last event
// that it still has. Streamlit forgets the event of a map that is not on the page.
//
// Everything else (zoom, lasso, pin, colours, tool) belongs to the browser alone; the server reads the lasso.
// An event always holds all values. `changed` names those that the user changed; the others are only the values that
// the browser has last received, and the server must not adopt them.
export const SYNCED = ["alpha", "bin", "row"];

export class Sync {
  // `collect()` returns the values of an event, `send(event)` sends it.
  constructor(state, { collect, send }) {
    Object.assign(this, { state, collect, send });
    this.timer = null;
    this.lastSent = null; // text of the last event
    this.confirmed = 0;
  }

  // Whether the server has confirmed everything.
  get isIdle() {
    return this.timer === null && this.confirmed === this.state.serial;
  }

  markChanged(name) {
    this.state.pending[name] = Infinity;
  }

  // The server's values after a remount are newer than those of the browser, except for values that are not confirmed.
  onRemount() {
    const { state } = this;
    state.serverValues = { row: state.serverValues.row };
  }

  // Whether the server lacks something after a remount: its last event, or a change that was never sent.
  mustResend({ received }) {
    const { serial, pending } = this.state;
    return received < serial || Object.values(pending).includes(Infinity);
  }

  // Adopt the values that the server changed by itself; returns their names.
  applyServer(view) {
    const { state } = this;
    this.confirmed = view.confirmed;
    const adopted = SYNCED.filter((name) => {
      const isNew = view[name] !== state.serverValues[name];
      if (state.pending[name] > view.confirmed) {
        if (isNew) this.lastSent = null; // the server has another value: the user's must be sent even if it was sent before
        return false;
      }
      delete state.pending[name];
      return isNew;
    });
    for (const name of adopted) {
      if (name === "bin" && state.bin !== view.bin) state.hasSpotlight = false;
      state[name] = view[name];
      this.lastSent = null; // the user may return to a value that was sent before
    }
    state.serverValues = { alpha: view.alpha, bin: view.bin, row: view.row };
    return adopted;
  }

  // Send an event after `wait` ms without another call.
  scheduleSend(wait) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.sendNow(), wait);
  }

  // Send the scheduled event now. Nothing is sent if no event is scheduled or if nothing changed since the last one.
  sendNow() {
    if (this.timer === null) return;
    this.cancel();
    const event = this.nextEvent(this.collect());
    if (event) this.send(event);
  }

  cancel() {
    clearTimeout(this.timer);
    this.timer = null;
  }

  nextEvent(values) {
    const { state } = this;
    const text = JSON.stringify(values);
    const isSame = text === this.lastSent;
    if (!isSame) state.serial++;
    const changed = Object.keys(state.pending);
    for (const name of changed) if (state.pending[name] === Infinity) state.pending[name] = state.serial;
    if (isSame) return null;
    this.lastSent = text;
    return { ...values, changed, serial: state.serial };
  }
}
