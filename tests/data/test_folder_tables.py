"""A table of labels in the folder of the images: read where its meaning is unique, and noted otherwise."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from PIL import Image

from adq_core.data import ImageDataset, open_dataset
from adq_core.errors import InputError

ROWS = "a.png,dog\nb.png,cat\n"


def put(folder: Path, **texts: str) -> Path:
    """Write two images and these files; `metadata_csv` is the file metadata.csv."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, name in enumerate(("a.png", "b.png")):
        Image.new("RGB", (4, 4), (number, 0, 0)).save(folder / name)
    for name, text in texts.items():
        (folder / name.replace("_", ".")).write_text(text)
    return folder


def classes(data: ImageDataset) -> dict[str, str]:
    return {name: data.class_names[label] for name, label in zip(data.ids, data.labels, strict=True)}


READ = {
    "Hugging Face, CSV": ("metadata_csv", "file_name,label\n" + ROWS),
    "Hugging Face, JSON lines": (
        "metadata_jsonl",
        '{"file_name": "a.png", "label": "dog", "text": "x"}\n{"file_name": "b.png", "label": "cat", "text": "y"}\n',
    ),
    "labels.csv": ("labels_csv", "filename,class\n" + ROWS),
    "any name, tabs": ("train_tsv", ("image\tspecies\n" + ROWS).replace(",", "\t")),
    "without a first line": ("labels_csv", ROWS),
}


@pytest.mark.parametrize(("name", "text"), READ.values(), ids=READ)
def test_the_only_table_of_a_folder_without_classes_gives_the_classes(tmp_path: Path, name: str, text: str) -> None:
    data = open_dataset(str(put(tmp_path / "set", **{name: text})))
    file = name.replace("_", ".")
    assert classes(data) == {"a.png": "dog", "b.png": "cat"}
    assert data.notes == (f"The classes are those of the table {file} in the folder.",)


def test_a_table_beside_the_folder_of_images_and_in_an_archive_is_read(tmp_path: Path) -> None:
    put(tmp_path / "set" / "images")
    (tmp_path / "set" / "metadata.csv").write_text("file_name,label\nimages/a.png,dog\nimages/b.png,cat\n")
    with zipfile.ZipFile(tmp_path / "set.zip", "w") as archive:
        for file in sorted((tmp_path / "set").rglob("*.*")):
            archive.write(file, f"top/{file.relative_to(tmp_path / 'set')}")
    for place in (tmp_path / "set", tmp_path / "set.zip"):
        assert set(classes(open_dataset(str(place))).values()) == {"dog", "cat"}


def test_two_tables_that_agree_are_read_and_two_that_differ_are_noted(tmp_path: Path) -> None:
    same = put(tmp_path / "same", metadata_csv="file_name,label\n" + ROWS, labels_csv="file,label\n" + ROWS)
    assert set(open_dataset(str(same)).class_names) == {"cat", "dog"}
    other = put(same.with_name("other"), metadata_csv="file_name,label\n" + ROWS, labels_csv="a.png,x\nb.png,y\n")
    data = open_dataset(str(other))
    assert data.class_names == ("all",)
    assert data.notes == tuple(
        f"{name} in the folder has a label for each image, and so has another table. To use {name}, name it as the "
        "table of labels."
        for name in ("labels.csv", "metadata.csv")
    )


