"""From a finished run to files that name every image by its stable id and repeat to the byte."""

from __future__ import annotations

import hashlib
import io
import json
import os
import platform
import zipfile
from collections.abc import Mapping
from dataclasses import asdict
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from adq_core.data import ImageDataset
from adq_core.errors import StorageError
from adq_core.records import Bins, BinScores, Projection, Quotas, Record, Selection, Texture

if TYPE_CHECKING:
    import pandas as pd  # a fifth of a second: inside the functions that make tables

MANIFEST = "manifest.json"
EPOCH = (1980, 1, 1, 0, 0, 0)  # of every file in a zip: the same content gives the same bytes, so no date of today
PACKAGES = ("numpy", "numba", "pandas", "pillow", "pyarrow", "scikit-learn", "torch", "torchvision", "umap-learn")


def add_file(archive: zipfile.ZipFile, name: str, content: bytes, *, deflated: bool = True) -> None:
    """Add a file without a date to a zip; what is packed already, such as PNG, is better stored as it is."""
    archive.writestr(zipfile.ZipInfo(name, EPOCH), content, zipfile.ZIP_DEFLATED if deflated else zipfile.ZIP_STORED)


def export_files(
    dataset: ImageDataset,
    projection: Projection,
    bins: Bins,
    texture: Texture | None,
    scores: BinScores,
    quotas: Quotas,
    selection: Selection,
    *,
    settings: Mapping[str, Any],
    stages: Mapping[str, Record],
) -> dict[str, bytes]:
    """Return the files of an export by name: manifest, samples, bins, selected indices and ids.

    The bytes depend on the records and the versions of the packages alone: no date, no duration, no path of a machine
    beside the one given as data set. `stages` are the records whose key and digest the manifest pins.
    """
    files = {
        "samples.parquet": parquet(samples_table(dataset, projection, bins, texture, selection)),
        "bins.csv": bins_table(scores, quotas).to_csv(index=False, lineterminator="\n").encode(),
        "selected_indices.npy": _npy(selection.indices),
        "selected_ids.txt": "".join(f"{dataset.ids[row]}\n" for row in selection.indices).encode(),
    }
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
            "classes": dict(
                zip(
                    dataset.class_names,
                    np.bincount(dataset.labels[selection.indices], minlength=dataset.n_classes).tolist(),
                    strict=True,
                )
            ),
            "notes": list(scores.warnings + quotas.notes),
        },
        "stations": {name: {"key": record.key, "digest": record.digest()} for name, record in stages.items()},
        "files": {
            name: {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)} for name, data in files.items()
        },
        "versions": {"python": platform.python_version()} | {name: _version(name) for name in PACKAGES},
    }
    text = json.dumps(manifest, indent=2, ensure_ascii=False, allow_nan=False)
    return {MANIFEST: (text + "\n").encode()} | files


def bins_table(scores: BinScores, quotas: Quotas) -> pd.DataFrame:
    """Return one row a bin: its capacity, raw and normalised scores, importance, r and quota."""
    import pandas as pd

    return pd.DataFrame(
        {
            "bin": np.arange(len(quotas.quota)),
            "capacity": quotas.capacity,
            "representativeness": scores.representativeness,
            "diversity": scores.diversity,
            "representativeness_norm": scores.representativeness_norm,
            "diversity_norm": scores.diversity_norm,
            "importance": scores.importance,
            "importance_share": quotas.importance_share,
            "r": quotas.r,
            "quota": quotas.quota,
        }
    )


def differing_digests(manifest: Mapping[str, Any], stages: Mapping[str, Record]) -> list[str]:
    """Return the stages whose content here differs from what a manifest pins: where a repeat parted ways."""
    pinned = manifest.get("stations", {})
    return [name for name, record in stages.items() if name in pinned and pinned[name].get("digest") != record.digest()]


def check_target(folder: Path, *, overwrite: bool) -> None:
    """Raise `StorageError` where a folder cannot take an export; asked before hours are spent on a run."""
    if folder.exists() and not folder.is_dir():
        raise StorageError(f"--out must be a folder, but {folder} is a file. Name another.")
    if folder.is_dir() and any(folder.iterdir()) and not overwrite:
        raise StorageError(f"{folder} must be empty, but it has files in it. Name another folder or add --overwrite.")


def write_files(files: Mapping[str, bytes], folder: Path, *, overwrite: bool = False) -> None:
    """Write the files into a folder: all are written aside first and renamed last, so none appears half written.

    Files of other names that are already there are left alone.
    """
    check_target(folder, overwrite=overwrite)
    aside: list[tuple[Path, Path]] = []
    made = not folder.exists()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, data in files.items():
            temporary = folder / f".{name}.{os.getpid()}.part"
            aside.append((temporary, folder / name))
            temporary.write_bytes(data)
        for temporary, final in aside:
            temporary.replace(final)
    except OSError as error:
        raise StorageError(
            f"Could not write {folder}: {error.strerror or error}. Free some space or name another folder with --out."
        ) from error
    finally:
        for temporary, _ in aside:
            temporary.unlink(missing_ok=True)
        if made and folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()


def samples_table(
    dataset: ImageDataset, projection: Projection, bins: Bins, texture: Texture | None, selection: Selection
) -> pd.DataFrame:
    """Return one row an image, in the data set's order: everything known of it, and whether it is selected."""
    import pandas as pd

    return pd.DataFrame(
        {
            "id": pd.Series(dataset.ids, dtype="str"),
            "path": pd.Series(dataset.paths if dataset.paths is not None else [None] * len(dataset), dtype="str"),
            "label": dataset.labels,
            "class_name": pd.Series(np.asarray(dataset.class_names, dtype=object)[dataset.labels], dtype="str"),
            "bin": bins.bin_of,
            "rank": bins.rank,
            "draw_position": selection.draw_position,
            "gain": bins.gain,
            "texture": np.full(len(dataset), np.nan) if texture is None else texture.values,
            "umap_x": projection.xy[:, 0],
            "umap_y": projection.xy[:, 1],
            "selected": selection.selected,
        }
    )


def parquet(frame: pd.DataFrame) -> bytes:
    """Return a table as a parquet file; the same table gives the same bytes."""
    buffer = io.BytesIO()
    frame.to_parquet(buffer, index=False, compression="zstd")
    return buffer.getvalue()


def _npy(array: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, array, allow_pickle=False)
    return buffer.getvalue()


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None
