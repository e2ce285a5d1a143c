"""Tables of labels in all forms that have one meaning, and the sentences about those that do not."""

from __future__ import annotations

import csv
import io
import json
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from adq_core.data import ImageDataset, open_dataset
from adq_core.data.labels.tables import LabelRow, label_rows
from adq_core.errors import AdqError, InputError, SettingsError

IMAGES = ["a.png", "b/ü.png", "b/x/c.png"]
LABELS = ["dog", "cat, wild", "01"]
PAIRS = dict(zip(IMAGES, LABELS, strict=True))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder `pets` with the three images and a broken one that has a label in no table."""
    for name in IMAGES:
        (tmp_path / "pets" / name).parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (4, 4)).save(tmp_path / "pets" / name)
    return tmp_path / "pets"


def opened(folder: Path, content: str | bytes, name: str = "table.csv", **options: str) -> ImageDataset:
    table = folder.parent / name
    table.write_bytes(content.encode() if isinstance(content, str) else content)
    return open_dataset(str(folder), labels=str(table), **options)


def labels_of(data: ImageDataset) -> dict[str, str]:
    return {name: data.class_names[label] for name, label in zip(data.ids, data.labels, strict=True)}


def text_of(folder: Path, content: str | bytes, name: str = "table.csv") -> str:
    with pytest.raises(AdqError) as error:
        opened(folder, content, name)
    return str(error.value)


def table(header: str = "file,label", delimiter: str = ",", newline: str = "\n", form: str = "{}") -> str:
    file = io.StringIO()
    writer = csv.writer(file, delimiter=delimiter, lineterminator="\n")  # since Python 3.13 it may not hold a delimiter
    writer.writerow(header.split(","))
    writer.writerows((form.format(name), label) for name, label in PAIRS.items())
    return file.getvalue().replace("\n", newline)


SAME = {
    "plain": table(),
    "windows lines": table(newline="\r\n"),
    "old lines": table(newline="\r"),
    "semicolon": table(delimiter=";"),
    "tab": table(delimiter="\t"),
    "bar": table(delimiter="|"),
    "line of Excel": "sep=;\r\n" + table(delimiter=";", newline="\r\n"),
    "utf-8 with a mark": table().encode("utf-8-sig"),
    "utf-16": table().encode("utf-16"),
    "utf-16 big endian": b"\xfe\xff" + table().encode("utf-16-be"),
    "utf-32": table().encode("utf-32"),
    "blank rows": "\n \n" + table(newline="\n\n,\n") + "\n,\n\n",
    "case and spaces of the header": table(" File , LABEL "),
    "filename and class": table("filename,class"),
    "file_name and label": table("file_name,label"),
    "Image Path and Category": table("Image Path,Category"),
    "image and target": table("image,target"),
    "path and species": table("path,species"),
    "a label column of any name": table("file,animal"),
    "a file column of any name": table("animal,label"),
    "no header": table().split("\n", 1)[1],
    "no header, label first": "".join(f'"{label}",{name}\n' for name, label in PAIRS.items()),
    "spaces around values": 'file,label\n a.png , dog\nb/ü.png,"cat, wild "\nb/x/c.png\t,01',
    "other columns": 'n,file,width,label\n0,a.png,4,dog\n1,b/ü.png,4,"cat, wild"\n2,b/x/c.png,4,01\n',
    "the column file decides": 'id,file,label\n0,a.png,dog\n1,b/ü.png,"cat, wild"\n2,b/x/c.png,01\n',
    "the column with the images": 'id,name,label\n0,a.png,dog\n1,b/ü.png,"cat, wild"\n2,b/x/c.png,01\n',
    "class_id beside class_name": 'file,class_id,class_name\na.png,0,dog\nb/ü.png,2,"cat, wild"\nb/x/c.png,1,01\n',
    "backslashes": table().replace("/", "\\"),
    "dot": table(form="./{}"),
    "folder": table(form="pets/{}"),
    "absolute": table(form="/home/someone/pets/{}"),
    "drive": table(form="C:\\images\\pets\\{}"),
    "URI": table(form="file:///data/pets/{}"),
    "any one folder": table(form="/mnt/7f3/{}"),
    "no folders": 'file,label\na.png,dog\nü.png,"cat, wild"\nc.png,01\n',
    "no endings": 'file,label\na,dog\nb/ü,"cat, wild"\nb/x/c,01\n',
    "no folders and no endings": 'id,breed\na,dog\nü,"cat, wild"\nc,01\n',
    "upper case": table().replace(".png", ".PNG").replace("b/x", "B/X"),
    "other Unicode form": unicodedata.normalize("NFD", table()),
    "the same row twice": table() + "a.png,dog\n",
    "a file that differs in capital letters is another one": "file,label\nA.PNG,eel\n" + table().split("\n", 1)[1],
    "files that are not there": table() + "gone.png,eel\nd/a.jpg,eel\n",
    "JSON lines": "".join(json.dumps({"file_name": name, "label": label}) + "\n" for name, label in PAIRS.items()),
    "JSON list": json.dumps([{"image": name, "class": label, "w": 0.5} for name, label in PAIRS.items()]),
    "JSON object": json.dumps(PAIRS),
}


@pytest.mark.parametrize("content", SAME.values(), ids=SAME)
def test_tables_with_one_meaning_give_the_labels(folder: Path, content: str | bytes) -> None:
    assert labels_of(opened(folder, content)) == PAIRS


NOTES = {
    "plain": [],
    "absolute": [],
    "any one folder": ["The first folders of the paths in table.csv were left out, to find the files in pets."],
    "no folders": ["table.csv names files without all of their folders; for each name there is one image."],
    "no endings": ["table.csv names files without their endings; for each name there is one image."],
    "upper case": [
        "table.csv writes the names of 3 files in another Unicode form or with other capital letters "
        "than the folder; for each of them there is one image."
    ],
    "other Unicode form": [
        "table.csv writes the names of 1 file in another Unicode form or with other capital letters "
        "than the folder; for each of them there is one image."
    ],
    "files that are not there": ["table.csv also has labels for 2 paths without an image in pets."],
}


@pytest.mark.parametrize("kind", NOTES)
def test_what_was_not_literal_is_noted(folder: Path, kind: str) -> None:
    assert list(opened(folder, SAME[kind]).notes) == NOTES[kind]


def test_labels_stay_text(folder: Path) -> None:
    data = opened(folder, "file,label\na.png,1\nb/ü.png,01\nb/x/c.png,1.0\n")
    assert labels_of(data) == {"a.png": "1", "b/ü.png": "01", "b/x/c.png": "1.0"}
    lines = [json.dumps({"file": name, "label": label}) for name, label in zip(IMAGES, [1, 2.0, True], strict=True)]
    assert sorted(opened(folder, "\n".join(lines)).class_names) == ["1", "2", "True"]


def test_classes_that_look_alike_stay_apart_and_are_noted(folder: Path) -> None:
    data = opened(folder, "file,label\na.png,größe\nb/ü.png,gro\u0308ße\nb/x/c.png,Größe\n")
    assert data.n_classes == 3
    assert data.notes == (
        "These class names look alike, but differ in capital letters or Unicode form and stay apart: "
        "'Größe' and 'gro\u0308ße' and 'größe'.",
    )


def test_file_names_that_look_alike_are_not_confused(tmp_path: Path) -> None:
    names = ["é.png", "e\u0301.png", "A.png", "a.png"]
    (tmp_path / "pets").mkdir()
    for number, name in enumerate(names):
        Image.new("RGB", (4, 4), (number, 0, 0)).save(tmp_path / "pets" / name)
    rows = "".join(f"{name},{number}\n" for number, name in enumerate(names))
    data = opened(tmp_path / "pets", "file,label\n" + rows)
    assert {data.read(row)[0, 0, 0] for row in range(4) if data.class_names[data.labels[row]] == "1"} == {1}
    for row in range(4):
        assert str(data.read(row)[0, 0, 0]) == data.class_names[data.labels[row]]
    assert "These file names look alike" in data.notes[-1]
    assert "2 of 4 have none" in text_of(tmp_path / "pets", "file,label\nÉ.png,x\nA.png,y\na.png,z\n")


def test_images_without_a_label_are_counted_or_kept(folder: Path) -> None:
    partial = "file,label\na.png,dog\nb/ü.png,\n"
    with pytest.raises(SettingsError) as error:
        opened(folder, partial)
    assert error.value.named({"unlabelled": "--unlabelled"}) == (
        "table.csv must give every image in pets a label, but 2 of 3 have none (b/x/c.png, b/ü.png). "
        "Add them, or choose --unlabelled keep, which makes them a class of their own."
    )
    data = opened(folder, partial, unlabelled="keep")
    assert labels_of(data) == {"a.png": "dog", "b/ü.png": "unlabelled", "b/x/c.png": "unlabelled"}


WAY_OUT = "Write a CSV in UTF-8 whose first line is file,label."
FIRST_LINE = (
    "It must begin with a line that names the columns file and label, with a comma, semicolon or tab between them."
)


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("", f"table.csv has no rows. {WAY_OUT}"),
        ("\n \n", f"table.csv has no rows. {WAY_OUT}"),
        ("x,y,z\n1,2,3\n", f"table.csv has no column file (the path of an image) and label. {FIRST_LINE}"),
        ("file,y,z\na.png,2,3\n", f"table.csv has no column label. {FIRST_LINE}"),
        ("q,label,z\na.png,2,3\n", f"table.csv has no column file (the path of an image). {FIRST_LINE}"),
        (
            "file,class,category\na.png,1,x\nb/ü.png,1,y\n",
            "table.csv has several columns that can be the column label: class, category. Name one of them label, or "
            "leave the others out.",
        ),
        (
            "file,label,Label\na.png,1,x\nb/ü.png,1,y\n",
            "table.csv has several columns that can be the column label: label, label. Name one of them label, or "
            "leave the others out.",
        ),
        (
            "image,path,label\na.png,a.png,x\n",
            "table.csv has several columns that can be the column file: image, path. Name one of them file, or leave "
            "the others out.",
        ),
        (
            "file,label\na.png,dog\n\nb/ü.png,cat, wild\n",
            "table.csv must have 2 values in every row, as in its first line, but line 4 has 3. Put quotation marks "
            "around a value that contains the separator.",
        ),
        (
            "file,label\na.png,dog\na.png,cat\nb/ü.png,x\nb/x/c.png,y\n",
            "table.csv must give every image in pets one label, but gives 1 image several (a.png). Leave one row for "
            "each image.",
        ),
        (
            "file,label\n/secret/1.png,x\n",
            "table.csv has 1 path, but none is that of an image in pets. Write the paths relative to pets, such as "
            "a.png.",
        ),
        (
            "file,label\ntrain/a.png,x\ntest/a.png,y\n",
            "The paths in table.csv fit images of pets below 2 different folders, so their meaning is not clear. "
            "Write the paths relative to pets.",
        ),
        (
            "gr\xf6\xdfe.png,x".encode("latin-1"),
            "table.csv must be text in UTF-8, or in UTF-16 with a byte order mark, but is not. Save it as CSV UTF-8.",
        ),
        (b"file,label\0\n", f"table.csv must be text to be a table of labels, but has zero bytes. {WAY_OUT}"),
        ('{"file": "a.png"\n', f"table.csv must be JSON, but line 1 is not. {WAY_OUT}"),
        (
            '{"file": "a.png", "label": "x"}\n[1]\n',
            f"table.csv must have one JSON object per row, but line 2 has something else. {WAY_OUT}",
        ),
        (
            '{"images": [], "annotations": []}',
            "table.csv must have text or a number as the file and as the label, but line 1 has a list or an object. "
            + WAY_OUT,
        ),
        ("[" * 100_000, f"table.csv must be JSON, but line 1 is not. {WAY_OUT}"),
    ],
)  # fmt: skip
def test_a_table_without_one_meaning_is_refused(folder: Path, content: str | bytes, text: str) -> None:
    assert text_of(folder, content) == text


def test_a_table_that_cannot_be_read(folder: Path) -> None:
    for labels, reason in (
        ("nowhere.csv", f"The table of labels nowhere.csv cannot be read: No such file or directory. {WAY_OUT}"),
        (str(folder), f"The table of labels must be a file, but pets is not one. {WAY_OUT}"),
        ("/dev/zero", f"The table of labels must be a file, but zero is not one. {WAY_OUT}"),
    ):
        with pytest.raises(InputError) as error:
            open_dataset(str(folder), labels=labels)
        assert str(error.value) == reason


SECRETS = (
    "API_KEY=sk-12345\n", "root:x:0:0:sk-12345\n", "file,label\nsk-12345,a\nsk-12345,b\n", "sk-12345\n" * 3,
    "[sk-12345]\n", '{"sk-12345": {"a": 1}}', '{"sk-12345": 1, "file": [2]}\n', "sk-12345,label,class\n1,2,3\n4,2,5",
    "file,sk-12345,x,target,class\n1,2,3\n4,2,5", "file\tlabel\na.png\tsk-12345\tq\tx\n",
)  # fmt: skip


@pytest.mark.parametrize("secret", SECRETS)
def test_no_error_quotes_the_content_of_the_table(folder: Path, secret: str) -> None:
    for content in (secret.encode(), secret.encode("utf-16"), secret.encode() + b"\xff"):
        message = text_of(folder, content, "settings")
        assert not any(part in message for part in ("12345", "API", "root", "sk-", "xff"))


@given(st.dictionaries(st.text("ab/.", min_size=1, max_size=5), st.text("xyz ,;\t\"'", min_size=1, max_size=5)))
def test_a_table_that_was_written_as_csv_is_read_back(labels: dict[str, str]) -> None:
    labels = {name: label.strip() for name, label in labels.items() if label.strip()}
    file = io.StringIO()
    csv.writer(file, lineterminator="\n").writerows([("file", "label"), *labels.items()])
    rows = label_rows(file.getvalue().encode(), "x", labels)
    assert [(row.file, row.label) for row in rows] == list(labels.items())


def test_rows_have_their_line_numbers() -> None:
    content = 'file,label\n\na.png,"two\nlines"\nb.png,x\n'
    assert label_rows(content.encode(), "x", ["a.png"]) == [
        LabelRow(3, "a.png", "two\nlines"),
        LabelRow(5, "b.png", "x"),
    ]
