"""Faults of the JavaScript: quotas, drawing and geometry of the map, and what the other file adds."""

from __future__ import annotations

from tests.mutations import faults_of_javascript_data
from tests.mutations.fault import Fault

MAP = "app/components/bin_map/frontend/"
NAMES = (
    "quotas", "glyphs", "colour_bytes", "viewport", "format", "hit_test", "labels", "data", "thumbnails", "state",
    "messages", "sync", "renderer", "index",
)  # fmt: skip
MODULES = {
    **{f"js_{name}": f"{MAP}{name}.js" for name in NAMES},
    "js_stored_text": "app/components/browser_storage/frontend/stored_text.js",
    "js_browser_storage": "app/components/browser_storage/frontend/index.js",
    "js_clicks": "app/components/thumbnail_clicks/frontend/index.js",
}
T = "tests/js/"
TESTS = {
    "map-js": [
        f"{T}{name}.test.js"
        for name in (
            "quotas", "glyphs", "colour_bytes", "viewport", "format", "hit_test", "labels", "data", "sync", "renderer",
            "mounts",
        )
    ],
    "page-js": [f"{T}{name}.test.js" for name in ("stored_text", "browser_storage", "thumbnail_clicks")],
}  # fmt: skip
FAULTS = [
    Fault(
        "map-js",
        "the thumbnails of changed images are other images",
        "js_quotas",
        "found.push(first + run.from + n)",
        "found.push(first + n)",
    ),
    Fault(
        "map-js",
        "added and removed are swapped",
        "js_quotas",
        'if (current > previous) return { kind: "added"',
        'if (current > previous) return { kind: "removed"',
    ),
    Fault(
        "map-js",
        "removed images are counted as added",
        "js_quotas",
        "added += Math.max(0, quota - previous[bin])",
        "added += Math.abs(quota - previous[bin])",
    ),
    Fault(
        "map-js",
        "changed images are those of the first bin",
        "js_quotas",
        "n < longest && found.length < limit; n++",
        "n < 1 && found.length < limit; n++",
    ),
    Fault(
        "map-js",
        "the step below alpha",
        "js_quotas",
        "distance(step) < distance(best) ? step : best",
        "alphas[step] <= alpha ? step : best",
    ),
    Fault(
        "map-js", "every bin has the range of bin 0", "js_quotas", "quota[step * nBins + bin]", "quota[step * nBins]"
    ),
    Fault(
        "map-js",
        "selected images of a lasso are all images",
        "js_quotas",
        "before(first + quota[bin]) - before(first)",
        "before(first + quota[bin])",
    ),
    Fault("map-js", "selected rows are not sorted", "js_quotas", "return rows.sort((a, b) => a - b)", "return rows"),
    Fault(
        "map-js",
        "marks of added and removed images are swapped",
        "js_renderer",
        '{ added: "diamond", removed: "ring" }',
        '{ added: "ring", removed: "diamond" }',
    ),
    Fault(
        "map-js",
        "removed images have the colour of added ones",
        "js_renderer",
        "width], scene.theme.removed)",
        "width], scene.theme.added)",
    ),
    Fault(
        "map-js",
        "the last selected image of a bin is grey",
        "js_renderer",
        "(scene.quota[bin] * (slice + 1)) / SLICES)",
        "((scene.quota[bin] - 1) * (slice + 1)) / SLICES)",
    ),
    Fault(
        "map-js",
        "a spotlight dims its own bin",
        "js_renderer",
        "scene.spotlight !== null && scene.spotlight !== bin",
        "scene.spotlight !== null && scene.spotlight === bin",
    ),
    Fault(
        "map-js",
        "every panel shows bin 0",
        "js_renderer",
        "this.paintBins(scene, panel, panel + 1)",
        "this.paintBins(scene, 0, 1)",
    ),
    Fault(
        "map-js",
        "panels are in columns",
        "js_renderer",
        "(panel % this.across) * this.panel.width",
        "(panel % 1) * this.panel.width",
    ),
    Fault(
        "map-js", "the playback shows points in their order", "js_renderer", "const i = scene.order[k];", "const i = k;"
    ),
    Fault(
        "map-js",
        "the map is upside down",
        "js_renderer",
        "const py = Math.floor(top - points.y[i] * scale);",
        "const py = Math.floor(height - top + points.y[i] * scale);",
    ),
    Fault(
        "map-js",
        "points outside are drawn",
        "js_renderer",
        "px < width + edge && py < height + edge",
        "py < height + edge",
    ),
    Fault(
        "map-js",
        "edges of glyphs are not blended",
        "js_glyphs",
        "cover.push(Math.round(hits * (256 / SAMPLES) * strength))",
        "cover.push(256)",
    ),
    Fault("map-js", "a ring is a disc", "js_glyphs", " && x * x + y * y >= (r - width) ** 2", ""),
    Fault(
        "map-js", "red and blue are swapped", "js_colour_bytes", "((n & 0xff) << 16) | (n & 0xff00) | (n >> 16)", "n"
    ),
    Fault(
        "map-js",
        "the colour ramp is reversed",
        "js_colour_bytes",
        "const share = level / (LEVELS - 1);",
        "const share = 1 - level / (LEVELS - 1);",
    ),
    Fault(
        "map-js",
        "the ramp of the other theme",
        "js_colour_bytes",
        "isDark ? 0.16 + 0.84 * share : 0.86 * share",
        "isDark ? 0.86 * share : 0.16 + 0.84 * share",
    ),
    Fault(
        "map-js",
        "the colour key is reversed",
        "js_colour_bytes",
        "cssFromPixel).join()",
        "cssFromPixel).reverse().join()",
    ),
    Fault("map-js", "a dark page is light", "js_colour_bytes", "< 384;", "< 3;"),
    Fault("map-js", "values are classes", "js_colour_bytes", "shift: 8, pixels,", "shift: 0, pixels,"),
    Fault(
        "map-js",
        "a pinch is inverted",
        "js_viewport",
        "return Math.hypot(afterX - otherX, afterY - otherY) / Math.max(1, before);",
        "return Math.max(1, before) / Math.hypot(afterX - otherX, afterY - otherY);",
    ),
    Fault(
        "map-js", "the wheel stops the page", "js_viewport", "if (!isFocused && !ctrlKey && !metaKey) return null;", ""
    ),
    Fault("map-js", "the wheel is inverted", "js_viewport", "Math.exp(-deltaY *", "Math.exp(deltaY *"),
    Fault(
        "map-js",
        "zoom at the centre only",
        "js_viewport",
        "x: view.x + ((px - panel.width / 2) * shift) / spanX",
        "x: view.x",
    ),
    Fault(
        "map-js",
        "the map moves against the pointer",
        "js_viewport",
        "x: view.x - dx / scale / spanX",
        "x: view.x + dx / scale / spanX",
    ),
    Fault(
        "map-js",
        "zoom without a limit",
        "js_viewport",
        "Math.min(MAX_ZOOM, Math.max(MIN_ZOOM, view.zoom * factor))",
        "view.zoom * factor",
    ),
    Fault(
        "map-js",
        "the axes have different scales",
        "js_viewport",
        "Math.min((width - 2 * margin) / spanX, (height - 2 * margin) / spanY)",
        "((width - 2 * margin) / spanX)",
    ),
    Fault(
        "map-js",
        "a lasso keeps its first corners",
        "js_viewport",
        "corners.filter((_, n) => n % step === 0)",
        "corners.slice(0, limit)",
    ),
    Fault(
        "map-js",
        "any point within reach",
        "js_hit_test",
        "if (distance < smallest) [nearest, smallest] = [i, distance];",
        "if (distance < smallest) nearest = i;",
    ),
    Fault("map-js", "points of other bins are hit", "js_hit_test", "if (!accepts(i)) continue;", ""),
    Fault(
        "map-js",
        "only the cell of the pointer",
        "js_hit_test",
        "const rings = Math.ceil(reach / cell);",
        "const rings = 0;",
    ),
    Fault(
        "map-js",
        "points in either part of a crossed polygon",
        "js_hit_test",
        "isInside = !isInside;",
        "isInside = true;",
    ),
    Fault(
        "map-js",
        "the polygon is open",
        "js_hit_test",
        "polygon[(n + polygon.length - 1) % polygon.length]",
        "polygon[Math.max(0, n - 1)]",
    ),
    Fault(
        "map-js",
        "the farthest neighbours",
        "js_hit_test",
        "near.sort((a, b) => a[0] - b[0])",
        "near.sort((a, b) => b[0] - a[0])",
    ),
    *faults_of_javascript_data.FAULTS,
]
