"""How a data set that is a file or a folder is called on the screen and in a link. No Streamlit in here."""

from __future__ import annotations

import re
from pathlib import Path

from app.text.markdown import escape

UPLOADS = "uploads"  # the folder of the store in which uploaded files lie, each in one of its own, called by its digest
SHOWN = 24  # characters of a path that its box shows
SIGN = 6  # characters of the digest that tell two uploads of one name apart


def label(dataset: str) -> str:
    """Return what stands for a data set in its box and in a link: an upload's own name, else what it is."""
    path = Path(dataset)
    return f"{path.name} ({path.parent.name[:SIGN]})" if path.parent.parent.name == UPLOADS else dataset


def found(name: str, store: Path) -> str:
    """Return the data set that a label stands for: the upload in this store, else the text itself."""
    called = re.fullmatch(r"([^/\\]+) \(([0-9a-f]+)\)", name)
    if called is None:
        return name
    places = sorted((store / UPLOADS).glob(f"{called[2]}*/"))
    there = [str(place / called[1]) for place in places if (place / called[1]).is_file()]
    return there[0] if there else name


def ending(dataset: str) -> str | None:
    """Return which file or folder a long path leads to, for its box shows the beginning; None where that is all."""
    folder, _, name = dataset.replace("\\", "/").rstrip("/").rpartition("/")
    if not folder or len(dataset) <= SHOWN or label(dataset) != dataset:
        return None
    return f"**{escape(name)}** in {escape(Path(folder).name)}"
