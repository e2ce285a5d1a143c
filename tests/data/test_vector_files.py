from __future__ import annotations

import io
import os
import pickle
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from adq_core.data.vectors.files import aligned_table
from adq_core.digests import file_digest
from adq_core.errors import InputError
from tests.fakes import fake_dataset

IDS = ("a.png", "b.png", "c.png")
GOOD = np.array([[1, 2], [3, 4], [5, 6]], np.float32)


def read_vectors(path: Path, ids: Sequence[str]) -> np.ndarray:
    """Return the vectors of a file in the order of these ids."""
    return aligned_table(path, fake_dataset([np.zeros((8, 8, 3), np.uint8)] * len(ids), ids=ids)).vectors


def npy(path: Path, vectors: np.ndarray) -> Path:
    np.save(path / "v.npy", vectors)
    return path / "v.npy"


def npz(path: Path, vectors: np.ndarray) -> Path:
    np.savez_compressed(path / "v.npz", vectors=vectors, other=np.zeros(1))
    return path / "v.npz"


def npz_single(path: Path, vectors: np.ndarray) -> Path:
    np.savez(path / "single.npz", whatever=vectors)
    return path / "single.npz"


def parquet_columns(path: Path, vectors: np.ndarray) -> Path:
    pd.DataFrame({f"x{column}": vectors[:, column] for column in range(vectors.shape[1])}).to_parquet(
        path / "c.parquet"
    )
    return path / "c.parquet"


def parquet_lists(path: Path, vectors: np.ndarray) -> Path:
    pd.DataFrame({"vector": list(vectors)}).to_parquet(path / "l.parquet")
    return path / "l.parquet"


def parquet_fixed_lists(path: Path, vectors: np.ndarray) -> Path:
    flat = pa.FixedSizeListArray.from_arrays(pa.array(vectors.ravel()), vectors.shape[1])
    pq.write_table(pa.table({"vector": flat}), path / "f.parquet")
    return path / "f.parquet"


def parquet_by_id(path: Path, vectors: np.ndarray) -> Path:
    """In descending order of the ids, and with an image that is not in the data set."""
    table = pd.DataFrame({"id": IDS[: len(vectors)], "vector": list(vectors)})
    more = pd.DataFrame({"id": ["not here"], "vector": [np.zeros_like(vectors[0])]})
    pd.concat([table[::-1], more]).to_parquet(path / "i.parquet")
    return path / "i.parquet"


WRITERS = [npy, npz, npz_single, parquet_columns, parquet_lists, parquet_fixed_lists, parquet_by_id]


@pytest.mark.parametrize("write", WRITERS)
@settings(max_examples=20, deadline=None)
@given(
    vectors=st.integers(1, 5).flatmap(
        lambda d: arrays(st.sampled_from([np.float32, np.float64, np.int64]), (3, d), elements=st.integers(-1000, 1000))
    )
)
def test_written_vectors_are_read_back(
    write: Callable[[Path, np.ndarray], Path], vectors: np.ndarray, tmp_path_factory: pytest.TempPathFactory
) -> None:
    read = read_vectors(write(tmp_path_factory.mktemp("v"), vectors), IDS)
    assert read.dtype == np.float32
    np.testing.assert_array_equal(read, vectors.astype(np.float32))


@pytest.mark.parametrize("write", WRITERS)
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 1e300])
def test_numbers_that_are_not_finite_in_float32_are_refused(
    write: Callable[[Path, np.ndarray], Path], value: float, tmp_path: Path
) -> None:
    vectors = GOOD.astype(np.float64)
    vectors[1, 1] = value
    path = write(tmp_path, vectors)
    with pytest.raises(InputError) as caught:
        read_vectors(path, IDS)
    assert str(caught.value) == (
        f"{path.name} must hold finite numbers (float32), but the vectors of 1 of 3 images have NaN or infinity, "
        "the first of id 'b.png'. Correct these vectors or remove these images."
    )


@pytest.mark.parametrize("write", [npy, npz, npz_single, parquet_columns, parquet_lists])
def test_without_ids_the_lengths_must_agree(write: Callable[[Path, np.ndarray], Path], tmp_path: Path) -> None:
    path = write(tmp_path, GOOD[:2])
    with pytest.raises(InputError) as caught:
        read_vectors(path, IDS)
    assert str(caught.value) == (
        f"{path.name} must have one row for each of the 3 images, in the order of the rows of the data set, "
        "got 2. Use a table with a column `id` if it belongs to more images or another order."
    )


def refusal(path: Path) -> str:
    with pytest.raises(InputError) as caught:
        read_vectors(path, IDS)
    return str(caught.value)


class Bomb:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, ("exploded",)


def test_objects_are_never_unpickled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    bombs = np.array([[Bomb()], [Bomb()], [Bomb()]], dtype=object)
    np.save(tmp_path / "o.npy", bombs, allow_pickle=True)
    np.savez(tmp_path / "o.npz", vectors=bombs)
    (tmp_path / "p.npy").write_bytes(pickle.dumps(Bomb()))
    for name in ("o.npy", "o.npz"):
        assert " holds pickled Python objects, which are never loaded because they can run programs. " in refusal(
            tmp_path / name
        )
    assert refusal(tmp_path / "p.npy").startswith("p.npy could not be read as vectors: the content is damaged")
    assert not (tmp_path / "exploded").exists()


