"""Parquet files with image files in a column, as the Hugging Face library `datasets` writes them, to a `Source`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from adq_core.data.labels.classes import label_texts
from adq_core.data.own_columns import MAX_COLUMNS
from adq_core.data.pixels.decoding import MAX_FILE_BYTES
from adq_core.data.scan import Source
from adq_core.data.tables.columns import label_column
from adq_core.data.tables.parquet import ParquetTable
from adq_core.digests import derive_key
from adq_core.errors import InputError
from adq_core.progress import Progress, no_progress

from .packed_files import INDEX, PackedReader, Place, write_packed
from .zip_archives import MAX_FILES

# First bytes of an image file: its ending. Files of other formats have the ending .jpg too, so that the rows have the
# order of the table: image files are sorted, those with endings that `ImageFolder` does not list at the end.
ENDINGS = ((b"\x89PNG", "png"), (b"BM", "bmp"), (b"II*\0", "tif"), (b"MM\0*", "tif"), (b"RIFF", "webp"))


def has_images(path: Path) -> bool:
    """Return whether a Parquet file has a column of image files. Raises `InputError` if it cannot be read."""
    return ParquetTable(path).image_column() is not None


def parquet_source(
    paths: Sequence[Path], name: str, *, cache: Path | None = None, progress: Progress = no_progress
) -> Source:
    """Return the images in one Parquet file, or in the shards of one data set, named by their row numbers.

    The image files are copied to one file in the cache, because a Parquet file has no places for single values. Labels
    are those of a column `label`, `class`, ..., with the class names that `datasets` has stored.

    Raises
    ------
    InputError
        If a file is damaged, has no images, or unpacks to too many bytes.
    StorageError
        If the cache cannot be written.
    """
    tables = [ParquetTable(path) for path in paths]
    n_rows = sum(table.n_rows for table in tables)
    if n_rows > MAX_FILES:
        raise InputError(f"{name} must have at most {MAX_FILES:,} images, got {n_rows:,}. Name some of its files.")
    states = [(str(path.resolve()), path.stat().st_size, path.stat().st_mtime_ns) for path in paths]
    folder = None if cache is None else cache / "arrays" / derive_key("parquet", 1, *states)
    rows: list[list[Any]] = []  # per image: number of bytes, ending, label
    container = write_packed(_image_bytes(tables, rows, n_rows, progress), folder, lambda: json.dumps(rows))
    if folder is not None:
        rows = json.loads((folder / INDEX).read_text(encoding="utf-8"))
    width, start = len(str(max(n_rows - 1, 0))), 0
    places: dict[str, Place] = {}
    class_of: dict[str, str | None] = {}
    for number, (size, ending, label) in enumerate(rows):
        file = f"{number:0{width}}.{ending}"
        places[file] = Place(0, start, size)
        class_of[file] = label or None
        start += size
    has_labels = any(class_of.values())
    notes = [f"The images are the column {tables[0].image_column()}"]
    notes[0] += f", the classes the column {label_column(tables[0].fields)}." if has_labels else "; it has no labels."
    key = derive_key(*states)
    return Source(
        name,
        str(paths[0].resolve() if len(paths) == 1 else paths[0].resolve().parent / name),
        {file: f"{place.size}:{place.start}:{key}" for file, place in places.items()},
        PackedReader((container,), places),
        class_of=class_of if has_labels else None,
        notes=tuple(notes),
        columns=_further_columns(tables),
    )


def _further_columns(tables: Sequence[ParquetTable]) -> dict[str, list[Any]]:
    """Return the columns of numbers and texts that all tables have, without the images and the labels."""
    first = tables[0]
    taken = {first.image_column(), label_column(first.fields)}
    names = [
        name
        for name, kind in first.fields
        if kind in ("number", "text") and name not in taken and not name.startswith("__index_level")
    ][:MAX_COLUMNS]
    names = [name for name in names if all(name in dict(table.fields) for table in tables)]
    columns: dict[str, list[Any]] = {name: [] for name in names}
    for table in tables if names else ():
        for batch in table.batches(names):
            for number, name in enumerate(names):
                columns[name] += batch.column(number).to_pylist()
    for name, values in columns.items():
        if (class_names := first.class_names(name)) is not None:
            columns[name] = [
                class_names[value] if isinstance(value, int) and 0 <= value < len(class_names) else None
                for value in values
            ]
    return columns


def _image_bytes(
    tables: Sequence[ParquetTable], rows: list[list[Any]], n_rows: int, progress: Progress
) -> Iterator[bytes]:
    """Yield the bytes of all image files; append the number of bytes, the ending and the label of each to `rows`."""
    for table in tables:
        name = table.image_column()
        if name is None:
            raise InputError(
                f"{table.path.name} has no column of images, {{bytes, path}}. To open its vectors, name it."
            )
        label = label_column(table.fields)
        class_names = None if label is None else table.class_names(label)
        unpacked = 0
        for batch in table.batches([name] if label is None else [name, label]):
            texts = None if label is None else _labels(table, batch.column(1), class_names)
            for number, value in enumerate(_files(batch.column(0))):
                data: bytes = value.as_py() or b""
                unpacked += len(data)
                table.check(unpacked)
                if len(data) > MAX_FILE_BYTES:
                    data = data[:0]
                rows.append([len(data), _ending(data), None if texts is None else texts[number]])
                yield data
            progress(len(rows), n_rows, "unpacking images")


def _files(column: Any) -> Any:
    """Return the bytes of a column of images, plain or `{bytes, path}`."""
    import pyarrow as pa
    import pyarrow.compute as pc

    return pc.struct_field(column, "bytes") if pa.types.is_struct(column.type) else column


def _labels(table: ParquetTable, column: Any, class_names: list[str] | None) -> list[str]:
    try:
        texts = label_texts(column.to_pylist(), table.path.name)
    except UnicodeDecodeError:
        raise InputError(f"{table.path.name} must have labels in UTF-8, but some are not.") from None
    if class_names is None:
        return texts
    try:
        return [class_names[int(text)] if text and int(text) >= 0 else "" for text in texts]  # -1: without a label
    except (ValueError, IndexError):
        raise InputError(
            f"{table.path.name}: labels must be in 0..{len(class_names) - 1} for its {len(class_names)} class names."
        ) from None


def _ending(data: bytes) -> str:
    return next((ending for magic, ending in ENDINGS if data.startswith(magic)), "jpg")
