"""Lists of ids beside a manifest: the images that are always kept and never taken."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from adq_core.errors import InputError, foreign_reason

from .texts import unescaped

MAX_IN_MANIFEST = 1_000  # ids; a longer list is only in its file
FILE = "file"  # key of the name of the file in the manifest


def list_file(name: str) -> str:
    """Return the name of the file of a list: `always_ids.txt` or `never_ids.txt`."""
    return f"{name}_ids.txt"


def lists_in_manifest(lists: Mapping[str, Sequence[str]], settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return the lists as the settings in a manifest have them: the ids, or the file that has them."""
    return {
        name: settings[name] if len(ids) <= MAX_IN_MANIFEST else {FILE: list_file(name)} for name, ids in lists.items()
    }


def with_lists(manifest: dict[str, Any], folder: Path) -> dict[str, Any]:
    """Return a manifest with the ids of its lists instead of the names of their files.

    The files are beside the manifest, in `folder`. Raises `InputError` if one cannot be read.
    """
    values = manifest.get("settings")
    if not isinstance(values, dict):
        return manifest
    ids = {
        name: _read(folder / list_file(name))
        for name in ("always", "never")
        if isinstance(values.get(name), dict) and values[name].get(FILE) == list_file(name)
    }
    return manifest | {"settings": values | ids}


def _read(path: Path) -> list[str]:
    try:
        text = path.read_bytes().decode("utf-8", "surrogatepass")
        return [unescaped(line) for line in text.split("\n") if line]
    except (OSError, ValueError) as error:
        raise InputError(
            f"The manifest names {path.name}, which must be beside it, but it cannot be read: {foreign_reason(error)}."
        ) from None
