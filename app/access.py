"""What a user may open and may read: uploads by reference, no files of other users, no paths of a public server."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from adq_core.errors import AdqError, InputError
from app import stores, visitors
from app.text import setting_names, visible_paths
from app.uploads import read_reference

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
