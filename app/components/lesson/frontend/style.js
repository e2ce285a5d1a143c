// The style sheet as text: the shadow root of a component is not reached by the style sheets of the page.
const response = await fetch(new URL("./lesson.css", import.meta.url));
export const STYLE = await response.text();
