"""`npy`, `csv`, `parquet` and `torch`: indices and tables of the selected images, without the images."""

from __future__ import annotations

import io

import numpy as np

from adq_core.progress import Progress

from .manifest import MANIFEST
from .names import safe_name
from .options import ExportOptions
from .sinks import Sink
from .subset import Subset
from .tables import parquet
from .texts import csv_bytes

TORCH_SCRIPT = '''"""Open the selected images as a PyTorch data set: images as PIL images, classes as numbers."""

from pathlib import Path

from adq_core.export import SubsetDataset

dataset = SubsetDataset(Path(__file__).parent)
print(len(dataset), "images of", len(dataset.classes), "classes")
'''


def write_npy(subset: Subset, sink: Sink, options: ExportOptions, progress: Progress) -> None:
    """Write the files of a run, and the indices once more under the names of the published code.

    `bins/select_indices_NAME_exp{b}.npy` has all images of bin b, in the order in which the greedy took them, and
    `select_indices_NAME_{keep ratio}.npy` the selected images, bin after bin. The published code reads every file in
    the folder of the bins, so that folder contains nothing else.
    """
    write_run_files(subset, sink, options, progress)
    samples, name = subset.samples, safe_name(subset.name, default="dataset")
    ratio = subset.manifest.get("settings", {}).get("keep_ratio", len(subset) / len(samples))
    for number in range(int(samples["bin"].max()) + 1):
        of_bin = samples[samples["bin"] == number].sort_values(["rank", "label"], kind="stable")
        sink.add(f"bins/select_indices_{name}_exp{number}.npy", npy(of_bin["index"].to_numpy()))
    selected = subset.table.sort_values(["bin", "draw_position"], kind="stable")
    sink.add(f"select_indices_{name}_{ratio:g}.npy", npy(selected["index"].to_numpy()))


def write_run_files(subset: Subset, sink: Sink, options: ExportOptions, progress: Progress) -> None:
    """Write the files of a run as they are, except the manifest, which is written last."""
    for name, data in subset.files.items():
        if name != MANIFEST:
            sink.add(name, data)


def write_torch(subset: Subset, sink: Sink, options: ExportOptions, progress: Progress) -> None:
    """Write the files of a run and a script that opens them as a PyTorch data set."""
    write_run_files(subset, sink, options, progress)
    sink.add("load.py", TORCH_SCRIPT.encode())


def write_csv(subset: Subset, sink: Sink, options: ExportOptions, progress: Progress) -> None:
    """Write `selected.csv`, one row per selected image."""
    sink.add("selected.csv", csv_bytes(subset.table))


def write_parquet(subset: Subset, sink: Sink, options: ExportOptions, progress: Progress) -> None:
    """Write `selected.parquet`, one row per selected image."""
    sink.add("selected.parquet", parquet(subset.table))


def npy(array: np.ndarray) -> bytes:
    """Return a `.npy` file with these numbers as int64."""
    file = io.BytesIO()
    np.save(file, array.astype(np.int64), allow_pickle=False)
    return file.getvalue()
