// Everything of the map that is not pixels: slider, counts, bars, labels, thumbnails, colour key. Texts that come from
// the data are set as text, never as HTML.
const FRAME = `
<section class="adq" aria-label="Map of the images">
  <div class="top">
    <label class="alpha"><span class="name">alpha <output></output></span>
      <span class="track"><input type="range" min="0" step="1" aria-label="alpha"><i class="was" hidden></i></span>
      <span class="ends"><span>0: by bin size</span><span>by importance: 1</span></span></label>
    <div class="counts"><p class="kept"></p><p class="moved"></p></div>
    <button type="button" class="pin" aria-pressed="false"></button>
  </div>
  <div class="body">
    <div class="stage">
      <canvas class="picture" tabindex="0" role="img"></canvas><canvas class="over"></canvas><div class="labels"></div>
      <div class="tools" role="toolbar" aria-label="Map tools">
        <button type="button" data-tool="move" title="Move the map (drag); click selects an image">Move</button>
        <button type="button" data-tool="lasso" title="Draw round images to select them">Lasso</button>
        <button type="button" data-tool="box" title="Draw a box to select images">Box</button>
        <button type="button" data-do="in" aria-label="Zoom in" title="Zoom in (+)">+</button>
        <button type="button" data-do="out" aria-label="Zoom out" title="Zoom out (-)">&minus;</button>
        <button type="button" data-do="fit" title="Show all (0)">Fit</button>
        <button type="button" data-do="seen" title="Select all images in sight">All in sight</button>
        <button type="button" data-do="clear" title="Clear the selection (Escape)" hidden>Clear</button>
      </div>
      <div class="tip" hidden><i></i><p></p></div><p class="hint" hidden></p><p class="picked" hidden></p>
    </div>
    <div class="side"><p class="scale"></p><ol class="bins"></ol></div>
  </div>
  <div class="strips">
    <div class="strip came"><p></p><div></div></div><div class="strip left"><p></p><div></div></div>
  </div>
  <div class="player" hidden>
    <button type="button" class="run">Pause</button>
    <label class="scrub"><span></span><input type="range" min="0" step="1" aria-label="Images taken"></label>
    <label>Speed <select class="speed"><option value="0.25">1/4</option><option value="1" selected>1</option>
      <option value="4">4</option></select></label>
    <canvas class="gain"></canvas>
  </div>
  <div class="options">
    <label>Colour by <select class="colour"></select></label>
    <label><input type="checkbox" class="many"> <span></span></label>
    <button type="button" class="start" aria-pressed="false">Play the greedy's order</button>
    <div class="key"></div>
  </div>
  <p class="matters"></p><p class="sr" aria-live="polite"></p>
</section>`;

function make(tag, name, parent) {
  const made = document.createElement(tag);
  if (name) made.className = name;
  return parent ? parent.appendChild(made) : made;
}

class Panel {
  constructor(root) {
    this.root = root;
    const style = make("style", "", root);
    style.textContent = STYLE;
    const box = make("div", "", root);
    box.innerHTML = FRAME;
    this.box = box;
    const found = new Map(); // FRAME's elements stay
    this.find = (selector) => found.get(selector) ?? found.set(selector, box.querySelector(selector)).get(selector);
    this.slider = this.find(".alpha input");
    this.stage = this.find(".stage");
    this.texts = new Map();
  }

  // Setting a text only where it differs keeps a step of the slider cheap.
  say(element, text) {
    if (this.texts.get(element) === text) return;
    this.texts.set(element, text);
    if (element.firstChild?.nodeType === Node.TEXT_NODE) element.firstChild.data = text;
    else element.textContent = text;
  }

