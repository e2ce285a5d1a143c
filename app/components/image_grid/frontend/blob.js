// Blobs of bytes from encode_blob in blobs.py (two folders up): "ADQM", the length of a JSON header, the header, arrays.
const ARRAYS = { f4: Float32Array, u4: Uint32Array, u2: Uint16Array, u1: Uint8Array };

// The header with its arrays. The arrays are copies: aligned, and the message can be freed.
export function decode(bytes) {
  if (String.fromCharCode(...bytes.subarray(0, 4)) !== "ADQM") throw new Error("The bytes are not a blob.");
  const length = new DataView(bytes.buffer, bytes.byteOffset + 4).getUint32(0, true);
  const blob = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length)));
  let at = 8 + length;
  for (const [name, type, count] of blob.arrays) {
    const size = count * ARRAYS[type].BYTES_PER_ELEMENT;
    const from = bytes.byteOffset + at;
    blob[name] = new ARRAYS[type](bytes.buffer.slice(from, from + size));
    at += 4 * Math.ceil(size / 4);
  }
  return blob;
}

// base64url of row numbers as uint32, little endian: how the server reads them.
export function encodeRows(rows) {
  const bytes = new Uint8Array(4 * rows.length);
  const view = new DataView(bytes.buffer);
  rows.forEach((row, place) => view.setUint32(4 * place, row, true));
  let text = "";
  for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return btoa(text).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
