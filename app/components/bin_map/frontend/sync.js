// Between the map and the server: what the hand did is told when it rests, and what the server says never takes back
// what it has not heard of yet.
Object.assign(BinMap.prototype, {
  // A hand changed this: it wins over the server until the server has heard the message that tells it.
  touch(name) {
    this.kept.touched[name] = Infinity;
  },

  // Mounted again: what was told before is in what the server says, now or in a moment, and may have changed elsewhere.
  comeBack() {
    const { kept } = this;
    for (const name of Object.keys(kept.touched)) if (kept.touched[name] < Infinity) delete kept.touched[name];
    kept.last = { row: kept.last.row };
  },

  // Take over what the server changed by itself.
  follow() {
    const { kept, said: told } = this;
    for (const name of ["alpha", "bin", "row"]) {
      if (kept.touched[name] > told.heard) continue;
      delete kept.touched[name];
      if (told[name] === kept.last[name]) continue;
      if (name === "bin" && kept.bin !== told.bin) kept.spot = false;
      kept[name] = told[name];
      this.lastTold = null; // the hand may want back what it told before
    }
    kept.last = told;
    if (!kept.pin || kept.pin.auto) kept.pin = { alpha: kept.pin?.alpha ?? kept.alpha, auto: true };
    if (kept.pin.auto) kept.pin.quota = Array.from(this.quotaAt(kept.pin.alpha));
    this.panel.slider.value = this.stepOf(kept.alpha);
  },

  // Tell the server once the hand rests.
  rest(wait) {
    clearTimeout(this.resting);
    this.resting = setTimeout(() => this.flush(), wait);
  },

  // One message with everything, with the names of what the hand changed, and a serial that the server echoes.
  flush() {
    if (!this.resting) return;
    clearTimeout(this.resting);
    this.resting = null;
    const { kept, wanted } = this;
    const wants = [...new Set([...wanted.near, ...wanted.came, ...wanted.left])]
      .filter((row) => !thumbnails.has(`${this.points.key}/${row}`))
      .slice(0, 96);
    const state = {
      alpha: this.alpha,
      bin: kept.bin,
      row: kept.row,
      polygon: kept.polygon,
      ground: kept.drawnOn,
      colour: kept.colour === "bin" ? null : kept.colour,
      multiples: kept.multiples || null,
      columns: kept.columns.length ? kept.columns : null,
      wants: wants.length ? wants : null,
      pin: kept.pin?.auto === false ? { alpha: kept.pin.alpha, quota: kept.pin.quota } : null,
    };
    for (const name of Object.keys(state)) if (state[name] === null) delete state[name]; // what is not said is as it was at first
    const said = JSON.stringify(state);
    const same = said === this.lastTold;
    if (!same) kept.serial++;
    const hand = Object.keys(kept.touched);
    for (const name of hand) if (kept.touched[name] === Infinity) kept.touched[name] = kept.serial;
    if (same) return;
    this.lastTold = said;
    this.tell("rest", { ...state, hand, serial: kept.serial });
    this.describeAll();
  },
});
