"""Labels or ids of vectors from the `metadata.tsv` of the TensorBoard projector."""

from __future__ import annotations

from pathlib import Path

from adq_core.data.tables.columns import Field, id_column, label_column
from adq_core.data.tables.delimited import DelimitedFile
from adq_core.errors import InputError

from .tables import Table

MAX_BYTES = 2**28  # of metadata.tsv


def with_metadata(path: Path, table: Table) -> Table:
    """Return a table with the labels or ids of `metadata.tsv`, if it is a .tsv without column names beside one.

    A file of one column has no column names: it has the ids if all its texts are different, otherwise the labels.

    Raises
    ------
    InputError
        If `metadata.tsv` cannot be read or has another number of rows.
    """
    place = path.with_name(path.name.replace("vectors", "metadata").replace("tensors", "metadata"))
    if path.suffix.lower() != ".tsv" or table.note or place == path or not place.is_file():
        return table
    if place.stat().st_size > MAX_BYTES:
        raise InputError(f"{place.name} must have at most {MAX_BYTES // 2**20} MB.")
    metadata = DelimitedFile(place, names_needed=False)
    fields = metadata.fields
    one = len(fields) == 1
    label, name = (None, fields[0].name) if one else (label_column(fields), id_column(fields))
    wanted = [each for each in (label, name) if each is not None]
    if not wanted:
        return table
    metadata.fields = [Field(each, "text") for each, _ in fields]
    columns: dict[str, list[str]] = {each: [] for each in wanted}
    for batch in metadata.batches(wanted):
        for each in wanted:
            columns[each] += batch.column(batch.schema.get_field_index(each)).to_pylist()
    m = len(table.vectors)
    for values in columns.values():
        if len(values) != m:
            raise InputError(f"{place.name} must have one row for each of the {m} vectors, got {len(values)}.")
    if one and len(set(columns[wanted[0]])) < m:
        label, name = name, None
    what = " and ".join(text for text, column in (("labels", label), ("ids", name)) if column is not None)
    return table._replace(
        labels=None if label is None else columns[label],
        ids=None if name is None or len(set(columns[name])) < m else columns[name],
        note=f"The {what} are from {place.name}.",
    )
