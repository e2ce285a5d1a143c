"""Lists of indices and ids that other programs have written."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from adq_core import Run, Settings
from adq_core.data import ImageDataset, open_dataset
from adq_core.errors import InputError, SettingsError
from adq_core.selection import read_selection
from adq_core.storage import Store

ROWS = [3, 10, 11, 57, 80, 119]


def files_of(folder: Path, n_classes: int = 4, each: int = 30) -> ImageDataset:
    """Write images named {class}/{number}.png, numbered over all classes in a random order as CIFAR-10 is."""
    rng = np.random.default_rng(0)
    labels = rng.permutation(np.repeat(np.arange(n_classes), each))
    for number, label in enumerate(labels):
        path = folder / f"c{label}" / f"{number}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(rng.integers(0, 255, (4, 4, 3), dtype=np.uint8)).save(path)
    return open_dataset(str(folder))


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> ImageDataset:
    return files_of(tmp_path_factory.mktemp("lists") / "numbered")


WRITERS: dict[str, Callable[[Path, ImageDataset], None]] = {
    "indices.npy": lambda path, data: np.save(path, np.array(ROWS)),
    "floats.npy": lambda path, data: np.save(path, np.array(ROWS, np.float64)),
    "mask.npy": lambda path, data: np.save(path, np.isin(np.arange(len(data)), ROWS)),
    "ids.npy": lambda path, data: np.save(path, np.array([data.ids[row] for row in ROWS])),
    "indices.txt": lambda path, data: path.write_text("\n".join(map(str, ROWS)) + "\n\n"),
    "ids.txt": lambda path, data: path.write_text("\n".join(data.ids[row] for row in ROWS)),
    "header.csv": lambda path, data: path.write_text("x,Index\n" + "".join(f"0,{row}\n" for row in ROWS)),
    "bare.csv": lambda path, data: path.write_text("".join(f"{row}\n" for row in ROWS)),
    "semicolon.csv": lambda path, data: path.write_text("id;y\n" + "".join(f"{data.ids[row]};1\n" for row in ROWS)),
    "list.json": lambda path, data: path.write_text(json.dumps(ROWS)),
    "under a key.json": lambda path, data: path.write_text(json.dumps({"about": 1, "indices": ROWS})),
    "objects.json": lambda path, data: path.write_text(json.dumps([{"id": data.ids[row], "y": 1} for row in ROWS])),
    "lines.jsonl": lambda path, data: path.write_text("\n".join(json.dumps({"index": row}) for row in ROWS)),
}


@pytest.mark.parametrize("name", WRITERS)
def test_every_form_names_the_same_images(name: str, dataset: ImageDataset, tmp_path: Path) -> None:
    path = tmp_path / name
    WRITERS[name](path, dataset)
    found = read_selection([path], dataset)
    assert found.rows.tolist() == ROWS
    assert found.by_index == ("id" not in name and name not in ("semicolon.csv", "objects.json"))


@pytest.mark.parametrize("name", ["selected_indices.npy", "selected_ids.txt", "selected.jsonl"])
def test_an_export_is_read_back(name: str, dataset: ImageDataset, tmp_path: Path) -> None:
    run = Run(
        Settings(dataset=dataset.name, embeddings="pixels", diversity="vectors", n_bins=3), Store(), dataset=dataset
    )
    (tmp_path / name).write_bytes(run.export_files()[name])
    assert read_selection([tmp_path / name], dataset).rows.tolist() == run.selection.indices.tolist()


def test_several_files_are_one_selection_in_numeric_order(dataset: ImageDataset, tmp_path: Path) -> None:
    paths = []
    for number in (0, 1, 2, 10):
        paths.append(tmp_path / f"select_indices_SET_exp{number}.npy")
        np.save(paths[-1], np.array([number, 20 + number]))
    assert read_selection(paths[::-1], dataset).rows.tolist() == [0, 1, 2, 10, 20, 21, 22, 30]


def test_an_index_is_that_of_the_folder_also_where_a_file_is_damaged(tmp_path: Path) -> None:
    files_of(tmp_path / "some")
    names = sorted(str(path.relative_to(tmp_path / "some")) for path in (tmp_path / "some").rglob("*.png"))
    (tmp_path / "some" / names[5]).write_bytes(b"damaged")
    dataset = open_dataset(str(tmp_path / "some"))
    (tmp_path / "i.txt").write_text("4\n6\n")
    rows = read_selection([tmp_path / "i.txt"], dataset).rows
    assert [dataset.ids[row] for row in rows] == [names[4], names[6]]
    (tmp_path / "i.txt").write_text("4\n5\n6\n120\n-1\n")
    text = "of 5 entries, 2 are outside 0 to 119 and 1 names a file that cannot be read"
    with pytest.raises(InputError, match=text):
        read_selection([tmp_path / "i.txt"], dataset)


@pytest.mark.parametrize(
    ("name", "content", "text"),
    [
        ("a.txt", "1\n2\n2\n1\n", "must name each image once, but 2 of 4 entries are repeated"),
        ("a.json", "[1, 99999999999999999999999, -3]", "of 3 entries, 2 are outside 0 to 119"),
        ("a.txt", "1\nno such file\nneither\n", "must have ids of numbered, but 3 of 3 entries are not"),
        ("a.txt", "\n", "must name at least one image, got none"),
        ("a.csv", "x,y\n1,2\n", "must have a column index, id or file; none of its 2 is one"),
        ("a.json", "{}", "must have a list of indices or ids"),
        ("a.json", "[1.5]", "must have a list of indices or ids"),
        ("a.json", "[[[", "could not be read as a list"),
        ("a.npy", "nothing", "could not be read as a list"),
        ("a.zip", "", "must end in .npy, .csv"),
    ],
)
def test_lists_that_cannot_be_used_are_counted_and_refused(
    name: str, content: str, text: str, dataset: ImageDataset, tmp_path: Path
) -> None:
    (tmp_path / name).write_text(content)
    with pytest.raises(InputError) as error:
        read_selection([tmp_path / name], dataset)
    assert text in str(error.value)


def test_masks_and_arrays_of_a_wrong_form_are_refused(dataset: ImageDataset, tmp_path: Path) -> None:
    for values, text in (
        (np.ones(7, np.bool_), "one value for each of 120 images, got 7"),
        (np.zeros((2, 2), np.int64), "must be a list of indices"),
        (np.array([0.5, 1.5]), "must have whole numbers"),
        (np.array([1.0, np.nan]), "must have whole numbers"),
        (np.array([1.0, np.inf]), "must have whole numbers"),
        (np.array([1, 2**63 + 5], np.uint64), "of 2 entries, 1 is outside 0 to 119"),
    ):
        np.save(tmp_path / "a.npy", values)
        with pytest.raises(InputError, match=text):
            read_selection([tmp_path / "a.npy"], dataset)


def balanced(dataset: ImageDataset, each: int) -> np.ndarray:
    """Return rows of a selection with `each` random images of every class."""
    rng = np.random.default_rng(1)
    rows = [rng.choice(np.flatnonzero(dataset.labels == label), each, replace=False) for label in range(4)]
    return np.sort(np.concatenate(rows))


def test_a_list_made_for_another_order_of_the_files_is_named(tmp_path: Path) -> None:
    """The published evaluation of ADQ counts files by the number in their name, and reads them sorted by class."""
    dataset = files_of(tmp_path / "numbered", each=90)
    rows = balanced(dataset, 20)
    numbers = np.array([int(Path(dataset.ids[row]).stem) for row in rows])
    np.save(tmp_path / "made_by_number.npy", numbers)
    wrong = read_selection([tmp_path / "made_by_number.npy"], dataset)
    assert wrong.order_note.startswith(
        "The list fits another order: the files sorted by the number in their name, over all"
    )
    assert wrong.other_order == "numbers"
    read = read_selection([tmp_path / "made_by_number.npy"], dataset, order="numbers")
    assert (read.rows.tolist(), read.order_note, read.read_in) == (rows.tolist(), "", "numbers")
    np.save(tmp_path / "right.npy", rows)
    assert read_selection([tmp_path / "right.npy"], dataset).order_note == ""
    assert (np.intersect1d(wrong.rows, rows).size / len(rows)) < 0.5, "most images are others"


def test_an_unbalanced_list_of_the_right_order_is_not_suspected(dataset: ImageDataset, tmp_path: Path) -> None:
    np.save(tmp_path / "first.npy", np.arange(25))
    assert read_selection([tmp_path / "first.npy"], dataset).order_note == ""


def test_a_list_counted_from_one_is_read_on_request(dataset: ImageDataset, tmp_path: Path) -> None:
    np.save(tmp_path / "from_one.npy", np.arange(1, 121))
    with pytest.raises(InputError, match="of 120 entries, 1 is outside 0 to 119"):
        read_selection([tmp_path / "from_one.npy"], dataset)
    assert len(read_selection([tmp_path / "from_one.npy"], dataset, order="one-based").rows) == 120
    np.save(tmp_path / "from_one.npy", np.arange(121))
    with pytest.raises(InputError, match="of 121 entries, 1 is outside 1 to 120"):
        read_selection([tmp_path / "from_one.npy"], dataset, order="one-based")


def test_an_unknown_order_lists_those_that_the_names_have(dataset: ImageDataset, tmp_path: Path) -> None:
    np.save(tmp_path / "rows.npy", np.arange(3))
    with pytest.raises(SettingsError, match="Choose one of: one-based, paths, numbers, natural"):
        read_selection([tmp_path / "rows.npy"], dataset, order="size")


def test_stored_files_are_read_and_named_by_their_own_names(dataset: ImageDataset, tmp_path: Path) -> None:
    """An upload is stored under a random name; its own name says the format, and the order of several files."""
    for name, text in (("a", "7\n"), ("b", "9\n")):
        (tmp_path / name).write_text(text)
    paths, names = [tmp_path / "a", tmp_path / "b"], ["list 10.txt", "list 9.txt"]
    assert read_selection(paths, dataset, names=names).rows.tolist() == [7, 9]
    (tmp_path / "a").write_text("500\n")
    with pytest.raises(InputError, match=r"^list 9.txt and 1 other must have indices"):
        read_selection(paths, dataset, names=names)
