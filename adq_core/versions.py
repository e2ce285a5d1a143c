"""Versions of the installed libraries: results computed with other versions are other results."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from importlib import metadata

IMAGE_LIBRARIES = ("numpy", "pillow", "pillow-heif")  # decide the pixels of a decoded and resized image


def library_versions(names: Iterable[str]) -> dict[str, str | None]:
    """Return the version of each library by its name on PyPI, sorted; None for one that is not installed.

    The version includes the build, such as `2.9.0+cpu`, because builds of torch compute with different routines.
    """
    return {name: _version(name) for name in sorted(names)}


@lru_cache(maxsize=64)
def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None
