"""Which columns of a table are the numbers of its vectors, its ids and its labels."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from adq_core import Run, Settings
from adq_core.cli import main
from adq_core.data.open import open_dataset
from adq_core.errors import AdqError
from adq_core.storage.store import Store
from tests.pictures import pictures

RNG = np.random.default_rng(0)
M = 30
NUMBERS = pd.DataFrame(RNG.normal(size=(M, 4)).astype(np.float32), columns=[f"f{n}" for n in range(4)])
NAMED = NUMBERS.set_axis(["length", "width", "height", "weight"], axis=1)


def written(table: pd.DataFrame, path: Path) -> str:
    if path.suffix == ".parquet":
        table.to_parquet(path, index=False)
    else:
        table.to_csv(path, index=False, sep="\t" if path.suffix == ".tsv" else ",")
    return str(path)


@pytest.fixture(params=[".csv", ".tsv", ".parquet"])
def path(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    return tmp_path / f"v{request.param}"


@pytest.mark.parametrize("table", [NUMBERS, NAMED], ids=["numbered", "named"])
@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("index", np.arange(M)),
        ("image_idx", RNG.permutation(M)),
        ("Timestamp", 1.7e9 + RNG.random(M)),
        ("created time", RNG.random(M)),
        ("label_id", RNG.integers(0, 3, M)),
        ("y_true", RNG.integers(0, 2, M) * 1.0),
        ("fold", RNG.integers(0, 5, M)),
        ("count", RNG.integers(0, 3, M)),  # whole numbers beside numbers with decimals
        ("nr", np.arange(M) * 1.5),  # in rising order
        ("level", np.linspace(9, 3, M)),  # in falling order
        ("income", 1e6 * (1 + RNG.random(M))),  # much larger
    ],
)
def test_a_column_of_numbers_unlike_the_others_is_left_out_and_named(
    table: pd.DataFrame, name: str, values: np.ndarray, path: Path
) -> None:
    data = open_dataset(written(table.assign(**{name: values}), path))
    assert data.vectors is not None
    np.testing.assert_allclose(data.vectors, table.to_numpy(), rtol=1e-6)
    assert f"Left out: {name} (" in data.description
    assert f"The vectors are the 4 columns {', '.join(table.columns)}." in data.description
    plain = open_dataset(written(table, path))
    assert (plain.key == data.key, "Left out" in plain.description) == (True, False)


def test_whole_numbers_alone_are_vectors(path: Path) -> None:
    data = open_dataset(written(pd.DataFrame(RNG.integers(0, 9, (M, 5)), columns=list("abcde")), path))
    assert (data.vectors is not None and data.vectors.shape) == (M, 5)
    data = open_dataset(written(NUMBERS.assign(f1=0, f2=np.arange(M)), path))
    assert (data.vectors is not None and data.vectors.shape) == (M, 4), "numbered columns are never left out"


def test_two_coordinates_are_vectors(path: Path) -> None:
    table = pd.DataFrame({"x": np.sort(RNG.random(M)), "y": RNG.random(M)})
    data = open_dataset(written(table, path))
    assert (data.vectors is not None and data.vectors.shape) == (M, 2)


@pytest.mark.parametrize(
    ("chosen", "taken"),
    [
        ("f0:f2", ["f0", "f1", "f2"]),
        ("f2:f0", ["f0", "f1", "f2"]),
        ("f*", ["f0", "f1", "f2", "f3"]),
        ("f3, f0", ["f0", "f3"]),
        ("index", ["index"]),
        ("f?,target", ["f0", "f1", "f2", "f3", "target"]),
    ],
)
def test_columns_can_be_chosen(chosen: str, taken: list[str], path: Path) -> None:
    table = NUMBERS.assign(index=np.arange(M), target=np.arange(M) % 3)
    data = open_dataset(written(table, path), vector_columns=chosen)
    assert data.vectors is not None
    np.testing.assert_allclose(data.vectors, table[taken].to_numpy(), rtol=1e-6)
    assert data.class_names == (("all",) if "target" in taken else ("0", "1", "2"))


def text_of(path: str, columns: str) -> str:
    with pytest.raises(AdqError) as caught:
        open_dataset(path, vector_columns=columns)
    return str(caught.value)


def test_columns_that_cannot_be_chosen_are_errors(tmp_path: Path) -> None:
    path = written(NUMBERS.assign(word="x", id=[f"i{n}" for n in range(M)]), tmp_path / "v.csv")
    for part in ("g*", "word", "f0:f9", "", "id"):
        assert text_of(path, f"f1,{part}") == (
            "vector_columns must be names, patterns (f*) or ranges (f0:f255) of columns of numbers in v.csv, got "
            f"{part!r}. It has f0, f1, f2, f3."
        )
    np.save(tmp_path / "v.npy", NUMBERS.to_numpy())
    assert text_of(str(tmp_path / "v.npy"), "f*") == (
        "vector_columns is for tables (.parquet, .csv, .tsv), got v.npy. Leave vector_columns out."
    )


def test_the_chosen_columns_of_embeddings_stand_in_the_key(tmp_path: Path) -> None:
    data = pictures()
    table = pd.DataFrame(RNG.normal(size=(len(data), 3)), columns=list("abc")).assign(
        id=data.ids, index=range(len(data))
    )
    path = written(table, tmp_path / "v.parquet")
    store = Store(tmp_path / "cache")
    runs = {
        columns: Run(Settings(embeddings=path, vector_columns=columns), store, dataset=data)
        for columns in (None, "a:b", "index")
    }
    assert {columns: run.embeddings.vectors.shape[1] for columns, run in runs.items()} == {
        None: 3,
        "a:b": 2,
        "index": 1,
    }
    assert len({run.key("embeddings") for run in runs.values()}) == 3
    note = (
        "The vectors are the 3 columns a, b, c. Left out: index (by its name). "
        "The setting vector_columns chooses others."
    )
    assert runs[None].embeddings.note == note
    again = Run(Settings(embeddings=path), Store(tmp_path / "cache"), dataset=data)
    assert (again.ready("embeddings"), again.embeddings.note) == (True, note)


def test_the_command_line_names_the_columns(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table = NUMBERS.assign(label=np.arange(M) % 2, index=np.arange(M))
    path = written(table, tmp_path / "v.csv")
    options = ["--n-bins", "3", "--projection", "pca", "--keep-ratio", "0.3", "--cache", str(tmp_path / "cache")]
    assert main(["run", path, "--out", str(tmp_path / "one"), *options]) == 0
    assert "The vectors are the 4 columns f0, f1, f2, f3. Left out: index (by its name)." in capsys.readouterr().out
    assert main(["run", path, "--out", str(tmp_path / "two"), *options, "--vector-columns", "f0:f1"]) == 0
    assert "The vectors are the 2 columns f0, f1.\n" in capsys.readouterr().out


def test_labels_and_ids_of_text_files_are_text(tmp_path: Path) -> None:
    (tmp_path / "v.csv").write_text("id,label,f0,f1\n007,01,0.5,1\n7,1,0.25,2\n07,1.0,0.125,3\n")
    data = open_dataset(str(tmp_path / "v.csv"))
    assert (data.ids, data.class_names) == (("007", "07", "7"), ("01", "1", "1.0"))


@pytest.mark.parametrize("labels", [[0, 1, 2], [0.0, 1.0, 2.0], ["0", "1", "2"], [b"0", b"1", b"2"]])
def test_labels_of_every_type_are_the_same_classes(labels: list[object], tmp_path: Path) -> None:
    keys = set()
    table = NUMBERS[:3]
    table.assign(label=labels).to_parquet(tmp_path / "v.parquet")
    np.savez(tmp_path / "v.npz", vectors=table.to_numpy(), labels=labels)
    table.assign(label=["0", "1", "2"]).to_csv(tmp_path / "v.csv", index=False, float_format="%.17g")
    for name in ("v.parquet", "v.npz", "v.csv"):
        data = open_dataset(str(tmp_path / name))
        assert data.class_names == ("0", "1", "2")
        keys.add(data.key)
    assert len(keys) == 1


@pytest.mark.parametrize("name", ["Label", " class ", "TARGET", "Class Name"])
@pytest.mark.parametrize("ids", ["ID", "File Name", "path"])
def test_names_of_columns_are_compared_without_case_and_spaces(name: str, ids: str, path: Path) -> None:
    table = NUMBERS.assign(**{name: ["x", "y"] * 15, ids: [f"{n:02}.png" for n in range(M)]})
    data = open_dataset(written(table, path))
    assert (data.class_names, data.ids[:2]) == (("x", "y"), ("00.png", "01.png"))


def test_numbers_with_decimals_are_no_classes(path: Path) -> None:
    data = open_dataset(written(NUMBERS.assign(target=RNG.random(M)), path))
    assert data.class_names == ("all",)
    assert "Left out: target (numbers with decimals are no classes)." in data.description


def test_lists_beside_text_are_vectors(tmp_path: Path) -> None:
    lists = pd.DataFrame({"text": ["a", "b", "c"], "embedding": [[0.5, 1], [2, 3], [4, 5]], "n": [1, 2, 3]})
    lists.to_parquet(tmp_path / "v.parquet")
    lists.to_csv(tmp_path / "v.csv", index=False)
    for name in ("v.parquet", "v.csv"):
        data = open_dataset(str(tmp_path / name))
        assert data.vectors is not None
        assert data.vectors.tolist() == [[0.5, 1], [2, 3], [4, 5]]
        assert (
            "The vectors are its column embedding. Left out: n (beside the column of lists), text (not numbers)."
            in (data.description)
        )
    two = lists.assign(other=lists["embedding"]).rename(columns={"embedding": "first"})
    two.to_parquet(tmp_path / "two.parquet")
    assert text_of(str(tmp_path / "two.parquet"), "n,first") == (
        "two.parquet: vector_columns must be one column of lists, or columns of numbers, not both."
    )
    chosen = open_dataset(str(tmp_path / "two.parquet"), vector_columns="other")
    assert chosen.vectors is not None
    assert chosen.vectors.tolist() == [[0.5, 1], [2, 3], [4, 5]]
