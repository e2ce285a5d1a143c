"""Damaged and made-up files of every kind end in a data set or in one sentence, never in another error."""

from __future__ import annotations

import io
import json
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adq_core.data.open import open_dataset
from adq_core.errors import AdqError
from tests.data.test_archives import FILES, png, zipped
from tests.data.test_tar import sample, tar_bytes

VECTORS = np.random.default_rng(0).normal(size=(9, 3)).astype(np.float32)


def npy(array: np.ndarray) -> bytes:
    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue()


def npz(**arrays: object) -> bytes:
    file = io.BytesIO()
    np.savez_compressed(file, **arrays)
    return file.getvalue()


def parquet(table: pa.Table) -> bytes:
    file = io.BytesIO()
    pq.write_table(table, file)
    return file.getvalue()


def zip_bytes(how: int) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", how) as archive:
        for name, data in FILES.items():
            archive.writestr(name, data)
    return file.getvalue()


TABLE = pd.DataFrame(VECTORS, columns=["f0", "f1", "f2"]).assign(
    id=[f"i{n}" for n in range(9)], label=["a", "b", "c"] * 3
)
IMAGES = [{"bytes": png(n), "path": f"{n}.png"} for n in range(3)]
WHOLE: dict[str, bytes] = {
    "v.npy": npy(VECTORS),
    "i.npy": npy(np.zeros((4, 5, 5), np.uint8)),
    "v.npz": npz(vectors=VECTORS, labels=np.arange(9) % 2, ids=[f"i{n}" for n in range(9)]),
    "i.npz": npz(images=np.zeros((4, 5, 5, 3), np.uint8), labels=[0, 1, 0, 1], class_names=["a", "b"]),
    "v.parquet": parquet(pa.Table.from_pandas(TABLE)),
    "l.parquet": parquet(pa.table({"vector": list(VECTORS), "label": ["a"] * 9})),
    "i.parquet": parquet(pa.table({"image": IMAGES, "label": [0, 1, 0]})),
    "v.csv": TABLE.to_csv(index=False).encode(),
    "s.zip": zip_bytes(zipfile.ZIP_DEFLATED),
    "b.zip": zip_bytes(zipfile.ZIP_BZIP2),
    "x.zip": zip_bytes(zipfile.ZIP_LZMA),
    "s.tar": tar_bytes(sample("a", 1, cls=1) | sample("b", 2, json={"label": "x"})),
}  # fmt: skip


def told(path: Path, content: bytes) -> str:
    """Return the error of opening a file with this content; "" if it opens."""
    path.write_bytes(content)
    text = ""
    try:
        open_dataset(str(path))
    except AdqError as error:
        text = str(error)
    assert text == "" or text.endswith("."), text
    assert "\n" not in text
    return text


@pytest.mark.parametrize("name", WHOLE)
def test_the_whole_files_open(name: str, tmp_path: Path) -> None:
    assert told(tmp_path / name, WHOLE[name]) == ""


@pytest.mark.parametrize("name", WHOLE)
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_changed_bytes(name: str, data: st.DataObject, tmp_path_factory: pytest.TempPathFactory) -> None:
    content = bytearray(WHOLE[name])
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(content) - 1))
        content[place] = data.draw(st.sampled_from([0, 1, 0x7F, 0x80, 0xFF, content[place] ^ 1, content[place] ^ 64]))
    told(tmp_path_factory.mktemp("changed") / name, bytes(content))


