"""What a user may open and may read: uploads by reference, no files of other users, no paths of a public server."""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path

from adq_core.data import DATASETS
from adq_core.embeddings import EMBEDDINGS
from adq_core.errors import AdqError, InputError
from app import stores, visitors
from app.text import setting_names, visible_paths
from app.uploads import read_reference

BUILT_IN = frozenset((*DATASETS, *EMBEDDINGS))  # names that are no files, also where a file has the same name
TRAINED = "trained"  # folder of trained weights in the library, with one subfolder per owner


def locate(dataset: str) -> str:
    """Return the path or name with which the library opens the data set of this name for this visitor.

    Raises
    ------
    InputError
        If it is an upload that this visitor may not open, or a file that belongs to another visitor.
    """
    if read_reference(dataset) is not None:
        return str(stores.uploads().open_path(dataset, visitors.owner()))
    check_path(dataset)
    return dataset


def check_path(name: str | None) -> None:
    """Raise `InputError` if this name is a path into the folder of uploads, or into the folder of another owner.

    The text is that for a file that does not exist.
    """
    if name and ("/" in name or "\\" in name) and _is_private(name):
        raise InputError(f"There is no file or folder {name!r}.")


def _is_private(name: str) -> bool:
    try:
        path = Path(name).expanduser().resolve()
    except (OSError, ValueError, RuntimeError):  # a null byte, a link to itself, an unknown user after `~`
        return False
    trained = _resolved(stores.library().folder) / TRAINED
    if path.is_relative_to(trained):
        parts = path.relative_to(trained).parts
        return len(parts) > 1 and parts[0] != visitors.owner()
    return path.is_relative_to(_resolved(stores.uploads().folder))


@lru_cache(maxsize=16)
def _resolved(folder: Path) -> Path:
    """Return a folder of the server without symbolic links; they do not change while it runs."""
    return folder.resolve()


def real_name(name: str | None) -> str | None:
    """Return the path of a file below the folder of data of a public server, if the name is relative to it.

    Other names are returned as they are.
    """
    root = stores.data_root() if stores.is_public() else None
    if not name or root is None or os.path.isabs(name) or read_reference(name) is not None:
        return name
    path = os.path.join(root, name)
    return path if name not in BUILT_IN and os.path.exists(path) else name


def shown_name(name: str | None) -> str | None:
    """Return a name for a widget or a link: on a public server, a path below its folder of data is relative to it."""
    root = stores.data_root() if stores.is_public() else None
    if not name or root is None or not os.path.isabs(name):
        return name
    return visible_paths.relative_to(name, root)


def visible(text: str) -> str:
    """Return a text for a user: uploads have their names, and on a public server paths are relative to its data."""
    text = with_upload_names(text)
    return visible_paths.without_folders(text, stores.data_root()) if stores.is_public() else text


def with_upload_names(text: str) -> str:
    """Return a text with the names of uploads instead of the files that store them."""
    return visible_paths.with_upload_names(text, stores.uploads().name_of)


def error_text(error: AdqError) -> str:
    """Return the text of an error for a user; settings in it have the names that their widgets have."""
    return visible(setting_names.error_text(error))
