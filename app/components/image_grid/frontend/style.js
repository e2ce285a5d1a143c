// The style sheet as text: the browser has its own shadow root, which the style sheets of the page do not reach.
const response = await fetch(new URL("./grid.css", import.meta.url));
export const STYLE = await response.text();
