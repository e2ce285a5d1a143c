"""Faults of the image browser and of the search for similar images."""

from __future__ import annotations

from tests.mutations.fault import Fault

APP = "app/"
GRID = APP + "components/image_grid/"
JS = GRID + "frontend/"
T = "tests/"
MODULES = {
    "tile_sheets": APP + "tiles/sheets.py",
    "tile_route": APP + "tiles/route.py",
    "tile_registry": APP + "tiles/registry.py",
    "grid_protocol": GRID + "protocol.py",
    "browse_grid": APP + "views/browse/grid.py",
    "similar_query": APP + "views/similar/query.py",
    "similar_page": APP + "views/similar/similar.py",
    "another_image": "adq_core/embeddings/another_image.py",
    "grid_layout": JS + "layout.js",
    "grid_keys": JS + "keys.js",
    "grid_marks": JS + "marks.js",
    "grid_sheets": JS + "sheets.js",
    "grid_selection": JS + "selection.js",
}
TESTS = {
    "tiles": [T + "app/tiles/test_tiles.py"],
    "images": [T + "app/components/test_image_grid.py", T + "app/views/test_browse.py"],
    "similar": [T + "embeddings/test_another_image.py", T + "app/views/test_similar.py"],
    "images-js": [T + "js/image_grid.test.js", T + "js/sheets.test.js"],
}
TESTS_OF_MODULE: dict[str, list[str]] = {}
FAULTS = [
    # --- tiles ---
    Fault("tiles", "tiles fill the sheet by column", "tile_sheets", ".swapaxes(1, 2)", ""),
    Fault(
        "tiles",
        "the corner of an image instead of its centre",
        "tile_sheets",
        "box = (left, top, left + side,",
        "box = (0, 0, side,",
    ),
    Fault(
        "tiles",
        "large tiles for thumbnails",
        "tile_sheets",
        "side == LARGE and LARGE in sides_of(data)",
        "side == LARGE",
    ),
    Fault("tiles", "a row after the last one", "tile_route", "int(rows.max()) < count", "int(rows.max()) <= count"),
    Fault("tiles", "any number of tiles", "tile_route", "not 0 < len(rows) <= MAX_TILES", "not 0 < len(rows)"),
    Fault("tiles", "line ends in ids", "tile_route", '.replace("\\n", "\\\\n")', ""),
    Fault("tiles", "pictures after the end of sharing", "tile_registry", " or not source.is_allowed()", ""),
    Fault(
        "tiles",
        "one name for all owners",
        "tile_registry",
        "self._names.get((owner, key))",
        'self._names.get(("", key))',
    ),
    Fault(
        "tiles",
        "names of closed data sets",
        "tile_registry",
        "if name is not None and self._by_name[name].dataset() is not None:",
        "if name is not None:",
    ),
    # --- images ---
    Fault(
        "images",
        "marks of another data set",
        "grid_protocol",
        'event.get("marks") if event.get("images") == images else None',
        'event.get("marks")',
    ),
    Fault("images", "bits in the other direction", "grid_protocol", 'bitorder="little"', 'bitorder="big"'),
    Fault("images", "gaps from the start of the last run", "grid_protocol", "at += gap + length", "at += gap"),
    Fault("images", "any page", "grid_protocol", ' or raw.get("page") not in PAGES', ""),
    Fault(
        "images",
        "quotas of a selection that does not follow them",
        "browse_grid",
        "if not np.array_equal(by_quota, run.selection.selected):",
        "if False:",
    ),
    Fault(
        "images",
        "the filter is ignored",
        "browse_grid",
        "rows = shown.of(np.arange(len(run.dataset)))",
        "rows = np.arange(len(run.dataset))",
    ),
    Fault(
        "images",
        "the first direction stays",
        "browse_grid",
        "        descending,\n        [run.key",
        "        [run.key",
    ),
    # --- similar ---
    Fault("similar", "an image is similar to itself", "similar_page", "    among[found.row] = False\n", "    pass\n"),
    Fault(
        "similar",
        "the own class is not marked",
        "similar_page",
        "data.labels[row] == label else None",
        "data.labels[row] != label else None",
    ),
    Fault(
        "similar", "other classes are the own class", "similar_page", '(group == "own class")', '(group != "own class")'
    ),
    Fault(
        "similar",
        "a picture for a set of vectors",
        "similar_query",
        "if not run.dataset.has_images or _has_no_network(run):",
        "if _has_no_network(run):",
    ),
    Fault("similar", "the sum of pixels instead of the mean", "another_image", "/ factor**2", "/ factor"),
    # --- images-js ---
    Fault("images-js", "tiles beside the canvas", "grid_layout", "x: EDGE + Math.round(", "x: Math.round("),
    Fault(
        "images-js",
        "the last line is not visible",
        "grid_layout",
        "Math.ceil((offset + view - EDGE) / layout.pitch)",
        "Math.floor((offset + view - EDGE) / layout.pitch)",
    ),
    Fault(
        "images-js",
        "gaps are tiles",
        "grid_layout",
        "return isInside && index < layout.count ? index : -1;",
        "return index < layout.count ? index : -1;",
    ),
    Fault("images-js", "arrows leave the grid", "grid_keys", "Math.min(last, index + 1)", "index + 1"),
    Fault(
        "images-js",
        "a gap below stops the arrow",
        "grid_keys",
        "return isAboveLastLine ? last : index;",
        "return index;",
    ),
    Fault("images-js", "a range adds to the last range", "grid_marks", "    this.bits.set(this.base);\n", ""),
    Fault("images-js", "runs begin at 0", "grid_marks", "const first = end + gap;", "const first = gap;"),
    Fault("images-js", "sheets in order", "grid_sheets", "a.distance - b.distance", "0"),
    Fault(
        "images-js",
        "requests out of sight go on",
        "grid_sheets",
        "    request.abort.abort();\n    this.end(request);\n",
        "",
    ),
    Fault("images-js", "sheets are requested twice", "grid_sheets", " || this.pending[level].has(row)", ""),
    Fault(
        "images-js",
        "all sheets are kept",
        "grid_sheets",
        "    if (this.pixels <= MAX_PIXELS) return;\n",
        "    return;\n",
    ),
    Fault(
        "images-js",
        "quotas of the first alpha",
        "grid_selection",
        "      if (Math.abs(each - alpha) < Math.abs(alphas[step] - alpha)) step = n;\n",
        "",
    ),
]
