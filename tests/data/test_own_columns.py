"""Own columns: names and types, from tables beside images, from Parquet files, through the cache and into parts."""

from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from adq_core.data import ImageDataset, open_dataset, part_of
from adq_core.data.own_columns import MAX_COLUMNS, own_columns, read_columns, write_columns

NAN = float("nan")


def values(data: ImageDataset, name: str) -> list[object]:
    return data.columns[name].tolist()


def images(folder: Path, *names: str) -> Path:
    for number, name in enumerate(names):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (8, 8), (40 * number, 0, 0)).save(folder / name)
    return folder


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (["1", "2.5", "-3e2"], [1.0, 2.5, -300.0]),
        (["1", "", "NA"], [1.0, NAN, NAN]),
        (["1", "x", ""], ["1", "x", ""]),
        (["007", "008", "010"], ["007", "008", "010"]),
        (["0", "0.5", "-0"], [0.0, 0.5, -0.0]),
        (["1e999", "1", "2"], ["1e999", "1", "2"]),
        (["inf", "1", "2"], ["inf", "1", "2"]),
        (["1_000", "1", "2"], ["1_000", "1", "2"]),
        ([True, False, None], ["true", "false", ""]),
        ([1, 2.5, None], [1.0, 2.5, NAN]),
        (["na", "north", "south"], ["na", "north", "south"]),
    ],
)
def test_the_type_is_that_of_the_whole_column(cells: list[object], expected: list[object]) -> None:
    found = own_columns([("c", cells)], "t.csv").columns["c"].tolist()
    assert repr(found) == repr(expected)


def test_names_that_collide_get_a_prefix_and_a_sentence() -> None:
    named = [("bin", ["1"]), ("Gain", ["2"]), ("a", ["3"]), ("A", ["4"]), ("", ["5"]), ("empty", [""]), (" b\n", ["x"])]
    columns, notes = own_columns(named, "t.csv")
    assert list(columns) == ["own_bin", "own_Gain", "a", "own_A", "b"]
    assert notes == (
        "The column bin of t.csv is called own_bin, because the app or the file has a column of this name.",
        "The column Gain of t.csv is called own_Gain, because the app or the file has a column of this name.",
        "The column A of t.csv is called own_A, because the app or the file has two columns of this name.",
    )


def test_only_the_first_columns_of_many_are_used() -> None:
    columns, notes = own_columns([(f"c{number}", ["1"]) for number in range(MAX_COLUMNS + 5)], "t.csv")
    assert len(columns) == MAX_COLUMNS
    assert notes == (f"t.csv has more than {MAX_COLUMNS} further columns; only the first {MAX_COLUMNS} are used.",)


@given(st.lists(st.one_of(st.text(max_size=8), st.floats(), st.integers(), st.none(), st.booleans()), min_size=1))
def test_columns_survive_the_cache(cells: list[object]) -> None:
    columns = own_columns([("c", cells)], "t").columns
    again = read_columns(write_columns(columns))
    assert {name: repr(one.tolist()) for name, one in again.items()} == {
        name: repr(one.tolist()) for name, one in columns.items()
    }
    assert all(again[name].dtype == columns[name].dtype for name in columns)


def test_a_table_of_labels_gives_its_other_columns(tmp_path: Path) -> None:
    folder = images(tmp_path / "set", "a.png", "b.png", "c.png")
    table = tmp_path / "labels.csv"
    table.write_text("file,age,label,city\nc.png,3,dog,Rome\na.png,1.5,cat,\nb.png,,dog,Oslo\n")
    data = open_dataset(str(folder), labels=str(table))
    assert data.ids == ("a.png", "b.png", "c.png")
    assert repr(values(data, "age")) == repr([1.5, NAN, 3.0])
    assert values(data, "city") == ["", "Oslo", "Rome"]
    assert not data.columns["age"].flags.writeable
    assert data.class_names == ("cat", "dog")


def test_columns_change_neither_the_key_nor_the_digest(tmp_path: Path) -> None:
    folder = images(tmp_path / "set", "a.png", "b.png")
    plain, rich = tmp_path / "plain.csv", tmp_path / "rich.csv"
    plain.write_text("file,label\na.png,cat\nb.png,dog\n")
    rich.write_text("file,label,age\na.png,cat,1\nb.png,dog,2\n")
    one, other = (open_dataset(str(folder), labels=str(table)) for table in (plain, rich))
    assert (one.key, one.digest()) == (other.key, other.digest())
    assert one.columns_digest == ""
    assert other.columns_digest != ""
    rich.write_text("file,label,age\na.png,cat,1\nb.png,dog,3\n")
    assert open_dataset(str(folder), labels=str(rich)).columns_digest != other.columns_digest


