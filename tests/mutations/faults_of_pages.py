"""Faults of charts, pictures, trainings and single pages."""

from __future__ import annotations

from tests.mutations.fault import Fault

APP = "app/"
T = "tests/app/"
MODULES = {
    "page_widgets": APP + "state/page_widgets.py",
    "click_targets": APP + "charts/click_targets.py",
    "chart_comparison": APP + "charts/comparison.py",
    "chart_colours": APP + "charts/colours.py",
    "chart_bins": APP + "charts/bins.py",
    "chart_scores": APP + "charts/scores.py",
    "chart_quotas": APP + "charts/quotas.py",
    "chart_image": APP + "charts/image.py",
    "sheet": APP + "images/sheet.py",
    "single": APP + "images/single.py",
    "vector_tiles": APP + "images/vector_tiles.py",
    "trainings": APP + "trainings.py",
    "training_progress": APP + "views/train/progress.py",
    "lookup": APP + "views/image/lookup.py",
    "lasso": APP + "views/quotas/lasso.py",
    "patches_page": APP + "views/patches/patches.py",
}
TESTS = {
    "charts": [
        T + f"charts/test_{name}.py"
        for name in ("image", "comparison", "theme", "bins", "click_targets", "quotas", "scores")
    ],
    "pictures": [T + "images/test_sheet.py", T + "images/test_single.py"],
    "trainings": [T + "test_training_files.py", T + "test_trainings.py", T + "views/test_train.py"],
    "one-image": [T + "views/test_lookup.py", T + "views/test_image.py"],
    "pages": [T + f"views/test_{name}.py" for name in ("lasso", "patch_numbers", "patches")],
}
TESTS_OF_MODULE = {
    "click_targets": [T + "charts/test_click_targets.py"],
    "chart_colours": [T + "charts/test_theme.py"],
    **{f"chart_{name}": [T + f"charts/test_{name}.py"] for name in ("bins", "comparison", "image", "quotas", "scores")},
    "lasso": [T + "views/test_lasso.py"],
    "page_widgets": [T + "views/test_patches.py"],
    "patches_page": [T + "views/test_patch_numbers.py"],
}
FAULTS = [
    # --- charts ---
    Fault("charts", "bin 0 cannot be clicked", "click_targets", " 0 <= value < MAX_BIN:", " 0 < value < MAX_BIN:"),
    Fault(
        "charts",
        "the neighbour of the bin is highlighted",
        "click_targets",
        "selected - 0.5, selected + 0.5",
        "selected + 0.5, selected + 1.5",
    ),
    Fault(
        "charts",
        "a click on a cell is a click on a class",
        "click_targets",
        "data.append([number, int(count)])",
        "data.append([row, int(count)])",
    ),
    Fault(
        "charts",
        "a click on the gain selects the next bin",
        "click_targets",
        'np.searchsorted(ends, x, side="left")',
        'np.searchsorted(ends, x, side="left") + 1',
    ),
    Fault("charts", "squares of bins are at the ends", "click_targets", "ends - np.diff(ends, prepend=0) / 2", "ends"),
    Fault(
        "charts",
        "only the first images are shown",
        "chart_comparison",
        "np.linspace(0, len(rows) - 1, max_rows).round()",
        "np.arange(max_rows)",
    ),
    Fault(
        "charts",
        "A and B are swapped in the bars",
        "chart_comparison",
        "counts[:, ONLY_A], counts[:, ONLY_B]\n",
        "counts[:, ONLY_B], counts[:, ONLY_A]\n",
    ),
    Fault(
        "charts",
        "the classes that differ least",
        "chart_comparison",
        "np.argsort(-np.abs(counts[:, ONLY_A] - counts[:, ONLY_B])",
        "np.argsort(np.abs(counts[:, ONLY_A] - counts[:, ONLY_B])",
    ),
    Fault(
        "charts",
        "the bins' colours are reversed",
        "chart_colours",
        "at = number / max(1, n_bins - 1) *",
        "at = (1 - number / max(1, n_bins - 1)) *",
    ),
    Fault(
        "charts",
        "the whiskers are the extremes",
        "chart_bins",
        "[0.05, 0.25, 0.5, 0.75, 0.95]",
        "[0.0, 0.25, 0.5, 0.75, 1.0]",
    ),
    Fault(
        "charts",
        "Rep and Div are swapped",
        "chart_bins",
        "scores.representativeness_norm, theme.accent",
        "scores.diversity_norm, theme.accent",
    ),
    Fault(
        "charts",
        "the gain of the pool is per class",
        "chart_bins",
        "np.zeros(len(dataset), np.int64) if pooled",
        "np.zeros(len(dataset), np.int64) if not pooled",
    ),
    Fault(
        "charts", "the ends of intervals are swapped", "chart_scores", '"array": reach[:, 1]', '"array": reach[:, 0]'
    ),
    Fault(
        "charts",
        "the lower end of an interval is the upper one",
        "chart_scores",
        '"arrayminus": reach[:, 0]',
        '"arrayminus": reach[:, 1]',
    ),
    Fault(
        "charts",
        "the difference has the wrong sign",
        "chart_quotas",
        "= quotas.quota - other.quota\n    return",
        "= other.quota - quotas.quota\n    return",
    ),
    Fault(
        "charts",
        "the bars of alpha are one step too far",
        "chart_quotas",
        "starts = np.arange(len(changed)) * ALPHA_STEP",
        "starts = (1 + np.arange(len(changed))) * ALPHA_STEP",
    ),
    Fault("charts", "another image is marked", "chart_image", "here = int(np.flatnonzero(rows == row)[0])", "here = 0"),
    Fault("charts", "the present alpha is not marked", "chart_image", '"x": [alpha],', '"x": [0.5],'),
    # --- pictures ---
    Fault(
        "pictures",
        "dropped patches are shown",
        "sheet",
        "return np.where(keep[..., None], masks.images, hatched[..., None])",
        "return np.where(keep[..., None], hatched[..., None], masks.images)",
    ),
    Fault(
        "pictures",
        "the ranking is reversed",
        "sheet",
        "rank = masks.saliency.argsort(",
        "rank = (-masks.saliency).argsort(",
    ),
    Fault("pictures", "an error of one sign", "sheet", "largest = np.abs(images", "largest = np.asarray(images"),
    Fault(
        "pictures",
        "a tile shows the edge of its neighbour",
        "sheet",
        "100 * (at * self._pitch + GUTTER)",
        "100 * (at * self._pitch)",
    ),
    Fault(
        "pictures",
        "pictures of a row are those of other images",
        "sheet",
        "sprites.div(at * count + number,",
        "sprites.div(number * len(columns) + at,",
    ),
    Fault(
        "pictures",
        "the mark of the draw position is at the quota",
        "single",
        "at = 100 * (position + 0.5) / capacity",
        "at = 100 * quota / capacity",
    ),
    Fault(
        "pictures",
        "the bar is full",
        "single",
        "width:{100 * quota / capacity:.3f}%",
        "width:{100 * capacity / capacity:.3f}%",
    ),
    Fault(
        "pictures",
        "texture is on a linear scale",
        "single",
        "np.rint(np.sqrt(np.clip(np.asarray(values) / WHITE, 0, 1)) * 255)",
        "np.rint(np.clip(np.asarray(values) / WHITE, 0, 1) * 255)",
    ),
    Fault(
        "pictures",
        "tiles of other scales",
        "vector_tiles",
        "np.clip(level, 0, 1)",
        "np.clip(level / max(1e-9, level.max()), 0, 1)",
    ),
    Fault(
        "pictures",
        "numbers column by column",
        "vector_tiles",
        "cells.reshape(-1, side, side, 1)",
        "cells.reshape(-1, side, side, 1).transpose(0, 2, 1, 3)",
    ),
    # --- trainings ---
    Fault(
        "trainings",
        "trainings of others are seen",
        "trainings",
        "stores.library().files(access.TRAINED) / visitors.owner()",
        'stores.library().files(access.TRAINED) / "all"',
    ),
    Fault(
        "trainings",
        "the oldest weights first",
        "trainings",
        "key=lambda path: -path.stat().st_mtime",
        "key=lambda path: path.stat().st_mtime",
    ),
    Fault("trainings", "the worst PSNR is the best", "training_progress", "values, max(values)", "values, min(values)"),
    # --- one image ---
    Fault(
        "one-image",
        "next and previous are swapped",
        "lookup",
        "(int(rows[at - 1]) if at else None), (int(rows[at + 1]) if at + 1 < len(rows) else None)",
        "(int(rows[at + 1]) if at + 1 < len(rows) else None), (int(rows[at - 1]) if at else None)",
    ),
    Fault(
        "one-image", "equal values count as lower", "lookup", "0.5 * (values == value).sum()", "(values == value).sum()"
    ),
    Fault(
        "one-image",
        "an image is its own duplicate",
        "lookup",
        "    others = facts.cosines >= threshold\n    others[row] = False\n",
        "    others = facts.cosines >= threshold\n",
    ),
    Fault(
        "one-image",
        "an image is most similar to itself",
        "lookup",
        "    others = selected.copy()\n    others[row] = False\n",
        "    others = selected.copy()\n",
    ),
    Fault(
        "one-image",
        "an image that is not selected is shown first",
        "lookup",
        "rows[max(0, int(run.quotas.quota[number]) - 1)]",
        "rows[max(0, int(run.quotas.quota[number]))]",
    ),
    Fault(
        "one-image",
        "less similar pairs are counted",
        "lookup",
        "(self.pairs > cosine + 1e-9)",
        "(self.pairs < cosine - 1e-9)",
    ),
    # --- pages ---
    Fault(
        "pages",
        "the map has the seed of the scores",
        "lasso",
        '"seed": run.settings.map_seed}',
        '"seed": run.settings.seed}',
    ),
    Fault(
        "pages",
        "only images that are not selected",
        "lasso",
        "return (selected, True) if choice ==",
        "return (selected, True) if choice !=",
    ),
    Fault(
        "pages",
        "the share of pixels forgets the images",
        "patches_page",
        "run.quotas.reached_keep_ratio * n_kept / n_patches",
        "n_kept / n_patches",
    ),
    Fault("pages", "beyond the end, only the last image is shown", "page_widgets", "// step * step", ""),
]
