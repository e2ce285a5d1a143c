// The visitor's theme. Streamlit calls this function again when the theme changes. It sends only a theme that the server
// does not know yet: one run of the page per change.
export default ({ data, parentElement, setStateValue }) => {
  const pen = document.createElement("canvas").getContext("2d");
  const style = getComputedStyle(parentElement.host ?? parentElement);
  pen.fillStyle = style.getPropertyValue("--st-background-color").trim();
  const [red, green, blue] = [1, 3, 5].map((at) => Number.parseInt(pen.fillStyle.slice(at, at + 2), 16));
  const dark = red + green + blue < 384;
  if (dark !== data.dark) setStateValue("dark", dark);
};
