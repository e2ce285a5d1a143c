// The style sheet as text. Every map has its own shadow root, which the style sheets of the page do not reach.
const response = await fetch(new URL("./map.css", import.meta.url));
export const STYLE = await response.text();
