// How a visitor has left a Plotly chart of the page: the corners in sight, the groups hidden by a click on the legend,
// what dragging does. Streamlit makes a new chart whenever anything in a figure changes; it begins as this one was left.
const REST = 250; // ms without a change before the server is told

export default ({ data, setStateValue }) => {
  let [chart, last, timer] = [null, null, 0];

  const seen = () => {
    const { xaxis, yaxis, dragmode } = chart.layout;
    return {
      ground: data.ground,
      box: xaxis.autorange && yaxis.autorange ? null : [...xaxis.range, ...yaxis.range],
      hidden: chart.data.filter((trace) => trace.visible === "legendonly").map((trace) => trace.meta),
      drag: dragmode,
    };
  };
  const tell = () => {
    clearTimeout(timer);
    timer = 0;
    const now = seen();
    if (JSON.stringify(now) === JSON.stringify(last)) return;
    last = now;
    setStateValue("view", now);
  };
  const later = () => {
    clearTimeout(timer);
    timer = setTimeout(tell, REST);
  };
  const look = () => {
    const found = document.querySelector(`.st-key-${data.chart} .js-plotly-plot`);
    if (!found?.on || !found.layout || found === chart) return;
    chart = found;
    last = seen();
    for (const change of ["plotly_relayout", "plotly_restyle"]) chart.on(change, later);
  };

  // What is pressed elsewhere may change the figure: the server hears of the view first.
  const flush = () => timer && tell();
  const watch = new MutationObserver(look);
  watch.observe(document.querySelector("[data-testid=stMain]") ?? document.body, { childList: true, subtree: true });
  for (const kind of ["pointerdown", "keydown"]) window.addEventListener(kind, flush, { capture: true });
  look();
  return () => {
    watch.disconnect();
    clearTimeout(timer);
    for (const kind of ["pointerdown", "keydown"]) window.removeEventListener(kind, flush, { capture: true });
    for (const change of ["plotly_relayout", "plotly_restyle"]) chart?.removeListener?.(change, later);
  };
};