  // Make the bars and labels anew where other quotas or colours have come; whether that was so.
  makeBins(map) {
    const { points, told } = map;
    const sign = [points.key, map.quotas.key, told.word, map.dark].join();
    if (this.binsFor === sign) return false;
    this.binsFor = sign;
    const list = this.find(".bins"),
      labels = this.find(".labels");
    const focused = [...list.children].findIndex((row) => row.contains(this.root.activeElement));
    [list.textContent, labels.textContent] = ["", ""];
    const { lowest, highest, first, last } = map.quotas;
    const most = Math.max(1, ...highest);
    this.bins = Array.from(points.capacity, (capacity, bin) => {
      const button = make("button", "", make("li", "", list));
      button.type = "button";
      button.dataset.bin = bin;
      const swatch = make("i", "swatch", button);
      swatch.style.background = map.binColour(bin);
      make("span", "name", button).textContent = `${told.word} ${bin}`;
      const bar = make("span", "bar", button);
      const fill = make("i", "fill", bar);
      fill.style.background = map.binColour(bin);
      const was = make("i", "was", bar),
        range = make("i", "range", bar),
        used = make("i", "used", bar);
      range.style.left = `${(100 * lowest[bin]) / most}%`;
      range.style.width = `${(100 * (highest[bin] - lowest[bin])) / most}%`;
      const numbers = make("span", "numbers", button),
        trend = make("span", "trend", button);
      const grows = Math.sign(last[bin] - first[bin]);
      trend.textContent = ["\u25bc", "\u2013", "\u25b2"][grows + 1];
      const words = ["shrinks when alpha rises", "is the same at both ends of alpha", "grows when alpha rises"][
        grows + 1
      ];
      trend.title = `${told.word} ${bin} ${words}: ${count(first[bin])} to ${count(last[bin])} images`;
      make("span", "sr", button).textContent = `, ${words}`;
      const label = make("button", "label", labels);
      label.type = "button";
      label.tabIndex = -1; // the bars' buttons do the same and are in the tab order
      label.dataset.bin = bin;
      label.style.setProperty("--bin", map.binColour(bin));
      const title = make("b", "", label),
        tells = make("span", "", label);
      return { button, fill, was, used, numbers, label, title, tells, capacity, most };
    });
    if (focused >= 0) list.children[Math.min(focused, list.children.length - 1)]?.firstChild.focus();
    this.say(
      this.find(".scale"),
      "\u25b2 gives more when alpha rises, \u25bc fewer.\nBar: quota; line: over all alpha; below: bin\u2019s share.",
    );
    return true;
  }

  // All that follows alpha.
  showQuotas(map) {
    const { quota, kept } = map;
    let all = 0,
      came = 0,
      left = 0;
    const look = `${this.narrow}/${kept.multiples}`;
    this.bins.forEach((row, bin) => {
      const take = quota[bin];
      all += take;
      const was = kept.pin ? kept.pin.quota[bin] : take;
      came += Math.max(0, take - was);
      left += Math.max(0, was - take);
      if (row.take === take && row.since === was && row.look === look) return;
      Object.assign(row, { take, since: was, look });
      row.fill.style.transform = `scaleX(${take / row.most})`;
      row.used.style.transform = `scaleX(${take / Math.max(1, row.capacity)})`;
      row.was.style.left = `${Math.min(100, (100 * was) / row.most)}%`;
      const change = take === was ? "" : ` (${take > was ? "+" : "\u2212"}${count(Math.abs(take - was))})`;
      this.say(row.numbers, `${count(take)} of ${count(row.capacity)}${change}`);
      this.say(row.title, map.kept.multiples ? `${map.told.word} ${bin}` : bin);
      this.say(row.tells, this.narrow ? count(take) : `${count(take)} of ${count(row.capacity)}`);
    });
    const alpha = inWords(map.alpha);
    this.say(this.find("output"), alpha);
    this.slider.setAttribute("aria-valuetext", `${alpha}, ${count(all)} images chosen`);
    const total = map.points.length;
    this.say(this.find(".kept"), `${count(all)} of ${count(total)} chosen`);
    const since = kept.pin ? `since alpha ${inWords(kept.pin.alpha)}` : "";
    const pinned =
      kept.pin && !kept.pin.auto ? `pinned at ${inWords(kept.pin.alpha)}` : "move alpha to see what changes";
    const moved = came || left ? `+${count(came)} in, \u2212${count(left)} out ${since}` : pinned;
    this.say(this.find(".moved"), moved);
    if (came || left) this.find(".strips").classList.add("used"); // from now on they keep their height
    const pin = this.find(".pin");
    const here = kept.pin && !kept.pin.auto && !came && !left;
    this.say(pin, here ? "Unpin" : "Pin this state");
    pin.setAttribute("aria-pressed", String(Boolean(kept.pin && !kept.pin.auto)));
    const mark = this.find(".track .was");
    mark.hidden = !kept.pin;
    const steps = Math.max(1, map.quotas.alphas.length - 1);
    if (kept.pin) mark.style.left = `calc(8px + (100% - 16px) * ${map.stepOf(kept.pin.alpha) / steps})`;
    this.strip(map, "came", came, since);
    this.strip(map, "left", left, since);
  }

