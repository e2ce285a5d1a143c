"""Importing the library does not import numba; importing the bins does."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_numba_is_imported_only_with_the_bins() -> None:
    code = "import sys, adq_core; a = 'numba' in sys.modules; import adq_core.bins; print(a, 'numba' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "True"]