@pytest.mark.parametrize("name", WHOLE)
def test_cut_off(name: str, tmp_path: Path) -> None:
    whole = WHOLE[name]
    for length in range(0, len(whole) - 1, max(1, len(whole) // 40)):
        told(tmp_path / name, whole[:length])


SHAPES = st.lists(st.one_of(st.integers(-(2**70), 2**70), st.sampled_from([0, 1, 3, 2**31, 2**63])), max_size=5)


@settings(max_examples=200, deadline=None)
@given(
    shape=SHAPES,
    descr=st.sampled_from(
        ["<f4", "|u1", "<i8", "|O", "<U9", "|S0", "<c16", "|b1", "<M8[s]", "|V8", ">f8", "f", "<f3", "", "<U99999999"]
    ),
    fortran=st.sampled_from(["True", "False", "1", "None"]),
    rest=st.binary(max_size=60),
)  # fmt: skip
@pytest.mark.parametrize("kind", [".npy", ".npz"])
def test_headers_that_cannot_be(
    kind: str, shape: list[int], descr: str, fortran: str, rest: bytes, tmp_path_factory: pytest.TempPathFactory
) -> None:
    sides = "".join(f"{side}, " for side in shape)
    header = f"{{'descr': {descr!r}, 'fortran_order': {fortran}, 'shape': ({sides}), }}\n".encode()
    content = b"\x93NUMPY\1\0" + struct.pack("<H", len(header)) + header + rest
    folder = tmp_path_factory.mktemp("header")
    if kind == ".npz":
        content = zipped(folder / "z", {"vectors.npy": content, "labels.npy": content}).read_bytes()
    told(folder / f"v{kind}", content)


ARRAYS: dict[str, tuple[Callable[[], object], str]] = {
    "objects": (lambda: np.array([[1, None]], dtype=object), "holds pickled Python objects"),
    "complex": (lambda: VECTORS.astype(complex), "must hold numbers, got complex128"),
    "texts": (lambda: VECTORS.astype(str), "must hold numbers, got <U32"),
    "truth values": (lambda: VECTORS > 0, "must hold numbers, got bool"),
    "fields": (lambda: np.zeros(3, [("a", "f4"), ("b", "f4")]), "must hold numbers, got [('a', '<f4'), ('b', '<f4')]"),
    "times": (lambda: np.zeros((3, 2), "M8[s]"), "must hold numbers, got datetime64[s]"),
    "no rows": (lambda: VECTORS[:0], "must have at least one vector of finite numbers (float32), got none of 0"),
    "no columns": (lambda: VECTORS[:, :0], "got the shape (9, 0)"),
    "one axis": (lambda: VECTORS[0], "got the shape (3,)"),
    "no axis": (lambda: np.float32(1), "got the shape ()"),
    "five axes": (lambda: np.zeros((2, 2, 2, 2, 2)), "got the shape (2, 2, 2, 2, 2)"),
    "NaN": (lambda: VECTORS * np.nan, "must have at least one vector of finite numbers (float32), got none of 9"),
    "too large": (lambda: np.full((9, 3), 1e300), "got none of 9"),
}


@pytest.mark.parametrize("name", ARRAYS)
def test_arrays_that_are_no_vectors(name: str, tmp_path: Path) -> None:
    make, expected = ARRAYS[name]
    for kind, content in ((".npy", npy(np.asarray(make()))), (".npz", npz(vectors=make()))):
        assert expected in told(tmp_path / f"v{kind}", content)


def test_one_vector_is_a_data_set(tmp_path: Path) -> None:
    assert told(tmp_path / "v.npy", npy(VECTORS[:1])) == ""
    assert told(tmp_path / "v.csv", b"f0,f1\n1,2\n") == ""


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"ids": ["a"] * 9}, "must name each id once, but 'a' occurs twice"),
        ({"ids": list("abcdefgh")}, "must have one id for each of its 9 vectors, got 8"),
        ({"ids": [""] * 9}, "occurs twice"),
        ({"labels": np.arange(8)}, "must have one label for each of its 9 vectors, got 8"),
        ({"labels": np.zeros((9, 2, 2))}, "labels must have the shape (M,), (M, 1) or one-hot (M, C), got (9, 2, 2)"),
        ({"labels": np.linspace(0, 1, 9)}, "labels must be whole numbers or text"),
        ({"labels": np.full(9, np.nan)}, "each image must have a label, but 9 of 9 have none"),
        ({"labels": np.zeros(9, complex)}, "labels must be whole numbers or text, got complex128"),
        ({"labels": np.arange(9), "class_names": ["a"]}, "labels must be in 0..0 for the 1 class_names, got 0..8"),
        ({"labels": np.zeros(9, int), "class_names": ["a", "a"]}, "class_names must differ from each other"),
        (
            {"ids": np.array([0xD800, *range(8)], "<u4").view("<U1")},
            "ids must have Unicode texts, but some are damaged",
        ),
        ({"ids": np.array([0x110000, *range(8)], ">u4").view(">U1")}, "ids must have Unicode texts"),
        ({"labels": np.array([b"\xff"] * 9)}, "labels that are bytes must be UTF-8"),
    ],
)
def test_labels_and_ids_that_do_not_fit(more: dict[str, object], expected: str, tmp_path: Path) -> None:
    assert expected in told(tmp_path / "v.npz", npz(vectors=VECTORS, **more))


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        (pa.table({"v": [[1.0, 2], [3.0]]}), "must have vectors of one length, got 1, 2"),
        (pa.table({"v": [[1.0, 2], None]}), "must have vectors of one length, got none, 2"),
        (pa.table({"v": [["a"], ["b"]]}), "must hold numbers, got lists of string"),
        (pa.table({"v": [[[1.0]], [[2.0]]]}), "must hold numbers, got lists of list"),
        (pa.table({"v": [[], []]}, pa.schema([("v", pa.list_(pa.float32()))])), "its lists are empty"),
        (pa.table({"v": [[1.0, None], [1.0, 2.0]]}), ""),
        (pa.table({"f": [1.0, 2.0], "id": ["a", None]}), "must have a value for every row in its column `id`"),
        (pa.table({"f": [1.0, 2.0], "label": [None, "x"]}), "must have a value for every row in its column `label`"),
        (pa.table({"f": [1.0, 2.0], "label": [np.nan, 1.0]}), "must have a value for every row in its column `label`"),
        (pa.table({"f": pa.array([1, 2], pa.decimal128(5))}), "must have columns of numbers"),
        (pa.table([pa.array([1.0]), pa.array([2.0])], names=["f", "f"]), "must have different column names, but 'f'"),
        (pa.table({"f": pa.array([], pa.float32())}), "must have at least one row"),
        (pa.table({}), "must have columns of numbers"),
    ],
)
def test_tables_that_are_no_vectors(table: pa.Table, expected: str, tmp_path: Path) -> None:
    text = told(tmp_path / "v.parquet", parquet(table))
    assert expected in text if expected else text == ""


