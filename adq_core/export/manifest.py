"""The manifest of an export: settings, digests and versions, from which the run can be repeated and checked."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import numpy as np

from adq_core.data import ImageDataset
from adq_core.records import BinScores, Quotas, Record, Selection
from adq_core.versions import library_versions

MANIFEST = "manifest.json"
PACKAGES = ("adq-explorer", "numpy", "pandas", "pyarrow")  # write the files; those of the stages are listed by stage


def manifest_file(
    dataset: ImageDataset,
    scores: BinScores,
    quotas: Quotas,
    selection: Selection,
    *,
    settings: Mapping[str, Any],
    stages: Mapping[str, Record],
    made_with: Mapping[str, Mapping[str, str | None]],
    files: Mapping[str, bytes],
) -> bytes:
    """Return the manifest of an export as JSON.

    It holds the settings, the digest of the data set, key and digest of every record in `stages`, the SHA-256 of every
    file in `files` and the skipped images. `versions` has those of Python and of the packages that wrote the files, and
    under `stages` those of the libraries that computed each result (`made_with`), also if it was read from a cache.
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
        "versions": {"python": platform.python_version()}
        | library_versions(PACKAGES)
        | {"stages": {name: dict(versions) for name, versions in made_with.items()}},
    }
    text = json.dumps(manifest, indent=2, ensure_ascii=False, allow_nan=False)
    return (text + "\n").encode()


def differing_digests(manifest: Mapping[str, Any], stages: Mapping[str, Record], dataset: str) -> list[str]:
    """Return the names of the stages whose records differ from those that a manifest lists.

    `dataset` is the digest of the data set, which is compared too. Entries that are not of the form that
    `manifest_file` writes are not compared.
    """
    digests = {"dataset": dataset} | {name: record.digest() for name, record in stages.items()}
    recorded = {name: _digest(manifest.get("stations"), name) for name in stages}
    recorded["dataset"] = _digest(manifest, "dataset")
    return [name for name, digest in digests.items() if recorded[name] not in (None, digest)]


def _digest(entries: Any, name: str) -> Any:
    entry = entries.get(name) if isinstance(entries, Mapping) else None
    return entry.get("digest") if isinstance(entry, Mapping) else None


def _selected_per_class(dataset: ImageDataset, selection: Selection) -> dict[str, int]:
    """Return the number of selected images of every class."""
    counts = np.bincount(dataset.labels[selection.indices], minlength=dataset.n_classes).tolist()
    return dict(zip(dataset.class_names, counts, strict=True))
