"""The exported numbers of selected images are positions in torchvision's `ImageFolder`: the images are compared."""

from __future__ import annotations

import io
import json
from pathlib import Path

import numpy as np
import pyarrow.parquet
import pytest
from PIL import Image
from torchvision.datasets import ImageFolder

from adq_core import Run, Settings

CLASSES = ("polo", "polo shirt", "Polo", "10", "2", "größe", "gro\u0308ße", "シャツ")
FILES = ("10.png", "2.png", "B.png", "a b/1.png", "a/2.png", "a/b/3.png", "é.png", "\u0438.png", "x.gif")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return eight classes of nine images; one PNG is broken, and one image is beside the classes."""
    folder = tmp_path_factory.mktemp("data") / "images"
    rng = np.random.default_rng(0)
    for name in [f"{c}/{file}" for c in CLASSES for file in FILES] + ["stray.png"]:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(rng.integers(0, 256, (12, 12, 3), dtype=np.uint8)).save(folder / name)
    (folder / "polo" / "2.png").write_bytes((folder / "polo" / "2.png").read_bytes()[:60])
    return folder


@pytest.fixture(scope="module")
def run(folder: Path) -> Run:
    options = {"embeddings": "pixels", "diversity": "vendi", "projection": "pca", "n_bins": 2, "keep_ratio": 0.5}
    return Run(Settings(dataset=str(folder), **options))


def test_selected_indices_name_the_selected_images_in_an_image_folder(run: Run, folder: Path) -> None:
    files = run.export_files()
    indices = np.load(io.BytesIO(files["selected_indices.npy"]), allow_pickle=False)
    table = pyarrow.parquet.read_table(io.BytesIO(files["samples.parquet"])).to_pandas()
    theirs = ImageFolder(str(folder))
    assert indices.dtype == np.int64
    assert (np.diff(indices) > 0).all()
    ids = table["id"][table["selected"]].tolist()
    assert indices.tolist() == table["index"][table["selected"]].tolist()
    compared = 0
    for index, name in zip(indices.tolist(), ids, strict=True):
        if index >= len(theirs):
            assert name.endswith(".gif")
            continue
        path, label = theirs.samples[index]
        assert Path(path).relative_to(folder).as_posix() == name
        assert theirs.classes[label] == name.split("/")[0]
        with Image.open(folder / name) as image:
            np.testing.assert_array_equal(np.asarray(theirs[index][0]), np.asarray(image))
        compared += 1
    assert compared >= 20
    broken = [Path(path).relative_to(folder).as_posix() for path, _ in theirs.samples].index("polo/2.png")
    assert broken not in table["index"].tolist()
    about = json.loads(files["manifest.json"])["dataset"]
    assert about["index"] == run.dataset.reading.index
    assert about["notes"] == list(run.dataset.notes)
    assert "'gro\u0308ße' and 'größe'" in about["notes"][0]


def test_a_subset_of_the_image_folder_has_the_classes_of_the_selection(run: Run, folder: Path) -> None:
    """Read as a user does: `torch.utils.data.Subset`, and the labels of `ImageFolder`."""
    from torch.utils.data import Subset

    files = run.export_files()
    theirs = ImageFolder(str(folder))
    indices = [i for i in np.load(io.BytesIO(files["selected_indices.npy"])).tolist() if i < len(theirs)]
    classes = [theirs.classes[theirs.targets[index]] for index in Subset(theirs, indices).indices]
    lines = [json.loads(line) for line in files["selected.jsonl"].decode().splitlines()]
    assert classes == [line["label"] for line in lines if line["index"] < len(theirs)]
