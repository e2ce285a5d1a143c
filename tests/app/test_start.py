"""What a start of the server waits for: nothing that the first picture on a warm store can do without."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

LATER = ("joblib", "numba", "pandas", "scipy", "skimage", "sklearn", "torch", "torchvision", "umap")


def test_the_frame_and_the_first_views_import_nothing_large() -> None:
    frame = "app.frame, app.linked, app.sidebar, app.page_changes, app.findings, app.maps, app.pieces"
    quotas = "app.clicks, app.keep_ratio, app.lasso, app.quota_charts, app.quota_map, app.reasons"
    code = f"import sys, {frame}, {quotas}; print([name for name in {LATER} if name in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2]
    )
    assert done.stdout.strip() == "[]"
