"""Every format is read back by the library for which it is made: pixels, bytes, labels and order."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import types
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch.utils.data import DataLoader
from torchvision.datasets import ImageFolder
from torchvision.transforms import v2

from adq_core.data import open_dataset
from adq_core.export import Subset, SubsetDataset
from tests.export.exported import exported, originals, pixels_of


def load(path: Path) -> Any:
    """Open an export with Hugging Face `datasets`, in a folder of its own, and return the split `train`."""
    import datasets

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return datasets.load_dataset(str(path), split="train", cache_dir=str(path.parent / f"{path.name}-cache"))


def test_the_pictures_have_what_makes_exports_difficult(subset: Subset) -> None:
    ids = subset.table["id"].tolist()
    assert {Path(name).name for name in ids} >= {"1.png", "train-3.JPG", "[x] 4%.webp", "no_ending", "-6.png"}
    assert any(name.startswith("test/") for name in ids)
    assert len({name.split("/")[0] for name in ids}) == 5


def test_datasets_opens_an_image_folder(subset: Subset, tmp_path: Path) -> None:
    path = exported(subset, "imagefolder", tmp_path / "folder")
    opened = load(path)
    assert opened["id"][:] == subset.table["id"].tolist()
    assert opened["label"][:] == subset.table["class_name"].tolist()
    np.testing.assert_allclose(opened["gain"][:], subset.table["gain"])
    for image, data in zip(opened["image"], originals(subset), strict=True):
        np.testing.assert_array_equal(np.asarray(image.convert("RGB")), pixels_of(data))


def test_torchvision_opens_an_image_folder(subset: Subset, tmp_path: Path) -> None:
    path = exported(subset, "imagefolder", tmp_path / "folder")
    opened = ImageFolder(str(path))
    names = [json.loads(line) for line in (path / "metadata.jsonl").read_text().splitlines()]
    row_of = {row["file_name"]: number for number, row in enumerate(names)}
    files = originals(subset)
    assert opened.classes == sorted(set(subset.table["class_name"]))
    assert len(opened) == len(subset) == len(row_of)
    for (place, target), (image, _) in zip(opened.samples, opened, strict=True):
        number = row_of[Path(place).relative_to(path).as_posix()]
        assert opened.classes[target] == subset.table["class_name"][number]
        assert Path(place).read_bytes() == files[number]
        np.testing.assert_array_equal(np.asarray(image), pixels_of(files[number]))


def test_names_are_kept_where_they_are_unique(subset: Subset, tmp_path: Path) -> None:
    path = exported(subset, "imagefolder", tmp_path / "folder")
    rows = [json.loads(line) for line in (path / "metadata.jsonl").read_text().splitlines()]
    for row in rows:
        name, kept = Path(row["id"]).name, Path(row["file_name"]).name
        if name == "no_ending":
            assert kept == "no_ending.png"
        elif name.lower() == "1.png":
            same = [r for r in rows if r["label"] == row["label"] and Path(r["id"]).name.lower() == "1.png"]
            assert kept == (name if len(same) == 1 else f"1-{row['index']}{Path(name).suffix}")
        else:
            assert kept == name
    assert len({row["file_name"].lower() for row in rows}) == len(rows)


@pytest.mark.parametrize("links", ["hard", "symbolic"])
def test_links_have_the_bytes_of_the_originals(links: str, subset: Subset, pictures: Path, tmp_path: Path) -> None:
    path = exported(subset, "imagefolder", tmp_path / "folder", links=links)
    rows = [json.loads(line) for line in (path / "metadata.jsonl").read_text().splitlines()]
    for row in rows:
        file, source = path / row["file_name"], pictures / row["id"]
        assert file.is_symlink() == (links == "symbolic")
        assert file.samefile(source)


def test_the_zip_has_the_files_of_the_folder(subset: Subset, tmp_path: Path) -> None:
    import zipfile

    folder = exported(subset, "imagefolder", tmp_path / "folder")
    with zipfile.ZipFile(exported(subset, "zip", tmp_path / "packed.zip")) as archive:
        assert archive.testzip() is None
        names = archive.namelist()
        assert sorted(names) == sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())
        assert names[-1] == "manifest.json"
        for name in set(names) - {"manifest.json"}:
            assert archive.read(name) == (folder / name).read_bytes()
    again = exported(subset, "zip", tmp_path / "again.zip")
    assert again.read_bytes() == (tmp_path / "packed.zip").read_bytes()


def test_datasets_opens_the_zip(subset: Subset, tmp_path: Path) -> None:
    import datasets

    path = exported(subset, "zip", tmp_path / "packed.zip")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        opened = datasets.load_dataset(
            "imagefolder", data_files=str(path), split="train", cache_dir=str(tmp_path / "c")
        )
    assert opened["id"][:] == subset.table["id"].tolist()
    for image, data in zip(opened["image"], originals(subset), strict=True):
        np.testing.assert_array_equal(np.asarray(image.convert("RGB")), pixels_of(data))


def test_webdataset_streams_the_shards(subset: Subset, tmp_path: Path) -> None:
    import webdataset

    path = exported(subset, "webdataset", tmp_path / "shards", shard_bytes=15_000)
    shards = sorted(path.glob("*.tar"))
    assert len(shards) >= 3
    assert [shard.name for shard in shards] == [f"pics-{n:06d}.tar" for n in range(len(shards))]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        raw = list(webdataset.WebDataset([str(shard) for shard in shards], shardshuffle=False))
        decoded = list(webdataset.WebDataset([str(shard) for shard in shards], shardshuffle=False).decode("pilrgb"))
    endings = [next(key for key in sample if key in ("png", "jpg", "webp", "bmp")) for sample in raw]
    assert [sample[ending] for sample, ending in zip(raw, endings, strict=True)] == originals(subset)
    assert [sample["cls"] for sample in decoded] == subset.table["label"].tolist()
    assert [sample["json"]["id"] for sample in decoded] == subset.table["id"].tolist()
    assert [sample["json"]["label"] for sample in decoded] == subset.table["class_name"].tolist()
    for sample, ending, data in zip(decoded, endings, originals(subset), strict=True):
        if ending in ("png", "jpg"):
            np.testing.assert_array_equal(np.asarray(sample[ending]), pixels_of(data))


def test_datasets_opens_parquet_with_images(subset: Subset, tmp_path: Path) -> None:
    import datasets

    path = exported(subset, "hf-parquet", tmp_path / "parquet", shard_bytes=15_000)
    assert len(list((path / "data").iterdir())) >= 3
    opened = load(path)
    assert opened.features["label"] == datasets.ClassLabel(names=subset.class_names)
    assert opened.features["image"] == datasets.Image()
    assert opened["label"][:] == subset.table["label"].tolist()
    assert opened["id"][:] == subset.table["id"].tolist()
    raw = opened.cast_column("image", datasets.Image(decode=False))
    assert [image["bytes"] for image in raw["image"]] == originals(subset)
    for image, data in zip(opened["image"], originals(subset), strict=True):
        np.testing.assert_array_equal(np.asarray(image.convert("RGB")), pixels_of(data))


def test_the_script_for_fiftyone_names_a_directory_tree(
    subset: Subset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """FiftyOne itself replaces other libraries when it is installed, so its arguments are recorded here."""
    path = exported(subset, "fiftyone", tmp_path / "tree")
    calls: list[dict[str, Any]] = []

    class Dataset:
        @classmethod
        def from_dir(cls, **options: Any) -> str:
            calls.append(options)
            return "the data set"

    launched: list[str] = []
    fake = types.ModuleType("fiftyone")
    fake.Dataset = Dataset  # type: ignore[attr-defined]
    fake.types = types.SimpleNamespace(ImageClassificationDirectoryTree="tree")  # type: ignore[attr-defined]
    fake.launch_app = lambda dataset: launched.append(dataset) or types.SimpleNamespace(wait=lambda: None)  # type: ignore[attr-defined,func-returns-value]
    monkeypatch.setitem(sys.modules, "fiftyone", fake)
    script = path / "open_in_fiftyone.py"
    assert len(script.read_text().splitlines()) == 5
    exec(compile(script.read_text(), script, "exec"), {"__file__": str(script)})
    assert launched == ["the data set"]
    (options,) = calls
    assert options == {"dataset_dir": str(path / "images"), "dataset_type": "tree"}
    opened = ImageFolder(options["dataset_dir"])  # the same layout: one folder per class
    assert sorted(Path(name).read_bytes() for name, _ in opened.samples) == sorted(originals(subset))


def test_the_torch_dataset_loads_images_in_worker_processes(subset: Subset, tmp_path: Path) -> None:
    path = exported(subset, "torch", tmp_path / "torch")
    transform = v2.Compose([v2.ToImage(), v2.Resize((8, 8)), v2.ToDtype(torch.float32, scale=True)])
    opened = SubsetDataset(path, transform, lambda label: label + 100, cache=tmp_path / "cache")
    assert opened.classes == subset.class_names
    assert opened.targets == subset.table["label"].tolist()
    assert opened.ids == subset.table["id"].tolist()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        batches = list(DataLoader(opened, batch_size=4, num_workers=2))
    assert sum(len(images) for images, _ in batches) == len(subset)
    assert [int(label) for _, labels in batches for label in labels] == [t + 100 for t in opened.targets]
    plain = SubsetDataset(path)
    for number, data in enumerate(originals(subset)):
        np.testing.assert_array_equal(np.asarray(plain[number][0]), pixels_of(data))
    with pytest.raises(IndexError, match=r"The data set has \d+ images, got the number"):
        plain[len(plain)]
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
    printed = subprocess.run(
        [sys.executable, str(path / "load.py")],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    ).stdout
    assert printed == f"{len(subset)} images of {len(subset.class_names)} classes\n"


@pytest.mark.parametrize("name", ["imagefolder", "webdataset", "hf-parquet", "fiftyone", "zip"])
def test_images_of_arrays_are_written_as_png(name: str, photos: Subset, tmp_path: Path) -> None:
    path = exported(photos, name, tmp_path / ("out.zip" if name == "zip" else "out"))
    opened = open_dataset(str(path / "images" if name == "fiftyone" else path))
    assert len(opened) == len(photos)
    source = open_dataset("photos")
    expected = sorted(source.read(source.ids.index(i)).tobytes() for i in photos.table["id"])
    assert sorted(opened.read(row).tobytes() for row in range(len(opened))) == expected


@pytest.mark.parametrize("name", ["imagefolder", "zip", "hf-parquet", "webdataset", "npy", "torch"])
def test_an_export_is_a_data_set(name: str, subset: Subset, tmp_path: Path) -> None:
    path = exported(subset, name, tmp_path / ("out.zip" if name == "zip" else "out"), shard_bytes=15_000)
    opened = open_dataset(str(path))
    assert not opened.skipped
    got = sorted((opened.class_names[label], opened.read(row).tobytes()) for row, label in enumerate(opened.labels))
    expected = [
        (name, pixels_of(data).tobytes())
        for name, data in zip(subset.table["class_name"], originals(subset), strict=True)
    ]
    assert got == sorted(expected)


def test_numbered_names_follow_the_order_of_the_table(subset: Subset, tmp_path: Path) -> None:
    path = exported(subset, "imagefolder", tmp_path / "folder", names="numbered")
    names = sorted(file.name for file in path.rglob("*") if file.parent.parent == path)
    assert [int(name.split(".")[0]) for name in names] == list(range(len(subset)))
    assert [
        (path / label).joinpath(name).read_bytes()
        for name, label in zip(names, subset.table["class_name"], strict=True)
    ] == originals(subset)
