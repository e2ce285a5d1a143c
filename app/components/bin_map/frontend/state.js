// State of a map that survives reruns and remounts.
import { WHOLE_MAP } from "./viewport.js";

const states = new Map(); // id of the map -> state

export function loadState(view) {
  if (!states.has(view.id)) states.set(view.id, createState(view));
  return states.get(view.id);
}

export function createState({ alpha, bin, row }) {
  return {
    serial: 0, // of the last event
    alpha,
    bin,
    row,
    pending: {}, // changed by the user and not confirmed: name -> serial of the event, see sync.js
    serverValues: { alpha, bin, row },
    polygon: null, // the lasso, in data coordinates
    lassoMapKey: null, // the map on which the lasso was drawn
    lassoRows: null, // images inside the lasso
    pin: null, // {alpha, quota, isAutomatic}: the state that changes are counted from
    colour: "bin", // or the name of a column
    hiddenGroups: [], // names of groups that the user has hidden
    hasPanels: false, // one map per bin
    hasSpotlight: false, // the bin alone is bright
    focused: null, // selector of the element that has the keyboard focus
    tool: "move",
    view: { ...WHOLE_MAP },
    columns: [], // names of columns that are needed
    mapKey: undefined, // the points in sight
    imagesKey: undefined,
  };
}

// Reset what the new points make meaningless.
export function adaptState(state, points) {
  const nBins = points.capacity.length;
  if (state.mapKey && state.mapKey !== points.map_key) Object.assign(state.view, WHOLE_MAP);
  if (state.imagesKey !== undefined && state.imagesKey !== points.images) [state.polygon, state.lassoMapKey] = [null, null];
  [state.mapKey, state.imagesKey] = [points.map_key, points.images];
  if (state.bin >= nBins) [state.bin, state.hasSpotlight] = [null, false];
  if (state.pin?.quota.length !== nBins) state.pin = null;
}
