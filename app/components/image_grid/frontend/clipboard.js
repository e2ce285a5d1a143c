// Copies a text that has to be fetched first. Returns whether it was copied.
export async function copyText(getText, parent) {
  try {
    if (navigator.clipboard?.write && globalThis.ClipboardItem) {
      // The promise keeps the permission of the click while the text is fetched.
      const text = getText().then((found) => new Blob([found], { type: "text/plain" }));
      await navigator.clipboard.write([new ClipboardItem({ "text/plain": text })]);
      return true;
    }
    return copyByField(await getText(), parent);
  } catch {
    return false;
  }
}

// Pages without https, except on this machine, have no clipboard.
function copyByField(text, parent) {
  const field = document.createElement("textarea");
  field.value = text;
  parent.append(field);
  field.select();
  const isCopied = document.execCommand("copy");
  field.remove();
  return isCopied;
}