NOTED = {
    "labels_csv": (
        "file,label\na.png,dog\n",
        "labels.csv in the folder has labels for only 1 of 2 images. To use labels.csv, name it as the table of labels."
        "",
    ),
    "metadata_csv": (
        "number,caption\n7,hello\n",
        "metadata.csv in the folder is not used: it must have the path of an image and its label in each row, in "
        "columns named file and label.",
    ),
    "annotations_xml": (
        "<annotations/>",
        "annotations.xml in the folder may have labels, but is not read. Write them to a CSV with the columns file and "
        "label, and name it as the table of labels.",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", ["labels_csv", "metadata_csv", "annotations_xml"])
def test_a_table_that_cannot_give_the_classes_is_noted(tmp_path: Path, name: str) -> None:
    text, note = NOTED[name]
    data = open_dataset(str(put(tmp_path / "set", **{name: str(text)})))
    assert (data.class_names, data.notes) == (("all",), (note,))


def test_a_table_with_some_labels_is_used_if_images_without_one_are_kept(tmp_path: Path) -> None:
    folder = put(tmp_path / "set", labels_csv="file,label\na.png,dog\n")
    assert classes(open_dataset(str(folder), unlabelled="keep")) == {"a.png": "dog", "b.png": "unlabelled"}


def test_class_folders_are_used_and_a_table_that_differs_is_noted(tmp_path: Path) -> None:
    put(tmp_path / "set" / "x")
    put(tmp_path / "set" / "y")
    table = tmp_path / "set" / "labels.csv"
    table.write_text("file,label\nx/a.png,x\nx/b.png,x\ny/a.png,y\ny/b.png,y\n")
    assert open_dataset(str(tmp_path / "set")).notes == ()
    table.write_text("file,label\nx/a.png,x\nx/b.png,x\ny/a.png,x\ny/b.png,z\n")
    data = open_dataset(str(tmp_path / "set"))
    assert classes(data) == {"x/a.png": "x", "x/b.png": "x", "y/a.png": "y", "y/b.png": "y"}
    assert data.notes == (
        "labels.csv in the folder gives 2 images another label than the folder. The folders are used. To use "
        "labels.csv, name it as the table of labels.",
    )


def test_a_changed_table_is_read_again(tmp_path: Path) -> None:
    folder = put(tmp_path / "set", labels_csv="file,label\n" + ROWS)
    assert "dog" in open_dataset(str(folder), cache=tmp_path / "cache").class_names
    (folder / "labels.csv").write_text("file,label\na.png,elephant\nb.png,cat\n")
    assert "elephant" in open_dataset(str(folder), cache=tmp_path / "cache").class_names


def test_images_beside_class_folders_are_a_class_if_they_are_kept(tmp_path: Path) -> None:
    put(tmp_path / "set" / "x")
    put(tmp_path / "set")
    cache = tmp_path / "cache"
    for _ in range(2):
        assert [item.id for item in open_dataset(str(tmp_path / "set"), cache=cache).skipped] == ["a.png", "b.png"]
        data = open_dataset(str(tmp_path / "set"), cache=cache, unlabelled="keep")
        assert data.class_names == ("unlabelled", "x")
        assert data.skipped == ()


def test_other_files_are_counted_by_ending(tmp_path: Path) -> None:
    folder = put(tmp_path / "set", a_txt="", b_txt="", c_xml="", README="words")
    Image.new("RGB", (4, 4)).save(folder / "photo", "PNG")
    Image.new("RGB", (4, 4)).save(folder / "scan.jpg_large", "JPEG")
    Image.new("RGB", (4, 4)).save(folder / ".hidden.png")
    (folder / "._a.png").write_bytes(b"x")
    cache = tmp_path / "cache"
    data = open_dataset(str(folder), cache=cache)
    assert data.ids == ("a.png", "b.png", "photo", "scan.jpg_large")
    sentence = (
        "Not taken as images: {} other files (2 .txt, 1 without an ending, 1 .xml{}) and 1 hidden image (a "
        "name that begins with a dot)."
    )
    assert data.reading.other_files == sentence.format(4, "")
    (folder / "z.yaml").write_text("")
    for verify in (True, False):
        again = open_dataset(str(folder), cache=cache, verify=verify)
        assert again.reading.other_files == sentence.format(5, ", 1 .yaml")
    with pytest.raises(InputError):
        open_dataset(str(put_text(tmp_path / "texts")))


def put_text(folder: Path) -> Path:
    folder.mkdir()
    (folder / "words").write_text("words")
    return folder


def test_the_name_of_a_built_in_set_is_that_set_and_a_folder_of_this_name_is_noted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert open_dataset("digits").notes == ()
    put(tmp_path / "digits")
    data = open_dataset("digits")
    assert len(data) == 1797
    assert data.notes == (
        "digits is the built-in data set. The folder or file with this name in the working folder is ./digits.",
    )
    assert len(open_dataset("./digits")) == 2
    assert open_dataset("./digits").notes == ()
