"""Hypothesis strategies of the tests of quotas."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

WEIGHT = st.one_of(st.just(0.0), st.floats(1e-6, 1e3), st.integers(1, 6).map(float))


@st.composite
def bins(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    """Return importance and capacity of one to twelve bins."""
    m = draw(st.integers(1, 12))
    importance = draw(st.lists(WEIGHT, min_size=m, max_size=m))
    capacity = draw(st.lists(st.integers(1, 60), min_size=m, max_size=m))
    return np.array(importance), np.array(capacity)
