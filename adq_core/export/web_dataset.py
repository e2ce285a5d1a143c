"""`webdataset`: tar shards that the library `webdataset` streams, one sample per image."""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from adq_core.progress import Progress

from .image_folder import rows_of, write_metadata
from .names import safe_name
from .options import ExportOptions
from .sinks import Sink
from .subset import Subset


def write_webdataset(subset: Subset, sink: Sink, options: ExportOptions, progress: Progress) -> None:
    """Write `NAME-000000.tar`, ...: for every image `KEY.jpg` (or another ending), `KEY.cls` and `KEY.json`.

    `KEY.cls` is the number of the class, `KEY.json` has its name as `label` and the other columns. `metadata.jsonl` has
    the same rows with the shard and the name of each image.
    """
    stem = safe_name(subset.name, default="images").replace(".", "-")
    rows, labels, paths = rows_of(subset), subset.table["label"].tolist(), []
    width = max(7, len(str(len(subset))))
    for shard, numbers in enumerate(_shards(subset, options.shard_bytes)):
        name = f"{stem}-{shard:06d}.tar"
        with sink.open(name) as file, _tar(file) as archive:
            for number, data in numbers:
                progress(number, len(subset), "images")
                key = f"{number:0{width}d}"
                ending = subset.suffix_of(number).lower()
                _add(archive, key + ending, data)
                _add(archive, f"{key}.cls", str(labels[number]).encode())
                _add(archive, f"{key}.json", json.dumps(next(rows)).encode())
                paths.append(f"{name}/{key}{ending}")
    progress(len(subset), len(subset), "images")
    write_metadata(subset, sink, paths)


def _shards(subset: Subset, shard_bytes: int) -> Iterator[Iterator[tuple[int, bytes]]]:
    """Yield the images of each shard, (number, image file); a new shard begins before one would be too large."""
    number, waiting = 0, subset.image_file(0)

    def images() -> Iterator[tuple[int, bytes]]:
        nonlocal number, waiting
        written = 0
        while number < len(subset) and (not written or written + len(waiting) <= shard_bytes):
            yield number, waiting
            written += len(waiting)
            number += 1
            waiting = subset.image_file(number) if number < len(subset) else b""

    while number < len(subset):
        yield images()


@contextmanager
def _tar(file: Any) -> Iterator[tarfile.TarFile]:
    with tarfile.open(fileobj=file, mode="w", format=tarfile.GNU_FORMAT) as archive:
        yield archive


def _add(archive: tarfile.TarFile, name: str, data: bytes) -> None:
    """Add a file without a date and without an owner, so that equal images give equal bytes."""
    info = tarfile.TarInfo(name)
    info.size, info.mode = len(data), 0o644
    archive.addfile(info, io.BytesIO(data))
