"""`hf-parquet`: Parquet files with the image files inside, as Hugging Face `datasets` writes them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from adq_core.progress import Progress

from .image_folder import image_paths, rows_of
from .options import ExportOptions
from .sinks import Sink
from .subset import Subset

GROUP_BYTES = 32_000_000  # of the images in one row group: so much is in memory at once
GROUP_ROWS = 1000
CARD = """---
configs:
- config_name: default
  data_files:
  - split: train
    path: data/train-*
---
{n_images} images of {name}, selected by ADQ Explorer. `manifest.json` has the settings of the selection and the digest
of every file.
"""


def write_hf_parquet(subset: Subset, sink: Sink, options: ExportOptions, progress: Progress) -> None:
    """Write `data/train-00000.parquet`, ...: `image` (bytes and name), `label` (a ClassLabel) and the other columns."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema, groups = _schema(subset), _groups(subset, options, progress)
    shard, waiting = 0, next(groups, None)
    while waiting is not None:
        written = 0
        with (
            sink.open(f"data/train-{shard:05d}.parquet") as file,
            pq.ParquetWriter(pa.PythonFile(file, "w"), schema, compression="zstd") as writer,
        ):
            while waiting is not None and (not written or written + waiting[1] <= options.shard_bytes):
                writer.write_table(pa.Table.from_pylist(waiting[0], schema))
                written += waiting[1]
                waiting = next(groups, None)
        shard += 1
    progress(len(subset), len(subset), "images")
    sink.add("README.md", CARD.format(n_images=f"{len(subset):,}", name=json.dumps(subset.name)).encode())


def _groups(subset: Subset, options: ExportOptions, progress: Progress) -> Iterator[tuple[list[dict[str, Any]], int]]:
    """Yield the rows of each row group and the bytes of their images."""
    names = [path.split("/")[-1] for path in image_paths(subset, options)]
    labels = subset.table["label"].tolist()
    group: list[dict[str, Any]] = []
    size = 0
    for number, row in enumerate(rows_of(subset)):
        progress(number, len(subset), "images")
        data = subset.image_file(number)
        if group and (size + len(data) > min(GROUP_BYTES, options.shard_bytes) or len(group) == GROUP_ROWS):
            yield group, size
            group, size = [], 0
        group.append({**row, "image": {"bytes": data, "path": names[number]}, "label": labels[number]})
        size += len(data)
    yield group, size


def _schema(subset: Subset) -> Any:
    """Return the schema, with the features that `datasets` reads from its metadata."""
    import pyarrow as pa

    table = subset.table.drop(columns=["label", "path", "class_name"], errors="ignore")
    others = pa.Schema.from_pandas(table, preserve_index=False).remove_metadata()
    image = pa.struct([("bytes", pa.binary()), ("path", pa.string())])
    fields = [pa.field("image", image), pa.field("label", pa.int64()), *map(_plain, others)]
    features: dict[str, Any] = {
        "image": {"_type": "Image"},
        "label": {"names": subset.class_names, "_type": "ClassLabel"},
    }
    features |= {field.name: {"dtype": _dtype(field.type), "_type": "Value"} for field in fields[2:]}
    metadata = {"huggingface": json.dumps({"info": {"features": features}})}
    return pa.schema(fields, metadata=metadata)


def _plain(field: Any) -> Any:
    import pyarrow as pa

    return pa.field(field.name, pa.string()) if _is_text(field.type) else field


def _is_text(kind: Any) -> bool:
    import pyarrow as pa

    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_null(kind))


def _dtype(kind: Any) -> str:
    """Return the name that `datasets` has for a type of pyarrow."""
    import pyarrow as pa

    names = {pa.float64(): "float64", pa.float32(): "float32", pa.bool_(): "bool"}
    return names.get(kind, str(kind))
