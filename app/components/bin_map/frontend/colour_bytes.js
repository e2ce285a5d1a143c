// Colours as bytes. The colours of bins and classes come from app/charts/colours.py, those of the theme from Streamlit;
// only the colour ramp of values is defined here. Pixels are 0xffBBGGRR, see glyphs.js.
import { blend } from "./glyphs.js";

const RAMP = ["#440154", "#433880", "#30678d", "#21918c", "#35b779", "#8fd744", "#fde725"]; // low to high
const LEVELS = 256;

export function pixelFromCss(css) {
  const n = Number.parseInt(css.slice(1), 16);
  return (0xff000000 | ((n & 0xff) << 16) | (n & 0xff00) | (n >> 16)) >>> 0;
}

const cssFromPixel = (pixel) => `rgb(${pixel & 255} ${(pixel >> 8) & 255} ${(pixel >> 16) & 255})`;

// 256 colours from the lowest to the highest value. The end that is close to the background is cut off.
export function makeRamp(isDark) {
  return Uint32Array.from({ length: LEVELS }, (_, level) => {
    const share = level / (LEVELS - 1);
    const at = (isDark ? 0.16 + 0.84 * share : 0.86 * share) * (RAMP.length - 1);
    const n = Math.min(RAMP.length - 2, Math.floor(at));
    return blend(pixelFromCss(RAMP[n]), pixelFromCss(RAMP[n + 1]), Math.round(256 * (at - n)));
  });
}

// The ramp as colours of a CSS gradient, from low to high.
export const rampCss = (ramp) => Array.from(ramp.filter((_, n) => n % 17 === 0), cssFromPixel).join();

// Theme of the page from Streamlit's CSS variables: as CSS colours, and as pixels.
export function readTheme(element, pen) {
  const style = getComputedStyle(element);
  const read = (name, fallback) => {
    pen.fillStyle = fallback;
    pen.fillStyle = style.getPropertyValue(name).trim();
    return pen.fillStyle.slice(0, 7);
  };
  const [text, background] = [read("--st-text-color", "#222222"), read("--st-background-color", "#ffffff")];
  const font = style.getPropertyValue("--st-font") || "sans-serif";
  return { css: { text, background, font }, ...themePixels(text, background) };
}

export function themePixels(text, background) {
  const [ink, paper] = [pixelFromCss(text), pixelFromCss(background)];
  const isDark = (paper & 0xff) + ((paper >> 8) & 0xff) + ((paper >> 16) & 0xff) < 384;
  const mix = (share) => blend(paper, ink, Math.round(256 * share));
  const pixels = { background: paper, neutral: mix(isDark ? 0.42 : 0.36), strong: mix(0.62), removed: ink, added: ink };
  return { isDark, pixels };
}

// Colours of the points: point i has `pixels[levels[i] >> shift]`. `sign` names the colours.
export function pointColours({ column, points, ramp, binPixels, classPixel, missingPixel, sign }) {
  if (!column) return { levels: points.binOf, shift: 0, pixels: binPixels, sign };
  if (column.names) return { levels: column.values, shift: 0, pixels: column.names.map((_, n) => classPixel(n)), sign };
  const pixels = column.first > 0 ? Uint32Array.from(ramp, (pixel, level) => (level ? pixel : missingPixel)) : ramp;
  return { levels: column.values, shift: 8, pixels, sign };
}
