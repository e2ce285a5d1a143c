"""The manifest of an export: settings, digests and versions, from which the run can be repeated and checked."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Mapping
from dataclasses import asdict
from importlib import metadata
from typing import Any

import numpy as np

from adq_core.data import ImageDataset
from adq_core.records import BinScores, Quotas, Record, Selection

MANIFEST = "manifest.json"
PACKAGES = ("numpy", "numba", "pandas", "pillow", "pyarrow", "scikit-learn", "torch", "torchvision", "umap-learn")


def manifest_file(
    dataset: ImageDataset,
    scores: BinScores,
    quotas: Quotas,
    selection: Selection,
    *,
    settings: Mapping[str, Any],
    stages: Mapping[str, Record],
    files: Mapping[str, bytes],
) -> bytes:
    """Return the manifest of an export as JSON.

    It holds the settings, the digest of the data set, key and digest of every record in `stages`, the SHA-256 of every
    file in `files`, the skipped images and the versions of Python and of the packages.
    """
    manifest = {
        "format": 1,
        "settings": dict(settings),
        "dataset": {
            "name": dataset.name,
            "digest": dataset.digest(),
            "images": len(dataset),
            "has_images": dataset.has_images,
            "classes": dict(zip(dataset.class_names, dataset.class_counts.tolist(), strict=True)),
            "index": dataset.reading.index,
            "notes": [*dataset.reading.notes, *filter(None, [dataset.reading.other_files])],
            "left_out": [asdict(item) for item in dataset.skipped],
        },
        "selected": {
            "images": int(selection.selected.sum()),
            "keep_ratio": quotas.reached_keep_ratio,
            "classes": _selected_per_class(dataset, selection),
            "notes": list(scores.warnings + quotas.notes),
        },
        "stations": {name: {"key": record.key, "digest": record.digest()} for name, record in stages.items()},
        "files": {
            name: {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)} for name, data in files.items()
        },
        "versions": {"python": platform.python_version()} | {name: _version(name) for name in PACKAGES},
    }
    text = json.dumps(manifest, indent=2, ensure_ascii=False, allow_nan=False)
    return (text + "\n").encode()


def differing_digests(manifest: Mapping[str, Any], stages: Mapping[str, Record]) -> list[str]:
    """Return the names of the stages whose records differ from those that a manifest lists."""
    recorded = manifest.get("stations", {})
    return [
        name for name, record in stages.items() if name in recorded and recorded[name].get("digest") != record.digest()
    ]


def _selected_per_class(dataset: ImageDataset, selection: Selection) -> dict[str, int]:
    """Return the number of selected images of every class."""
    counts = np.bincount(dataset.labels[selection.indices], minlength=dataset.n_classes).tolist()
    return dict(zip(dataset.class_names, counts, strict=True))


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None