  // The images that came in or went out, as many as fit, from all bins in turn.
  strip(map, which, many, since) {
    const strip = this.find(`.strip.${which}`);
    const box = strip.lastElementChild;
    map.wanted[which] = [];
    const word = which === "came" ? "\u25c6 Came in" : "\u25cb Went out";
    const none = which === "came" ? "Move alpha: the images that come in and go out appear here." : "";
    box.hidden = !many || !map.told.pictures;
    const places = box.hidden ? [] : map.moved(which, Math.max(4, Math.floor((this.width - 4) / 50)));
    const some = places.length && places.length < many ? `, ${places.length} of them here` : "";
    const told = `${word} ${since}: ${count(many)} image${many === 1 ? "" : "s"}${some}`;
    this.say(strip.firstElementChild, many ? told : none);
    if (box.hidden) return;
    while (box.children.length < places.length) make("button", "thumb", box).type = "button";
    const look = [map.points.key, map.quotas.key, map.dark, map.columnsHere()].join(); // what else the words depend on
    [...box.children].forEach((thumb, n) => {
      thumb.hidden = n >= places.length;
      if (thumb.hidden) return;
      const row = map.points.row[places[n]];
      if (thumb.place !== places[n] || thumb.look !== look) {
        [thumb.place, thumb.look, thumb.seen] = [places[n], look, false];
        thumb.dataset.row = row;
        thumb.style.borderBottomColor = map.binColour(map.points.binOf[places[n]]);
        const words = map.describe(places[n]);
        thumb.title = words.join("\n");
        thumb.setAttribute("aria-label", words.join(", "));
      }
      thumb.seen ||= showThumbnail(thumb, map.points, row, 44);
      if (!thumb.seen) map.wanted[which].push(row);
    });
  }

  // Labels keep to their bin's densest place and move aside for each other; in small multiples they head their map.
  placeLabels(map) {
    const { picture, points, kept, told } = map;
    const ratio = picture.ratio,
      many = kept.multiples,
      taken = [];
    this.bins.forEach(({ label, capacity }, bin) => {
      let [x, y] = [0, 0];
      if (many) [x, y] = picture.origin(bin).map((v) => v / ratio);
      else {
        const { scale, left, top } = picture.now;
        [x, y] = [(points.places[bin][0] * scale + left) / ratio, (top - points.places[bin][1] * scale) / ratio];
        const width = 6.4 * (this.narrow ? count(capacity).length + 2 : 2 * count(capacity).length + 6) + 18,
          height = 20;
        const inSight = x > 0 && y > 0 && x < picture.panel.width / ratio && y < picture.panel.height / ratio;
        x = Math.max(4, Math.min(picture.panel.width / ratio - width - 4, x - width / 2));
        const free = (at) =>
          at >= 2 && taken.every(([tx, ty, tw]) => x + width < tx || tx + tw < x || Math.abs(at - ty) > height);
        const best = [0, 1, -1, 2, -2, 3, -3].map((n) => y - 10 + n * (height + 1)).find(free);
        label.hidden = !inSight || best === undefined;
        if (best !== undefined) (taken.push([x, best, width]), (y = best));
      }
      if (many) label.hidden = false;
      label.classList.toggle("title", many);
      label.style.transform = `translate(${Math.round(x)}px, ${Math.round(y)}px)`;
    });
    this.say(this.find(".many + span"), `One map a ${told.word}`);
  }

  markBin(bin, spot) {
    const sign = `${bin}/${spot}`;
    if (this.bins.marked === sign) return;
    this.bins.marked = sign;
    this.bins.forEach(({ button, label }, n) => {
      button.setAttribute("aria-pressed", String(spot && n === bin));
      button.classList.toggle("current", n === bin);
      label.classList.toggle("chosen", spot && n === bin);
    });
  }

  // The colour key: a ramp with its ends, or every class with its shape.
  showKey(map) {
    const box = this.find(".key");
    const plays = map.player.taken !== null;
    const sign = [map.kept.colour, map.column?.key, map.dark, map.points.key, plays].join();
    if (this.keyFor === sign) return;
    this.keyFor = sign;
    box.textContent = "";
    const column = map.column;
    if (!column) {
      const lit = plays ? "lit: taken so far, the latest large; grey: not yet taken" : "lit: chosen; grey: not chosen";
      make("span", "about", box).textContent = map.kept.colour === "bin" ? lit : "loading\u2026";
      return;
    }
    if (column.names) {
      column.names.forEach((name, n) => {
        const item = make("span", "class", box);
        const glyph = make("i", `glyph ${SHAPES[n % SHAPES.length]}`, item);
        glyph.style.background = map.classCss(n);
        item.append(name);
      });
    } else {
      make("span", "", box).textContent = `${column.label} ${told(column, column.low)}`;
      make("i", "ramp", box).style.background = `linear-gradient(90deg, ${map.rampCss()})`;
      make("span", "", box).textContent = told(column, column.high);
    }
    if (column.about) make("span", "about", box).textContent = column.about;
  }

  offer(map) {
    const select = this.find(".colour");
    const offers = { bin: map.told.word };
    for (const [name, { label }] of Object.entries(map.told.offers)) offers[name] = label;
    const sign = JSON.stringify(offers);
    if (this.offersFor !== sign) {
      this.offersFor = sign;
      select.textContent = "";
      for (const [name, label] of Object.entries(offers)) {
        const option = make("option", "", select);
        [option.value, option.textContent] = [name, label];
      }
    }
    select.value = map.kept.colour;
    this.find(".many").checked = map.kept.multiples;
    this.find(".start").hidden = !map.told.plays;
    this.say(this.find(".matters"), [map.told.about, map.told.matters].filter(Boolean).join(". "));
  }
}
