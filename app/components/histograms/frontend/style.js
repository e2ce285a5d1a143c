// The style sheet as text: the style sheets of the page do not reach the shadow root of a component.
const response = await fetch(new URL("./histograms.css", import.meta.url));
export const STYLE = await response.text();
