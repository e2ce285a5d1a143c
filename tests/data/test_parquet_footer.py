"""The footer of a Parquet file is read without the functions of pyarrow that can end the process."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from adq_core.data.open import open_dataset
from adq_core.data.tables.parquet_footer import read_footer
from adq_core.errors import InputError
from tests.data.test_damaged_files import WHOLE


@pytest.mark.parametrize("name", [name for name in WHOLE if name.endswith(".parquet")])
def test_the_footer_says_what_pyarrow_says(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(WHOLE[name])
    metadata = pq.read_metadata(path)
    groups = read_footer(path)
    assert len(groups) == metadata.num_row_groups
    for number, group in enumerate(groups):
        for place, chunk in enumerate(group):
            column = metadata.row_group(number).column(place)
            assert ".".join(chunk.path) == column.path_in_schema
            assert chunk.physical_type == column.physical_type
            assert chunk.num_values == column.num_values
            assert chunk.unpacked == column.total_uncompressed_size
            assert chunk.packed == column.total_compressed_size
            pages = [column.data_page_offset]
            pages += [column.dictionary_page_offset] if column.dictionary_page_offset else []
            assert chunk.start == min(pages)


def test_several_row_groups_are_read(tmp_path: Path) -> None:
    path = tmp_path / "v.parquet"
    pq.write_table(pa.table({"f0": [1.0, 2, 3, 4, 5], "f1": [5.0, 4, 3, 2, 1]}), path, row_group_size=2)
    assert [len(group) for group in read_footer(path)] == [2, 2, 2]
    assert open_dataset(str(path)).vectors is not None


def test_a_description_for_which_pyarrow_ends_the_process_is_an_error(tmp_path: Path) -> None:
    """pyarrow 26 finds a wrong level of definitions in the statistics of a column and calls `std::terminate`."""
    content = bytearray(WHOLE["v.parquet"])
    path = tmp_path / "v.parquet"
    end = len(content) - 8 - int.from_bytes(content[-8:-4], "little")
    refused = 0
    for place in range(end, min(end + 120, len(content) - 8)):  # the schema, in which the levels are
        damaged = bytearray(content)
        damaged[place] = 127
        path.write_bytes(damaged)
        try:
            open_dataset(str(path))
        except InputError as error:
            refused += "could not be read" in str(error)
    assert refused > 10


@pytest.mark.parametrize(
    "change",
    [
        lambda data: data[:-1] + b"2",
        lambda data: data[:-8] + b"\xff\xff\xff\x7fPAR1",
        lambda data: b"PAR1",
        lambda data: b"",
    ],
)
def test_a_damaged_end_is_an_error(change, tmp_path: Path) -> None:
    path = tmp_path / "v.parquet"
    path.write_bytes(change(WHOLE["v.parquet"]))
    with pytest.raises((ValueError, OSError)):
        read_footer(path)
