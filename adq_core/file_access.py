"""Files that settings may name. A program on the user's own machine may read all; a public server restricts them.

`restrict` is called once, at the start of a server that other people can reach. From then on, `Settings` and weights
that name any other file are refused with the same sentence, whether or not the file exists.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from .errors import SettingsError

DOWNLOADS = ("torchvision:", "timm:")  # prefixes of names that download files to the server


@dataclass(frozen=True)
class AllowedFolder:
    """A folder whose content may be read; a path must lie at least `depth` levels below it."""

    path: Path
    depth: int = 0


_allowed: tuple[AllowedFolder, ...] | None = None  # None: no restriction


def restrict(folders: Iterable[AllowedFolder] | None) -> None:
    """Allow only files in these folders from now on, in the whole process; None removes the restriction."""
    global _allowed
    _allowed = (
        None if folders is None else tuple(AllowedFolder(_resolved(folder.path), folder.depth) for folder in folders)
    )


def is_restricted() -> bool:
    """Return whether only files in some folders may be read."""
    return _allowed is not None


def check_access(setting: str, name: str | None) -> None:
    """Raise `SettingsError` if the value of this setting is a file that may not be read, or a name that downloads.

    A name without a separator that is no file, such as the name of a built-in data set, is allowed. Symbolic links are
    followed first, so a link inside an allowed folder does not lead out of it.
    """
    if _allowed is None or name is None:
        return
    is_network_path = name.startswith(("\\\\", "//"))  # Windows would log in to that machine when it looks
    if is_network_path or name.startswith(DOWNLOADS) or not _is_allowed(name):
        raise SettingsError(
            f"{setting} must be a built-in name, an upload, or a file in the data folder of this server. "
            "This server opens no others, and it downloads none.",
            setting,
        )


def _is_allowed(name: str) -> bool:
    try:
        if not any(mark in name for mark in ("/", "\\", "~", ":")) and name != ".." and not os.path.lexists(name):
            return True
        path = _resolved(Path(name))
    except (OSError, ValueError, RuntimeError):  # a link to itself, a null byte, an unknown user after `~`
        return False
    return any(_is_below(path, folder) for folder in _allowed or ())


def _is_below(path: Path, folder: AllowedFolder) -> bool:
    return path.is_relative_to(folder.path) and len(path.relative_to(folder.path).parts) >= folder.depth


def _resolved(path: Path) -> Path:
    return path.expanduser().resolve()
