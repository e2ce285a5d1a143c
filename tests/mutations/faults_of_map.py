"""Faults of the map's Python code: encoding, events and the lasso."""

from __future__ import annotations

from tests.mutations.fault import Fault

APP = "app/"
T = "tests/app/"
MODULES = {
    "quota_map": APP + "blocks/quota_map.py",
    "encoding": APP + "components/bin_map/encoding.py",
    "protocol": APP + "components/bin_map/protocol.py",
    "polygon": APP + "components/bin_map/polygon.py",
    "alpha_effect": APP + "components/bin_map/alpha_effect.py",
    "map_playback": APP + "components/bin_map/playback.py",
}
TESTS = {
    "map": [T + "components/test_bin_map.py", T + "views/test_quota_map.py"],
}
TESTS_OF_MODULE = {"quota_map": [T + "views/test_quota_map.py"]}
FAULTS = [
    # --- map ---
    Fault(
        "map",
        "a lasso of another data set is applied",
        "quota_map",
        "event.polygon if dataset_key == run.dataset.key else None",
        "event.polygon",
    ),
    Fault("map", "a lasso is applied to another map", "quota_map", "known.get(drawn_on,", "known.get(store.map_key,"),
    Fault("map", "all maps are kept", "quota_map", "[:-MAX_MAPS]", "[:0]"),
    Fault(
        "map",
        "a click selects another image",
        "quota_map",
        "focus.focus_image(ids[row])",
        "focus.focus_image(ids[row - 1])",
    ),
    Fault("map", "a click outside keeps the image", "quota_map", '        focus.focus_image("")\n', "        pass\n"),
    Fault("map", "a row of another data set", "quota_map", "row < len(ids)", "row <= len(ids)"),
    Fault(
        "map",
        "points are sorted by draw position",
        "encoding",
        "rows = np.lexsort((draw_position, bin_of))",
        "rows = np.lexsort((bin_of, draw_position))",
    ),
    Fault(
        "map",
        "columns are in the order of the data set",
        "encoding",
        "np.asarray(column.values, np.float64)[rows]",
        "np.asarray(column.values, np.float64)",
    ),
    Fault(
        "map",
        "the playback is by row",
        "encoding",
        'order = position[np.argsort(play, kind="stable")]',
        'order = np.argsort(play, kind="stable").astype(np.uint32)',
    ),
    Fault(
        "map",
        "thumbnails are placed column by column",
        "encoding",
        "(place % across * side, place // across * side)",
        "(place // across * side, place % across * side)",
    ),
    Fault(
        "map",
        "what did not change is adopted",
        "protocol",
        'for name in ("bin", "row") if name in changed}',
        'for name in ("bin", "row")}',
    ),
    Fault(
        "map",
        "the last bin cannot be selected",
        "protocol",
        "number = _number(value, 0, end - 1)",
        "number = _number(value, 0, end - 2)",
    ),
    Fault("map", "a polygon of two corners", "protocol", "if len(corners) < 3 or", "if len(corners) < 2 or"),
    Fault(
        "map",
        "the step below alpha",
        "protocol",
        "np.argmin(np.abs(np.asarray(self.alphas) - alpha))",
        "np.searchsorted(np.asarray(self.alphas), alpha)",
    ),
    Fault(
        "map",
        "the polygon is open",
        "polygon",
        "zip(polygon, np.roll(polygon, 1, axis=0), strict=True)",
        "zip(polygon[1:], polygon, strict=False)",
    ),
    Fault(
        "map",
        "bins that grow shrink",
        "alpha_effect",
        "np.flatnonzero(last > first)), (",
        "np.flatnonzero(last < first)), (",
    ),
    Fault(
        "map",
        "the playback forgets the classes",
        "map_playback",
        "(labels[by_rank], turn, bin_of[by_rank])",
        "(turn, labels[by_rank], bin_of[by_rank])",
    ),
]
