// Content of the messages between the browser and the server: the browser's side of `protocol.py` (one folder up).
// A view comes from the server (`MapView`), an event goes to it (`MapEvent`); sync.js says when each is sent.
import { hasThumbnail } from "./thumbnails.js";

const MAX_THUMBNAILS = 96; // requested at once; the server reads no more

// View of the server with every name.
export const readView = ({ id, quotas, groups, filter, alpha, confirmed, received, focus }) => ({
  id,
  quotas,
  groups,
  filter: filter ?? null, // key of the filter; null: all images match
  alpha,
  confirmed,
  received: received ?? confirmed,
  bin: focus?.bin ?? null,
  row: focus?.row ?? null,
});

// Values of an event; what is empty is left out.
export function eventValues(state, alpha, wanted, pointsKey) {
  const focus = {};
  if (state.bin !== null) focus.bin = state.bin;
  if (state.row !== null) focus.row = state.row;
  const values = { alpha, focus };
  if (state.polygon) values.lasso = { polygon: state.polygon, map_key: state.lassoMapKey };
  return { ...values, ...requestValues(state, wanted, pointsKey) };
}

// The part of an event that requests data.
export function requestValues({ columns }, wanted, pointsKey) {
  const rows = [...new Set([...wanted.nearby, ...wanted.added, ...wanted.removed])];
  const thumbnails = rows.filter((row) => !hasThumbnail(pointsKey, row)).slice(0, MAX_THUMBNAILS);
  const values = {};
  if (columns.length) values.columns = [...columns];
  if (thumbnails.length) values.thumbnails = thumbnails;
  return values;
}
