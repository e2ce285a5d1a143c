"""`imagefolder` and `zip`: one folder per class with the image files, and a table for Hugging Face `datasets`."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from typing import Any

from adq_core.progress import Progress

from .manifest import MANIFEST
from .names import safe_name, unique_names
from .options import ExportOptions
from .sinks import Sink
from .subset import Subset

CHUNK = 1000  # rows
METADATA = "metadata.jsonl"
CARD = "README.md"
CROISSANT = "croissant.json"
OWN_FILES = (METADATA, CARD, CROISSANT, MANIFEST)
# Without this card, `datasets` takes files with words such as "test" in their names for a split of their own.
CARD_TEXT = """---
configs:
- config_name: default
  data_files:
  - split: train
    path:
    - {metadata}
    - "{images}"
---
{n_images} images of {name}, selected by ADQ Explorer. `datasets.load_dataset` opens this folder; `manifest.json` has
the settings of the selection and the digest of every file.
"""


def write_image_folder(subset: Subset, sink: Sink, options: ExportOptions, progress: Progress) -> None:
    """Write `CLASS/NAME` for every image, `metadata.jsonl` with one row per image, and a card for `datasets`."""
    paths = image_paths(subset, options)
    write_images(subset, sink, paths, progress)
    write_metadata(subset, sink, paths)
    sink.add(CARD, card(subset, "*/*"))


def write_images(subset: Subset, sink: Sink, paths: list[str], progress: Progress) -> None:
    """Write the image file of every image under its path."""
    for number, path in enumerate(paths):
        progress(number, len(paths), "images")
        sink.add(path, subset.image_file(number), subset.dataset.file_path(int(subset.rows[number])))
    progress(len(paths), len(paths), "images")


def image_paths(subset: Subset, options: ExportOptions, folder: str = "") -> list[str]:
    """Return the path of every image in the export: its class and its name, both safe and unique."""
    labels, ids = subset.table["label"].tolist(), subset.table["id"].tolist()
    names = [safe_name(name, default="class") for name in subset.class_names]
    folders = unique_names(names, range(len(names)), taken=OWN_FILES if not folder else ())
    endings = [subset.suffix_of(number) for number in range(len(ids))]
    if options.names == "numbered":
        width = max(7, len(str(len(ids))))
        return [
            f"{folder}{folders[label]}/{number:0{width}d}{ending}"
            for number, (label, ending) in enumerate(zip(labels, endings, strict=True))
        ]
    plain = [safe_name(str(image).split("/")[-1], ending=end) for image, end in zip(ids, endings, strict=True)]
    of_class: dict[int, list[int]] = {}
    for number, label in enumerate(labels):
        of_class.setdefault(label, []).append(number)
    indices = subset.table["index"].tolist()
    result = [""] * len(ids)
    for label, numbers in of_class.items():
        unique = unique_names([plain[number] for number in numbers], [indices[number] for number in numbers])
        for number, name in zip(numbers, unique, strict=True):
            result[number] = f"{folder}{folders[label]}/{name}"
    return result


def write_metadata(subset: Subset, sink: Sink, paths: list[str]) -> None:
    """Write `metadata.jsonl`: one JSON object per image, in one line each, with `file_name` and the columns."""
    with sink.open(METADATA) as file:
        for path, row in zip(paths, rows_of(subset), strict=True):
            file.write((json.dumps({"file_name": path, **row}) + "\n").encode())


def rows_of(subset: Subset) -> Iterator[dict[str, Any]]:
    """Yield the columns of every image as a JSON object; `label` is the name of the class."""
    table = subset.table.drop(columns=["label", "path"], errors="ignore").rename(columns={"class_name": "label"})
    for start in range(0, len(table), CHUNK):  # as objects, all rows would take a kilobyte each
        for row in table.iloc[start : start + CHUNK].to_dict("records"):
            yield {str(name): _plain(value) for name, value in row.items()}


def _plain(value: Any) -> Any:
    return None if value is None or (isinstance(value, float) and not math.isfinite(value)) else value


def card(subset: Subset, images: str, metadata: str = METADATA) -> bytes:
    """Return the README.md of an export that `datasets.load_dataset` reads first."""
    name = json.dumps(subset.name)
    return CARD_TEXT.format(metadata=metadata, images=images, n_images=f"{len(subset):,}", name=name).encode()
