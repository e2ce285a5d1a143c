"""The order of class names: numbers by value, then texts; the same in every reader."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from adq_core.data import open_dataset
from adq_core.data.labels.classes import class_order, label_texts
from adq_core.errors import InputError

NAMES = st.one_of(
    st.integers(-50, 2000).map(str),
    st.integers(0, 20).map(lambda value: f"{value:03d}"),
    st.decimals(-9, 9, places=2).map(str),
    st.text("abn019-. ", max_size=5),
)


@given(st.lists(NAMES, unique=True))
def test_the_order_is_one_of_all_names_and_does_not_depend_on_the_given_order(names: list[str]) -> None:
    ordered = class_order(names)
    assert sorted(ordered) == sorted(names)
    assert class_order(reversed(names)) == ordered
    for before, after in itertools.combinations(ordered, 2):
        assert class_order([after, before]) == [before, after]


@given(st.lists(st.integers(-(10**30), 10**30), unique=True))
def test_whole_numbers_are_ordered_by_value(numbers: list[int]) -> None:
    assert class_order(map(str, numbers)) == [str(number) for number in sorted(numbers)]


@given(st.sets(st.integers(0, 99_999_999)))
def test_wordnet_ids_keep_the_order_of_their_characters(numbers: set[int]) -> None:
    names = [f"n{number:08d}" for number in numbers]
    assert class_order(names) == sorted(names)


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["10", "2", "1"], ["1", "2", "10"]),
        (["b", "10", "a", "2"], ["2", "10", "a", "b"]),
        (["1", "01", "1.0", "0"], ["0", "01", "1", "1.0"]),
        (["0.5", "-3", "+2", "10"], ["-3", "0.5", "+2", "10"]),
        (["1e3", "20", "3x", "²", "１", ".5", "nan"], ["20", "1e3", "3x", ".5", "nan", "²", "１"]),
        (["class 10", "class 2", "class"], ["class", "class 2", "class 10"]),
        (["v1.10", "v1.9", "v01.2", "v1"], ["v1", "v01.2", "v1.9", "v1.10"]),
        (["a1", "a01", "a1b", "a"], ["a", "a01", "a1", "a1b"]),
        (["Zebra", "ape"], ["Zebra", "ape"]),
        ([""], [""]),
    ],
)
def test_examples(names: list[str], expected: list[str]) -> None:
    assert class_order(names) == expected


MIXED = ["10", "2", "cat", "01", "1"]
ORDERED = ("01", "1", "2", "10", "cat")


def write_files(top: Path) -> dict[str, tuple[str, str | None]]:
    """Write the five classes in all kinds of files that have class names as texts: (data set, labels)."""
    images = np.zeros((5, 8, 8, 3), np.uint8) + np.arange(5, dtype=np.uint8)[:, None, None, None]
    for name, image in zip(MIXED, images, strict=True):
        (top / "folders" / name).mkdir(parents=True)
        Image.fromarray(image).save(top / "folders" / name / "0.png")
    (top / "flat").mkdir()
    for name, image in zip(MIXED, images, strict=True):
        Image.fromarray(image).save(top / "flat" / f"file {name}.png")
    (top / "labels.csv").write_text("file,label\n" + "\n".join(f"file {name}.png,{name}" for name in MIXED))
    np.savez(top / "images.npz", images=images, labels=np.array(MIXED))
    vectors = np.eye(5, dtype=np.float32)
    np.savez(top / "vectors.npz", vectors=vectors, labels=np.array(MIXED))
    rows = [",".join([str(row), *map(str, vectors[row]), MIXED[row]]) for row in range(5)]
    (top / "vectors.csv").write_text("id,a,b,c,d,e,label\n" + "\n".join(rows))
    import pyarrow as pa
    import pyarrow.parquet as pq

    pq.write_table(pa.table({"v": vectors.tolist(), "label": MIXED}), top / "vectors.parquet")
    kinds = {name: (str(top / name), None) for name in ("folders", "images.npz", "vectors.npz", "vectors.csv")}
    return {
        **kinds,
        "vectors.parquet": (str(top / "vectors.parquet"), None),
        "flat": (str(top / "flat"), str(top / "labels.csv")),
    }


@pytest.mark.parametrize("kind", ["folders", "flat", "images.npz", "vectors.npz", "vectors.csv", "vectors.parquet"])
def test_every_reader_has_this_order(tmp_path: Path, kind: str) -> None:
    path, labels = write_files(tmp_path)[kind]
    data = open_dataset(path, labels=labels)
    assert data.class_names == ORDERED
    if kind in ("folders", "flat"):
        found = {data.class_names[label]: name for name, label in zip(data.ids, data.labels, strict=True)}
        assert all(name in found[name] for name in MIXED)
    else:
        assert [data.class_names[label] for label in data.labels] == MIXED


def test_whole_numbers_and_given_class_names_keep_their_order(tmp_path: Path) -> None:
    images = np.zeros((4, 8, 8, 3), np.uint8) + np.arange(4, dtype=np.uint8)[:, None, None, None]
    np.savez(tmp_path / "numbers.npz", images=images, labels=np.array([10, 2, -1, 0]))
    assert open_dataset(str(tmp_path / "numbers.npz")).class_names == ("-1", "0", "2", "10")
    np.savez(tmp_path / "named.npz", images=images, labels=np.arange(4), class_names=np.array(["10", "b", "2", "a"]))
    assert open_dataset(str(tmp_path / "named.npz")).class_names == ("10", "b", "2", "a")


LABELS = np.array([2, 0, 1, 2])


@pytest.mark.parametrize(
    "labels",
    [
        LABELS,
        LABELS[:, None],
        LABELS.astype(np.uint8),
        LABELS.astype(np.float32),
        LABELS.astype(np.float64)[:, None],
        LABELS.astype(str),
        LABELS.astype("S"),
        LABELS.astype(object),
        list(map(np.float32, LABELS)),
        np.array([np.int64(2), 0.0, "1", b"2"], dtype=object),
        np.eye(3)[LABELS],
        np.eye(3, dtype=bool)[LABELS],
        np.eye(3, dtype=np.uint8)[LABELS],
    ],
)
def test_labels_of_any_usual_form_are_the_same_texts(labels: np.ndarray) -> None:
    assert label_texts(labels) == ["2", "0", "1", "2"]


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        (["01", "1", "1.0", " a"], ["01", "1", "1.0", " a"]),
        (np.array([True, False]), ["True", "False"]),
        ([-3.0, 1e15], ["-3", "1000000000000000"]),
        (["größe".encode(), b""], ["größe", ""]),
        (np.array([2**63 + 1], np.uint64), [str(2**63 + 1)]),
        ([3.0, float("nan")], ["3", ""]),
        (np.array(["a", None], dtype=object), ["a", ""]),
        (np.eye(1), ["1"]),  # (1, 1) is one label and not one-hot
        (np.empty(0), []),
    ],
)
def test_text_of_labels(labels: object, expected: list[str]) -> None:
    assert label_texts(labels) == expected


@pytest.mark.parametrize(
    ("labels", "text"),
    [
        ([0.5, 1], "x: labels must be whole numbers or text, got numbers such as 0.5."),
        ([np.inf], "x: labels must be whole numbers or text, got numbers such as inf."),
        ([1 + 2j], "x: labels must be whole numbers or text, got complex128."),
        (np.array([{}], dtype=object), "x: labels must be whole numbers or text, got dict."),
        ([b"\xff"], "x: labels that are bytes must be UTF-8, but some are not."),
        (3, "x: labels must have the shape (M,), (M, 1) or one-hot (M, C), got ()."),
        (np.ones((2, 3)), "x: labels must have the shape (M,), (M, 1) or one-hot (M, C), got (2, 3)."),
        (np.zeros((2, 3)), "x: labels must have the shape (M,), (M, 1) or one-hot (M, C), got (2, 3)."),
        (np.ones((2, 1, 1)), "x: labels must have the shape (M,), (M, 1) or one-hot (M, C), got (2, 1, 1)."),
    ],
)
def test_labels_that_are_no_classes_are_refused(labels: object, text: str) -> None:
    with pytest.raises(InputError) as error:
        label_texts(labels, "x")
    assert str(error.value) == text


@given(st.sets(st.integers(0, 10**9)), st.text("ab -", min_size=1, max_size=3))
def test_numbers_inside_names_are_ordered_by_value(numbers: set[int], prefix: str) -> None:
    prefix += "x"
    assert class_order(f"{prefix}{number}" for number in numbers) == [f"{prefix}{number}" for number in sorted(numbers)]


def test_a_number_of_any_length_has_a_place() -> None:
    assert class_order(["a" + "9" * 9999, "a" + "0" * 9999 + "1"]) == ["a" + "0" * 9999 + "1", "a" + "9" * 9999]
