"""Lists of images in settings: ids as one canonical text, so that equal lists give equal keys and equal manifests.

The text is a JSON list of the ids, sorted and each once, in ASCII: it holds any file name, also one that is no valid
UTF-8. No list is None.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from .errors import SettingsError


def list_text(ids: Iterable[str]) -> str | None:
    """Return the canonical text of a list of ids; None for an empty list."""
    unique = sorted(set(ids))
    return json.dumps(unique, separators=(",", ":")) if unique else None


def ids_of_text(text: str | None) -> tuple[str, ...]:
    """Return the ids in a canonical text, ascending; none for None."""
    return () if text is None else tuple(json.loads(text))


def recorded_list(text: str) -> list[str] | str:
    """Return a list as a manifest records it: as a list, or as its text if an id cannot be written as UTF-8."""
    ids = list(ids_of_text(text))
    try:
        "".join(ids).encode()
    except UnicodeEncodeError:
        return text
    return ids


def canonical_list(name: str, value: Any) -> str | None:
    """Return the canonical text of the value of a setting: None, ids, or the JSON text of a list of ids.

    Raises `SettingsError` for anything else; `name` is the setting.
    """
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            value = False
    if value is None:
        return None
    if not isinstance(value, (list, tuple)) or not all(isinstance(one, str) for one in value):
        raise SettingsError(f"{name} must be a list of ids, as JSON or as a Python list.", name)
    return list_text(value)


def check_disjoint(always: str | None, never: str | None) -> None:
    """Raise `SettingsError` if an image is in both lists."""
    both = sorted(set(ids_of_text(always)) & set(ids_of_text(never)))
    if both:
        count = "1 image is" if len(both) == 1 else f"{len(both):,} images are"
        raise SettingsError(
            f"always and never must not have the same image, but {count} in both, for example {both[0]}. Remove it "
            "from one of them.",
            "always",
            "never",
        )
