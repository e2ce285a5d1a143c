"""Figures of a comparison: the sample of points on the map."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from app.charts.comparison import sample_evenly


@given(st.integers(0, 3000), st.integers(1, 50))
def test_a_sample_is_evenly_spaced_and_has_no_repetitions(n: int, max_rows: int) -> None:
    rows = np.arange(n) * 3
    sample = sample_evenly(rows, max_rows)
    assert len(sample) == min(n, max_rows)
    assert set(sample.tolist()) <= set(rows.tolist())
    assert len(set(sample.tolist())) == len(sample)
    if n > max_rows > 1:
        assert np.ptp(np.diff(sample)) <= 6, "steps differ by one row at most"
