"""Manifests of earlier runs: their settings, and the folder from which their relative paths are found."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Any

from adq_core.data import VECTOR_SUFFIXES, base_folder, is_path

from .options import PATH_SETTINGS


def base_of(manifest: dict[str, Any], folder: Path, options: Collection[str] = ()) -> Path:
    """Return the folder from which the relative paths of a manifest are found: see `base_folder`.

    `folder` is that of the manifest. Settings named in `options` do not count, because the user has given them.
    """
    values = manifest["settings"] if isinstance(manifest.get("settings"), dict) else manifest
    texts = {name: values[name] for name in PATH_SETTINGS if isinstance(values.get(name), str) and name not in options}
    paths = [
        text
        for name, text in texts.items()
        if "\0" not in text
        and (name not in ("dataset", "embeddings") or (is_path(text) if name == "dataset" else _is_vector_file(text)))
    ]
    return base_folder(paths, folder)


def _is_vector_file(text: str) -> bool:
    return Path(text).suffix.lower() in VECTOR_SUFFIXES
