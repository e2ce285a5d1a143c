// Terms in a text. Pure functions.

const escaped = (term) => term.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

// A pattern that finds every term as a whole word, also with an s at its end; longer terms come first.
export function patternOf(terms) {
  const longest = [...terms].sort((a, b) => b.length - a.length);
  return new RegExp(`(?<![\\p{L}\\p{N}_./-])(${longest.map(escaped).join("|")})s?(?![\\p{L}\\p{N}_/-]|\\.[\\p{L}\\p{N}])`, "giu");
}

// [start, end, term] of the terms in a text that are not in `seen`; each is found once.
export function findTerms(text, pattern, seen = new Set()) {
  const found = [];
  for (const match of text.matchAll(pattern)) {
    const term = match[1].toLowerCase();
    if (seen.has(term)) continue;
    seen.add(term);
    found.push([match.index, match.index + match[0].length, term]);
  }
  return found;
}

// Where a box of this size is shown: below the term, above it if there is no room, and inside the window.
export function placeBelow(term, { width, height }, view) {
  const left = Math.max(8, Math.min(term.left, view.width - width - 8));
  const fits = term.bottom + 6 + height <= view.height;
  return { left, top: fits ? term.bottom + 6 : Math.max(8, term.top - height - 6) };
}
