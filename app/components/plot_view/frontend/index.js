// The view of a Plotly chart on the page: the visible corners, the groups hidden by a click on the legend, and the drag
// mode. Streamlit makes a new chart whenever anything in a figure changes; the new chart starts with this view.
const PAUSE = 250; // ms without a change before the view is sent
const CHANGES = ["plotly_relayout", "plotly_restyle"];

function readView(chart, map_key) {
  const { xaxis, yaxis, dragmode } = chart.layout;
  return {
    map_key,
    corners: xaxis.autorange && yaxis.autorange ? null : [...xaxis.range, ...yaxis.range],
    hidden: chart.data.filter((trace) => trace.visible === "legendonly").map((trace) => trace.meta),
    drag_mode: dragmode,
  };
}

export default function mount({ data, setStateValue }) {
  let [chart, lastView, timer] = [null, null, null];

  const send = () => {
    clearTimeout(timer);
    timer = null;
    const view = readView(chart, data.map_key);
    if (JSON.stringify(view) === JSON.stringify(lastView)) return;
    lastView = view;
    setStateValue("view", view);
  };
  const scheduleSend = () => {
    clearTimeout(timer);
    timer = setTimeout(send, PAUSE);
  };
  const findChart = () => {
    const found = document.querySelector(`.st-key-${data.chart} .js-plotly-plot`);
    if (!found?.on || !found.layout || found === chart) return;
    chart = found;
    lastView = readView(chart, data.map_key);
    for (const change of CHANGES) chart.on(change, scheduleSend);
  };

  // Another input may change the figure: the server needs the view before that.
  const sendPending = () => {
    if (timer !== null) send();
  };
  const observer = new MutationObserver(findChart);
  observer.observe(document.querySelector("[data-testid=stMain]") ?? document.body, { childList: true, subtree: true });
  const abort = new AbortController();
  for (const type of ["pointerdown", "keydown"])
    window.addEventListener(type, sendPending, { capture: true, signal: abort.signal });
  findChart();
  return () => {
    observer.disconnect();
    clearTimeout(timer);
    abort.abort();
    for (const change of CHANGES) chart?.removeListener?.(change, scheduleSend);
  };
}