@pytest.mark.parametrize(
    ("array", "text"),
    [
        (np.zeros((3, 2), complex), "v.npy must hold numbers, got complex128. Save the vectors as float32."),
        (np.array([["x"]] * 3), "v.npy must hold numbers, got <U1. Save the vectors as float32."),
        (np.zeros((3, 2), bool), "v.npy must hold numbers, got bool. Save the vectors as float32."),
        (np.zeros(3), "v.npy must hold one row per image and one column per dimension, got the shape (3,)."),
        (np.zeros((3, 0)), "v.npy must hold one row per image and one column per dimension, got the shape (3, 0)."),
        (
            np.zeros((3, 2, 2)),
            "v.npy must hold one row per image and one column per dimension, got the shape (3, 2, 2).",
        ),
    ],
)
def test_arrays_that_are_not_vectors_are_refused(array: np.ndarray, text: str, tmp_path: Path) -> None:
    assert refusal(npy(tmp_path, array)) == text


def test_an_archive_with_several_arrays_must_name_the_vectors(tmp_path: Path) -> None:
    np.savez(tmp_path / "v.npz", a=GOOD, b=GOOD)
    assert refusal(tmp_path / "v.npz") == (
        "v.npz must have an array 'vectors' or a single one, got a, b. Save it with numpy.savez(file, vectors=...)."
    )
    np.savez(tmp_path / "v.npz")
    assert refusal(tmp_path / "v.npz") == (
        "v.npz must have an array 'vectors' or a single one, got none. Save it with numpy.savez(file, vectors=...)."
    )


def test_an_archive_that_would_unpack_to_terabytes_is_refused_by_its_header(tmp_path: Path) -> None:
    head = io.BytesIO()
    np.lib.format.write_array_header_1_0(head, {"descr": "<f8", "fortran_order": False, "shape": (10**6, 10**6)})
    with zipfile.ZipFile(tmp_path / "v.npz", "w") as archive:
        archive.writestr("vectors.npy", head.getvalue())
    assert refusal(tmp_path / "v.npz") == (
        "v.npz could not be read as vectors: the array vectors is cut off. Save it again."
    )


@pytest.mark.parametrize("name", ["v.npy", "v.npz", "v.parquet"])
def test_damaged_and_missing_files_are_errors(name: str, tmp_path: Path) -> None:
    assert refusal(tmp_path / name) == (
        f"There is no file {tmp_path / name}. Give the path of a .npy, .npz, .parquet, .csv or .tsv."
    )
    for content in (b"", b"no vectors at all, but some words"):
        (tmp_path / name).write_bytes(content)
        text = refusal(tmp_path / name)
        assert text.startswith((f"{name} could not be read as vectors: ", f"{name} could not be read as a table: "))
        assert text.endswith(". Save it again.")


@pytest.mark.parametrize("write", WRITERS)
def test_a_truncated_file_never_gives_vectors(write: Callable[[Path, np.ndarray], Path], tmp_path: Path) -> None:
    path = write(tmp_path, np.random.default_rng(0).normal(size=(3, 200)))
    whole = path.read_bytes()
    for length in range(0, len(whole) - 1, max(1, len(whole) // 23)):
        path.write_bytes(whole[:length])
        assert refusal(path).startswith(f"{path.name} ")


def test_each_id_must_occur_once(tmp_path: Path) -> None:
    path = tmp_path / "v.parquet"
    pd.DataFrame({"id": ["a.png", "x", "a.png"], "f": [1.0, 2, 3]}).to_parquet(path)
    assert refusal(path) == "v.parquet must name each id once, but 'a.png' occurs twice."
    pd.DataFrame({"id": ["a.png", "x"], "f": [1.0, 2]}).to_parquet(path)
    assert refusal(path) == (
        "v.parquet must have a vector for each of the 3 images, but 2 ids are not in it, the first 'b.png'."
    )


def test_tables_without_vectors_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "v.parquet"
    pd.DataFrame({"id": IDS, "word": ["x", "y", "z"]}).to_parquet(path)
    assert refusal(path) == (
        "v.parquet must have columns of numbers or one column of lists of numbers; none of its 2 columns is one."
    )
    pd.DataFrame({"id": IDS, "f": [[1.0], [2.0], [3.0, 4.0]]}).to_parquet(path)
    assert refusal(path) == "v.parquet must have vectors of one length, got 1, 2."
    pd.DataFrame({"id": IDS, "f": [["x"], ["y"], ["z"]]}).to_parquet(path)
    assert refusal(path) == "v.parquet must hold numbers, got lists of string."
    pd.DataFrame({"id": IDS, "index": [0, 1, 2]}).to_parquet(path)
    assert refusal(path) == (
        "v.parquet must have columns of numbers beside index, which are left out by their names. The setting "
        "vector_columns takes them nevertheless."
    )


def test_numbers_as_ids_match_the_ids_of_an_array(tmp_path: Path) -> None:
    pd.DataFrame({"id": [2, 0, 1], "f": [2.0, 0.0, 1.0]}).to_parquet(tmp_path / "v.parquet")
    assert read_vectors(tmp_path / "v.parquet", ("0", "1", "2")).ravel().tolist() == [0, 1, 2]


def test_the_digest_of_a_file_changes_with_its_contents(tmp_path: Path) -> None:
    path = tmp_path / "v"
    path.write_bytes(b"one")
    first = file_digest(path)
    assert file_digest(path) == first
    path.write_bytes(b"two!")
    assert file_digest(path) != first
