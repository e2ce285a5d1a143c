"""The start of the server imports only modules that the first page needs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

LATER = ("joblib", "numba", "pandas", "scipy", "skimage", "sklearn", "torch", "torchvision", "umap")


def test_the_frame_and_the_first_views_import_nothing_large() -> None:
    modules = (
        "app.session, app.state.widget_sync, app.state.settings_widgets, app.state.page_changes, app.text.summaries, "
        "app.blocks.group_maps, app.blocks.layout, app.charts.click_targets, app.state.keep_ratio, "
        "app.views.quotas.lasso, app.charts.quotas, app.blocks.quota_map, app.text.explanations"
    )
    code = f"import sys, {modules}; print([name for name in {LATER} if name in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2]
    )
    assert done.stdout.strip() == "[]"
