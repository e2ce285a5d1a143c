// Thumbnails, in sheets of many. The last sheets stay although no mount holds them: a new sheet contains only the
// thumbnails that the browser lacked.
const MAX_SHEETS = 24;
const sheets = new Map(); // blob key -> sheet, oldest first
const places = new Map(); // points key and row -> sheet and position in it

export const hasSheet = (key) => sheets.has(key);
export const hasThumbnail = (pointsKey, row) => places.has(`${pointsKey}/${row}`);

// `isRetained(key)` tells whether a mount holds the sheet; such a sheet is never deleted.
export function addSheet(sheet, isRetained) {
  sheet.url = URL.createObjectURL(new Blob([sheet.image], { type: "image/webp" }));
  sheet.image = null;
  sheets.set(sheet.key, sheet);
  sheet.row.forEach((row, position) => places.set(`${sheet.of}/${row}`, { sheet, position }));
  for (const old of [...sheets.values()].slice(0, Math.max(0, sheets.size - MAX_SHEETS)))
    if (!isRetained(old.key)) deleteSheet(old);
}

function deleteSheet(sheet) {
  URL.revokeObjectURL(sheet.url);
  sheets.delete(sheet.key);
  for (const [name, place] of places) if (place.sheet === sheet) places.delete(name);
}

// Show the thumbnail of a row as the background of an element; returns false if the browser does not have it.
export function showThumbnail(element, pointsKey, row, size) {
  const place = places.get(`${pointsKey}/${row}`);
  element.style.backgroundImage = place ? `url(${place.sheet.url})` : "none";
  if (!place) return false;
  const { across, row: rows } = place.sheet;
  const [column, line] = [place.position % across, Math.floor(place.position / across)];
  element.style.backgroundSize = `${across * size}px ${Math.ceil(rows.length / across) * size}px`;
  element.style.backgroundPosition = `${-column * size}px ${-line * size}px`;
  return true;
}
