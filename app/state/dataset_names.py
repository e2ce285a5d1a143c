"""Names of data sets on the screen, where a data set is an upload, a file or a folder. No Streamlit in here."""

from __future__ import annotations

from pathlib import Path

from app.text.markdown import escape
from app.uploads import read_reference

VISIBLE_LENGTH = 24  # characters of a path that fit into its box


def short_name(dataset: str) -> str:
    """Return the short name of a data set: the name of an upload, the last part of a path, or the name itself."""
    reference = read_reference(dataset)
    return Path(dataset).name if reference is None else reference.name


def location(dataset: str) -> str | None:
    """Return the file name and the folder of a path that is too long for its box, as Markdown; None if it fits."""
    if read_reference(dataset) is not None:
        return None
    folder, _, name = dataset.replace("\\", "/").rstrip("/").rpartition("/")
    if not folder or len(dataset) <= VISIBLE_LENGTH:
        return None
    return f"**{escape(name)}** in {escape(Path(folder).name)}"
