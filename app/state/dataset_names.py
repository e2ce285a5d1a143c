"""Names of data sets on the screen and in links, where a data set is a file or a folder. No Streamlit in here."""

from __future__ import annotations

import re
from pathlib import Path

from app.text.markdown import escape

UPLOADS = "uploads"  # folder in the store for uploaded files; each file is in a subfolder named by its digest
VISIBLE_LENGTH = 24  # characters of a path that fit into its box
DIGEST_LENGTH = 6  # characters of the digest in the name of an upload, because two uploads can have the same file name


def display_name(dataset: str) -> str:
    """Return the name of a data set in its box and in a link: the file name and digest of an upload, or `dataset`."""
    path = Path(dataset)
    return f"{path.name} ({path.parent.name[:DIGEST_LENGTH]})" if path.parent.parent.name == UPLOADS else dataset


def from_display_name(name: str, store: Path) -> str:
    """Return the data set with this display name: the path of an upload in this store, or the name itself."""
    parts = re.fullmatch(r"([^/\\]+) \(([0-9a-f]+)\)", name)
    if parts is None:
        return name
    folders = sorted((store / UPLOADS).glob(f"{parts[2]}*/"))
    paths = [str(folder / parts[1]) for folder in folders if (folder / parts[1]).is_file()]
    return paths[0] if paths else name


def location(dataset: str) -> str | None:
    """Return the file name and the folder of a path that is too long for its box, as Markdown; None if it fits."""
    folder, _, name = dataset.replace("\\", "/").rstrip("/").rpartition("/")
    if not folder or len(dataset) <= VISIBLE_LENGTH or display_name(dataset) != dataset:
        return None
    return f"**{escape(name)}** in {escape(Path(folder).name)}"