def test_a_table_beside_class_folders_gives_columns_and_the_folders_give_the_classes(tmp_path: Path) -> None:
    folder = images(tmp_path / "set", "cat/a.png", "dog/b.png", "dog/c.png")
    (folder / "metadata.csv").write_text("file_name,camera,iso\ncat/a.png,X,100\ndog/c.png,Y,400\n")
    data = open_dataset(str(folder))
    assert data.class_names == ("cat", "dog")
    assert values(data, "camera") == ["X", "", "Y"]
    assert repr(values(data, "iso")) == repr([100.0, NAN, 400.0])
    assert data.notes == ()


def test_a_table_of_columns_alone_is_read_where_there_are_no_classes(tmp_path: Path) -> None:
    folder = images(tmp_path / "set", "a.png", "b.png")
    (folder / "metadata.jsonl").write_text(
        '{"file_name": "a.png", "score": 0.5, "box": [1, 2]}\n{"file_name": "b.png", "score": null}\n'
    )
    data = open_dataset(str(folder))
    assert data.class_names == ("all",)
    assert list(data.columns) == ["score"]
    assert repr(values(data, "score")) == repr([0.5, NAN])


def test_columns_come_back_from_the_cache_and_a_changed_table_is_read_again(tmp_path: Path) -> None:
    folder, cache = images(tmp_path / "set", "cat/a.png", "dog/b.png"), tmp_path / "cache"
    table = folder / "metadata.csv"
    table.write_text("file,iso\ncat/a.png,100\ndog/b.png,\n")
    first = open_dataset(str(folder), cache=cache)
    again = open_dataset(str(folder), cache=cache)
    assert repr(values(again, "iso")) == repr(values(first, "iso")) == repr([100.0, NAN])
    table.write_text("file,iso\ncat/a.png,200\ndog/b.png,300\n")
    assert values(open_dataset(str(folder), cache=cache), "iso") == [200.0, 300.0]


def png(colour: int) -> bytes:
    import io

    buffer = io.BytesIO()
    Image.new("RGB", (8, 8), (colour, 0, 0)).save(buffer, "PNG")
    return buffer.getvalue()


def test_a_parquet_file_of_images_gives_its_numbers_and_texts(tmp_path: Path) -> None:
    table = pa.table(
        {
            "image": [
                {"bytes": png(1), "path": None},
                {"bytes": b"broken", "path": None},
                {"bytes": png(3), "path": ""},
            ],
            "label": ["x", "y", "y"],
            "year": pa.array([2001, 2002, None], pa.int64()),
            "place": ["Rome", "Oslo", None],
            "is_night": [True, False, True],
            "vector": [[1.0], [2.0], [3.0]],
        }
    )
    pq.write_table(table, tmp_path / "t.parquet")
    for cache in (None, tmp_path / "cache", tmp_path / "cache"):
        data = open_dataset(str(tmp_path / "t.parquet"), cache=cache)
        assert len(data) == 2  # the second image cannot be read
        assert list(data.columns) == ["year", "place", "is_night"]
        assert repr(values(data, "year")) == repr([2001.0, NAN])
        assert values(data, "place") == ["Rome", ""]
        assert values(data, "is_night") == ["true", "true"]


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_a_table_of_vectors_gives_its_other_columns_in_the_order_of_the_ids(tmp_path: Path, ending: str) -> None:
    import pandas as pd

    frame = pd.DataFrame(
        {
            "id": ["c", "a", "b"],
            "f0": [0.1, 0.2, 0.3],
            "f1": [1.5, 2.5, 3.5],
            "label": ["x", "y", "x"],
            "place": ["Rome", "Oslo", "Bonn"],
            "year": [3, 1, 2],
        }
    )
    path = tmp_path / f"v.{ending}"
    frame.to_csv(path, index=False) if ending == "csv" else frame.to_parquet(path, index=False)
    data = open_dataset(str(path))
    assert data.ids == ("a", "b", "c")
    assert values(data, "place") == ["Oslo", "Bonn", "Rome"]
    assert values(data, "year") == [1.0, 2.0, 3.0]


def test_columns_follow_a_part_and_a_pickled_set(tmp_path: Path) -> None:
    folder = images(tmp_path / "set", "x/a.png", "x/b.png", "x/c.png")
    (folder / "metadata.csv").write_text("file,n,t\nx/a.png,1,one\nx/b.png,2,two\nx/c.png,3,three\n")
    data = open_dataset(str(folder))
    part = part_of(data, np.array([2, 0]))
    assert (values(part, "n"), values(part, "t")) == ([3.0, 1.0], ["three", "one"])
    again = pickle.loads(pickle.dumps(data))
    assert values(again, "t") == ["one", "two", "three"]
    assert again.columns_digest == data.columns_digest
