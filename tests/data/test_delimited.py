"""Tables in text files of any separator, encoding and decimal sign; errors that quote nothing of a file."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adq_core.data.open import open_dataset
from adq_core.errors import AdqError, InputError

VALUES = np.array([[0.5, -1.25, 3], [1e-3, 2, 0.125], [4, 5.5, 6]], np.float32)
IDS = ["a", "b, ü; |\t", "c\nd"]
SECRET = "BEGIN PRIVATE KEY"


def text(separator: str = ",", decimal: str = ".", end: str = "\n") -> str:
    file = io.StringIO()
    writer = csv.writer(file, delimiter=separator, lineterminator=end)
    writer.writerow(["id", "label", "f0", "f1", "f2"])
    for name, row in zip(IDS, VALUES.tolist(), strict=True):
        writer.writerow([name, "x", *(str(value).replace(".", decimal) for value in row)])
    return file.getvalue()


def check(path: Path) -> None:
    data = open_dataset(str(path))
    assert data.vectors is not None
    np.testing.assert_array_equal(data.vectors, VALUES)
    assert (list(data.ids), data.class_names) == (sorted(IDS), ("x",))


@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".CSV"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize(
    ("separator", "decimal"), [(",", "."), (";", "."), ("\t", "."), ("|", "."), (";", ","), ("\t", ",")]
)
def test_separator_encoding_and_decimal_sign_are_found(
    suffix: str, encoding: str, separator: str, decimal: str, tmp_path: Path
) -> None:
    path = tmp_path / f"v{suffix}"
    path.write_bytes(text(separator, decimal).encode(encoding))
    check(path)


def test_tables_of_windows_and_excel(tmp_path: Path) -> None:
    path = tmp_path / "v.csv"
    path.write_bytes(text(end="\r\n").encode())
    check(path)
    path.write_bytes(("sep=;\r\n" + text(";", ",", "\r\n")).encode("utf-16"))
    check(path)
    path.write_bytes(("\n\n" + text() + "\n\n").encode())
    check(path)
    path.write_bytes(text().rstrip("\n").encode())
    check(path)


@settings(max_examples=25, deadline=None)
@given(
    rows=st.lists(
        st.tuples(
            st.text(min_size=1, max_size=5).filter(lambda s: "\0" not in s and s.strip()),
            st.floats(-100, 100, width=32),
        ),
        min_size=1, max_size=20, unique_by=lambda row: row[0],
    ),
    separator=st.sampled_from(",;\t|"),
)  # fmt: skip
def test_any_ids_are_read_back(
    rows: list[tuple[str, float]], separator: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    rows = [(name.replace("\r", " ").encode(errors="ignore").decode() or "x", value) for name, value in rows]
    if len({name for name, _ in rows}) < len(rows):
        return
    path = tmp_path_factory.mktemp("t") / "v.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=separator, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\n")
        writer.writerows([["id", "f0", "f1"], *((name, float(value), 0.5) for name, value in rows)])
    data = open_dataset(str(path))
    assert data.vectors is not None
    assert dict(zip(data.ids, data.vectors[:, 0].tolist(), strict=True)) == dict(rows)


def test_line_breaks_in_quotes_at_the_end_of_a_block(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adq_core.data.tables.delimited.BLOCK_BYTES", 3000)
    ids = [f"{number:04}" + "\n" * 30 for number in range(500)]
    with (tmp_path / "v.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([["id", "f0"], *((name, 0.5 + number) for number, name in enumerate(ids))])
    data = open_dataset(str(tmp_path / "v.csv"))
    assert (list(data.ids), data.vectors is not None and data.vectors[499, 0]) == (ids, 499.5)


def refusal(path: Path, content: str | bytes) -> str:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    with pytest.raises(AdqError) as caught:
        open_dataset(str(path))
    assert SECRET not in str(caught.value)
    return str(caught.value)


def test_tables_that_are_none_are_refused_without_a_quotation(tmp_path: Path) -> None:
    path = tmp_path / "v.csv"
    assert refusal(path, "") == "v.csv is empty. Give a table with one row per image."
    assert refusal(path, "\n \n") != ""
    assert refusal(path, "a,b\n") == "v.csv must have at least one row, got only the names of columns."
    assert refusal(path, f"a,b\n1,2\n{SECRET}\n") == "v.csv must have 2 columns in each row, but row 3 has 1."
    assert refusal(path, f"a,b\n1,2\n3,4,{SECRET}\n") == "v.csv must have 2 columns in each row, but row 3 has 3."
    assert refusal(path, "a,a\n1,2\n") == "v.csv must have different column names, but 'a' occurs twice. Rename one."
    late = "".join(f"{n}.5,1\n" for n in range(2000)) + f"{SECRET},1\n"
    assert refusal(path, "f0,f1\n" + late) == "v.csv must hold numbers in its column 'f0', but some are not."
    assert refusal(path, b"a,b\n\xff\xfe\xfd,1\n") == (
        "v.csv must be text in UTF-8 or UTF-16. Save it again as CSV UTF-8."
    )
    latin = "id,f\n" + "".join(f"{n},1\n" for n in range(60_000)) + "\xe9,1\n"
    assert refusal(path, latin.encode("latin-1")) == (
        "v.csv must be text in UTF-8 or UTF-16. Save it again as CSV UTF-8."
    )
    assert refusal(path, "id,f0\na,1\n,2\n") == (
        "v.csv must have a value for every row in its column `id`, but some are empty."
    )
    assert refusal(path, "id,f0\na,1\na,2\n") == "v.csv must name each id once, but 'a' occurs twice."
    assert refusal(path, "f0,f1\n" + "1," * 20_000_000) != ""
    assert refusal(path, ",".join(f"c{n}" for n in range(70_000)) + "\n1\n").startswith(
        "v.csv must have at most 65,536"
    )


@settings(max_examples=150, deadline=None)
@given(
    content=st.one_of(
        st.binary(max_size=300), st.text(alphabet="a1.,;\t\n\"'-[]e |\r\0é", max_size=200).map(str.encode)
    )
)
@pytest.mark.parametrize("suffix", [".csv", ".tsv"])
def test_any_bytes_are_vectors_or_one_sentence(
    suffix: str, content: bytes, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("any") / f"v{suffix}"
    path.write_bytes(content)
    told = "one."
    try:
        assert len(open_dataset(str(path))) > 0
    except InputError as error:
        told = str(error)
    assert told.endswith(".")
    assert "\n" not in told


def test_missing_and_infinite_numbers_are_skipped_rows(tmp_path: Path) -> None:
    (tmp_path / "v.csv").write_text("f0,f1\n1,2\n,3\nnan,1\ninf,1\nNA,1\n 5 , 6\n")
    data = open_dataset(str(tmp_path / "v.csv"))
    assert data.ids == ("0", "5")
    assert {item.reason for item in data.skipped} == {"has NaN or infinity in its vector"}


class TestProjector:
    """`vectors.tsv` without column names beside `metadata.tsv`, as the TensorBoard projector reads them."""

    @pytest.fixture
    def vectors(self, tmp_path: Path) -> Path:
        (tmp_path / "vectors.tsv").write_text("0.5\t1\n2\t3\n4\t5\n")
        return tmp_path / "vectors.tsv"

    def test_alone(self, vectors: Path) -> None:
        data = open_dataset(str(vectors))
        assert data.vectors is not None
        assert data.vectors.tolist() == [[0.5, 1], [2, 3], [4, 5]]
        assert data.class_names == ("all",)

    @pytest.mark.parametrize(
        ("metadata", "ids", "labels"),
        [
            ("cat\ndog\ncat\n", ("0", "1", "2"), ["cat", "dog", "cat"]),
            ("1\n01\n1\n", ("0", "1", "2"), ["1", "01", "1"]),
            ("w1\nw2\nw3\n", ("w1", "w2", "w3"), ["all"] * 3),
            ("Word\tLabel\na\tx\nb\ty\nc\tx\n", ("0", "1", "2"), ["x", "y", "x"]),
            ("id\tclass\nb\tx\na\ty\nc\tx\n", ("a", "b", "c"), ["y", "x", "x"]),
        ],
    )
    def test_with_metadata(self, vectors: Path, metadata: str, ids: tuple[str, ...], labels: list[str]) -> None:
        (vectors.parent / "metadata.tsv").write_text(metadata)
        data = open_dataset(str(vectors))
        assert data.ids == ids
        assert [data.class_names[number] for number in data.labels] == labels
        assert "from metadata.tsv." in data.description

    def test_of_other_length(self, vectors: Path) -> None:
        (vectors.parent / "metadata.tsv").write_text("a\nb\n")
        with pytest.raises(InputError) as caught:
            open_dataset(str(vectors))
        assert str(caught.value) == "metadata.tsv must have one row for each of the 3 vectors, got 2."
