"""Parquet files with images, as the Hugging Face library `datasets` writes them."""

from __future__ import annotations

import io
import json
import pickle
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

from adq_core.data.open import open_dataset
from adq_core.errors import InputError
from tests.data.test_archives import png

M = 12
LABELS = [2, 0, 1] * 4
NAMES = ["cat", "dog", "ape"]


def jpeg(value: int) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (12, 10), (value, 0, 0)).save(file, "JPEG")
    return file.getvalue()


def table(
    images: list[bytes | None], labels: object = None, *, plain: bool = False, names: list[str] | None = None
) -> pa.Table:
    kind = pa.binary() if plain else pa.struct([("bytes", pa.binary()), ("path", pa.string())])
    values = images if plain else [{"bytes": data, "path": None} for data in images]
    columns = {"image": pa.array(values, kind)} | ({} if labels is None else {"label": pa.array(labels)})
    made = pa.table(columns)
    if names is not None:
        features = {"label": {"names": names, "_type": "ClassLabel"}, "image": {"_type": "Image"}}
        made = made.replace_schema_metadata({"huggingface": json.dumps({"info": {"features": features}})})
    return made


@pytest.mark.parametrize("cached", [False, True])
@pytest.mark.parametrize("plain", [False, True])
@pytest.mark.parametrize("group", [1, 5, 100])
def test_images_and_named_classes(tmp_path: Path, cached: bool, plain: bool, group: int) -> None:
    images = [png(n) if n % 2 else jpeg(20 * n) for n in range(M)]
    path = tmp_path / "set.parquet"
    pq.write_table(table(images, LABELS, plain=plain, names=NAMES), path, row_group_size=group)
    keys = set()
    for _ in range(2):
        data = open_dataset(str(path), cache=tmp_path / "cache" if cached else None)
        assert (data.name, len(data), data.ids[:2]) == ("set", M, ("00.jpg", "01.png"))
        assert [data.class_names[number] for number in data.labels] == [NAMES[label] for label in LABELS]
        assert data.indices.tolist() == list(range(M)), "the index is the number of the row"
        again = pickle.loads(pickle.dumps(data))
        for row in range(M):
            expected = np.asarray(Image.open(io.BytesIO(images[row])).convert("RGB"))
            np.testing.assert_array_equal(data.read(row), expected)
            np.testing.assert_array_equal(again.read(row), expected)
        assert data.notes == ("The images are the column image, the classes the column label.",)
        keys.add(data.key)
    assert len(keys) == 1


@pytest.mark.parametrize("labels", [["01", "1", "01"], [True, False, True], [3, 4, 3], [1.0, 2.0, 1.0]])
def test_labels_without_names_are_texts(tmp_path: Path, labels: list[object]) -> None:
    pq.write_table(table([png(1), png(2), png(3)], labels), tmp_path / "s.parquet")
    data = open_dataset(str(tmp_path / "s.parquet"))
    expected = [str(int(each)) if isinstance(each, float) else str(each) for each in labels]
    assert [data.class_names[number] for number in data.labels] == expected


def test_without_labels_all_images_are_one_class(tmp_path: Path) -> None:
    pq.write_table(table([png(1), png(2)]), tmp_path / "s.parquet")
    assert open_dataset(str(tmp_path / "s.parquet")).class_names == ("all",)


def test_missing_and_damaged_images_are_skipped_and_keep_their_number(tmp_path: Path) -> None:
    pq.write_table(table([png(1), None, b"no image", png(4)], [0, 1, 0, 1]), tmp_path / "s.parquet")
    data = open_dataset(str(tmp_path / "s.parquet"))
    assert (data.ids, data.indices.tolist()) == (("0.png", "3.png"), [0, 3])
    assert {item.id: item.reason for item in data.skipped} == {
        "1.jpg": "is empty", "2.jpg": "is not an image of a known format",
    }  # fmt: skip


def test_images_without_a_label(tmp_path: Path) -> None:
    pq.write_table(table([png(1), png(2), png(3)], [0, -1, 1], names=NAMES), tmp_path / "s.parquet")
    data = open_dataset(str(tmp_path / "s.parquet"))
    assert (data.class_names, [(item.id, item.reason) for item in data.skipped]) == (
        ("cat", "dog"), [("1.png", "has no label")],
    )  # fmt: skip
    assert open_dataset(str(tmp_path / "s.parquet"), unlabelled="keep").class_names == ("cat", "dog", "unlabelled")


@pytest.mark.parametrize("inside", ["", "data/"])
def test_a_folder_of_shards(tmp_path: Path, inside: str) -> None:
    folder = tmp_path / "repository"
    (folder / inside).mkdir(parents=True)
    (folder / "README.md").write_text("x")
    for shard in range(3):
        images = [png(10 * shard + n) for n in range(4)]
        pq.write_table(table(images, [0, 1, 0, 1]), folder / inside / f"train-0000{shard}-of-00003.parquet")
    for name in (str(folder), f"{folder}/{inside}train-*.parquet"):
        data = open_dataset(name, cache=tmp_path / "cache")
        assert [int(data.read(row)[0, 0, 0]) for row in (0, 4, 11)] == [0, 10, 23]
        assert (len(data), data.class_names) == (12, ("0", "1"))


def test_labels_outside_the_names_are_an_error(tmp_path: Path) -> None:
    pq.write_table(table([png(1), png(2)], [0, 3], names=NAMES), tmp_path / "s.parquet")
    with pytest.raises(InputError) as caught:
        open_dataset(str(tmp_path / "s.parquet"))
    assert str(caught.value) == "s.parquet: labels must be in 0..2 for its 3 class names."


def test_a_changed_file_is_read_again(tmp_path: Path) -> None:
    keys = set()
    for value in (1, 2):
        pq.write_table(table([png(value), png(9), png(value + 1)]), tmp_path / "s.parquet")
        keys.add(open_dataset(str(tmp_path / "s.parquet"), cache=tmp_path / "cache").key)
    assert len(keys) == 2
