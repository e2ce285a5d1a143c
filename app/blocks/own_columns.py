"""The own columns of a data set: the table on the Data set page, the values of one image, and colours of the map."""

from __future__ import annotations

import numpy as np
import streamlit as st

from adq_core import Run
from adq_core.data import is_numeric
from adq_core.run_columns import text_columns, texts_of
from app.components.bin_map import Column
from app.text.format import MAX_NAME, shorten
from app.text.markdown import escape

MAX_ON_MAP = 12  # own columns that can colour the map
MAX_TEXTS_ON_MAP = 100  # different texts of a column that colours the map
MISSING = "missing"
ABOUT = "A column of the data set's own table."


def section(run: Run) -> None:
    """Draw the own columns with their kinds and ranges; nothing if there are none."""
    columns = run.dataset.columns
    if not columns:
        return
    st.header("Own columns", anchor=False)
    rows = []
    for name, values in columns.items():
        if is_numeric(values):
            missing = int(np.isnan(values).sum())
            content = f"{np.nanmin(values):,.6g} to {np.nanmax(values):,.6g}"
        else:
            codes, texts = texts_of(run, name)
            missing = int((codes == texts.index("")).sum()) if "" in texts else 0
            content = f"{len([text for text in texts if text]):,} different texts"
        rows.append((name, "numbers" if is_numeric(values) else "texts", content, missing))
    import pandas as pd  # takes long; the first page does not need it

    st.dataframe(pd.DataFrame(rows, columns=["column", "kind", "values", "missing"]), hide_index=True, height="content")
    st.caption(
        "Further columns of the table of labels or of the Parquet file. They filter and colour the images and are in "
        "the exports; they change no result."
    )


def values_of(run: Run, row: int) -> None:
    """Draw the own values of one image in one line; nothing if there are none."""
    parts = []
    for name, values in run.dataset.columns.items():
        value = values[row]
        text = f"{value:,.6g}" if is_numeric(values) and np.isfinite(value) else str(value)
        if text not in ("", "nan"):
            parts.append(f"{shorten(name, MAX_NAME)}: {shorten(text, MAX_NAME)}")
    if parts:
        st.caption(escape(" · ".join(parts)))


def map_columns(run: Run) -> dict[str, Column]:
    """Return the first own columns for the map; a column of many different texts has no colours."""
    found: dict[str, Column] = {}
    texts = text_columns(run)
    for name, values in run.dataset.columns.items():
        if len(found) == MAX_ON_MAP:
            break
        if name not in texts:
            found[f"own:{name}"] = Column(name, values, about=ABOUT)
            continue
        codes, names = texts_of(run, name)
        if len(names) <= MAX_TEXTS_ON_MAP:
            found[f"own:{name}"] = Column(name, codes, names=tuple(text or MISSING for text in names), about=ABOUT)
    return found