@pytest.mark.parametrize(
    "metadata", [b"", b"{", b"[]", b'{"info": 3}', b'{"info": {"features": {"label": {"names": 3}}}}', b"[" * 5000]
)
def test_damaged_class_names_are_ignored(metadata: bytes, tmp_path: Path) -> None:
    table = pa.table({"image": IMAGES, "label": [0, 1, 0]}).replace_schema_metadata({"huggingface": metadata})
    assert told(tmp_path / "i.parquet", parquet(table)) == ""
    assert json.dumps(open_dataset(str(tmp_path / "i.parquet")).class_names) == '["0", "1"]'


@pytest.mark.parametrize("name", WHOLE)
def test_a_file_that_may_not_be_read_is_a_sentence_without_its_folder(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / name
    path.write_bytes(WHOLE[name])
    refused = PermissionError(13, "Permission denied", str(path))
    opened = Path.open

    def refuse(self: Path, *values: object, **more: object) -> object:
        if self.name == name:
            raise refused
        return opened(self, *values, **more)  # type: ignore[call-overload]

    monkeypatch.setattr(Path, "open", refuse)
    monkeypatch.setattr(zipfile.ZipFile, "__init__", refuse_always(refused))
    monkeypatch.setattr(pq.ParquetFile, "__init__", refuse_always(refused))
    with pytest.raises(AdqError) as caught:
        open_dataset(str(path))
    assert "Permission denied" in str(caught.value)
    assert str(tmp_path) not in str(caught.value)


def refuse_always(error: OSError) -> Callable[..., None]:
    def refuse(self: object, *values: object, **more: object) -> None:
        raise error

    return refuse


def test_a_folder_of_tables_of_vectors_names_the_way(tmp_path: Path) -> None:
    (tmp_path / "set").mkdir()
    (tmp_path / "set" / "v.parquet").write_bytes(WHOLE["v.parquet"])
    with pytest.raises(AdqError) as caught:
        open_dataset(str(tmp_path / "set"))
    assert str(caught.value) == "v.parquet has no column of images, {bytes, path}. To open its vectors, name it."
