// The same as link.js of the image browser: Streamlit serves each component from a folder of its own.
// What the maps and the image browser of a page tell each other, as events of the document:
//   adq-hover {source, images, row}: the pointer is over an image (row null: over none);
//   adq-alpha {source, images, alpha}: the user moves alpha.
// `images` names the data set, `source` is the element that sends.
export function tell(name, detail) {
  document.dispatchEvent(new CustomEvent(name, { detail }));
}

export function listen(name, source, receive, signal) {
  document.addEventListener(name, ({ detail }) => detail.source !== source && receive(detail), { signal });
}
