"""Every exported file, read by the library of its format and compared with the computed records."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from pathlib import Path

import numpy as np
import pyarrow.parquet
import pytest
from PIL import Image

from adq_core import Run, Settings
from adq_core.export.manual import write_archive
from adq_core.patches import files as patchfiles
from adq_core.patches import reconstruction
from adq_core.storage.store import Store


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Return a run on a folder with 14 images of two classes, a damaged image and a text file."""
    folder = tmp_path_factory.mktemp("data") / "images"
    rng = np.random.default_rng(0)
    for number in range(14):
        path = folder / ("cats" if number % 2 else "dogs") / f"{number:02}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(rng.integers(0, 256, (24 + number, 40, 3), dtype=np.uint8)).save(path)
    (folder / "cats" / "broken.png").write_bytes(b"not an image")
    settings = Settings(
        dataset=str(folder), embeddings="pixels", diversity="vendi", projection="pca", n_bins=2, keep_ratio=0.5
    )
    return Run(settings, Store())


@pytest.fixture(scope="module")
def files(run: Run) -> dict[str, bytes]:
    return run.export_files()


def test_the_manifest_lists_the_files_that_were_left_out(run: Run, files: dict[str, bytes]) -> None:
    skipped = json.loads(files["manifest.json"])["dataset"]["left_out"]
    assert [(item["id"], bool(item["reason"])) for item in skipped] == [("cats/broken.png", True)]
    assert skipped[0]["reason"] == run.dataset.skipped[0].reason


def test_the_manifest_counts_images_and_classes(run: Run, files: dict[str, bytes]) -> None:
    manifest = json.loads(files["manifest.json"])
    assert manifest["format"] == 1
    assert manifest["dataset"]["classes"] == {"cats": 7, "dogs": 7}
    assert manifest["dataset"]["has_images"] is True
    chosen = [run.dataset.ids[row].split("/")[0] for row in run.selection.indices]
    assert manifest["selected"]["classes"] == {"cats": chosen.count("cats"), "dogs": chosen.count("dogs")}
    assert manifest["selected"]["keep_ratio"] == len(chosen) / 14
    assert manifest["selected"]["notes"] == [*run.scores.warnings, *run.quotas.notes]


def test_samples_parquet_contains_every_record_of_an_image(run: Run, files: dict[str, bytes]) -> None:
    table = pyarrow.parquet.read_table(io.BytesIO(files["samples.parquet"])).to_pydict()
    assert table["id"] == list(run.dataset.ids)
    assert table["path"] == list(run.dataset.paths or ())
    assert table["index"] == [0, *range(1, 7), *range(8, 15)], "cats/broken.png has the number 7"
    assert table["class_name"] == [name.split("/")[0] for name in run.dataset.ids]
    expected = {
        "label": run.dataset.labels,
        "bin": run.bins.bin_of,
        "rank": run.bins.rank,
        "gain": run.bins.gain,
        "draw_position": run.draw_order.draw_position,
        "texture": run.texture.values,
        "umap_x": run.projection.xy[:, 0],
        "umap_y": run.projection.xy[:, 1],
        "selected": run.selection.selected,
    }
    for name, values in expected.items():
        assert table[name] == values.tolist(), name


def test_bins_csv_contains_every_digit(run: Run, files: dict[str, bytes]) -> None:
    rows = list(csv.DictReader(io.StringIO(files["bins.csv"].decode())))
    for name in ("representativeness", "diversity", "representativeness_norm", "diversity_norm", "importance"):
        assert [float(row[name]) for row in rows] == getattr(run.scores, name).tolist()
    for name in ("importance_share", "r"):
        assert [float(row[name]) for row in rows] == getattr(run.quotas, name).tolist()
    for name in ("capacity", "quota"):
        assert [int(row[name]) for row in rows] == getattr(run.quotas, name).tolist()
    assert [int(row["bin"]) for row in rows] == [0, 1]


def test_selected_files_contain_rows_and_ids(run: Run, files: dict[str, bytes]) -> None:
    indices = np.load(io.BytesIO(files["selected_indices.npy"]), allow_pickle=False)
    rows = np.flatnonzero(run.selection.selected)
    assert indices.tolist() == run.dataset.indices[rows].tolist()
    assert files["selected_ids.txt"].decode() == "".join(f"{run.dataset.ids[row]}\n" for row in rows)
    assert [json.loads(line) for line in files["selected.jsonl"].decode().splitlines()] == [
        {
            "id": run.dataset.ids[row],
            "index": int(run.dataset.indices[row]),
            "label": run.dataset.ids[row].split("/")[0],
            "file": run.dataset.ids[row],
        }
        for row in rows
    ]


def test_masks_parquet_has_the_highest_bit_first_and_names_the_reconstructed_images(run: Run, tmp_path: Path) -> None:
    value = patchfiles.write_patches(run.dataset, run.patch_masks, tmp_path / "out")
    table = pyarrow.parquet.read_table(tmp_path / "out" / "masks.parquet").to_pylist()
    masks = run.patch_masks(range(14))
    assert [row["id"] for row in table] == list(run.dataset.ids)
    painted = reconstruction.reconstruct(masks.images, masks.keep, patch_size=8, model="unet")
    for row, keep, image in zip(table, masks.keep.tolist(), painted, strict=True):
        bits = [byte >> (7 - place) & 1 for byte in row["keep"] for place in range(8)]
        assert bits[: len(keep)] == [int(kept) for kept in keep]
        assert (row["patch_size"], row["side"]) == (8, 64)
        with Image.open(tmp_path / "out" / row["painted"]) as written:
            assert np.abs(np.asarray(written).astype(int) - image).max() <= 1
    assert value == pytest.approx(
        reconstruction.psnr_dropped(masks.images, painted, masks.keep, patch_size=8), abs=0.05
    )


def test_masks_are_padded_if_the_number_of_patches_is_not_a_multiple_of_eight(run: Run, tmp_path: Path) -> None:
    other = Run(Settings(dataset=run.settings.dataset, patch_image_size=24, patch_size=8), Store())
    patchfiles.write_patches(other.dataset, other.patch_masks, tmp_path / "out", model=reconstruction.FILL)
    table = pyarrow.parquet.read_table(tmp_path / "out" / "masks.parquet").to_pylist()
    for row, keep in zip(table, other.patch_masks(range(14)).keep.tolist(), strict=True):
        assert len(row["keep"]) == 2
        assert [row["keep"][place // 8] >> (7 - place % 8) & 1 for place in range(9)] == [int(kept) for kept in keep]


def test_an_archive_contains_ids_images_and_their_table(run: Run) -> None:
    written = io.BytesIO()
    rows = np.array([5, 1, 12])
    write_archive(written, run.dataset, rows, run.projection, run.bins, run.texture, run.selection, how={"lasso": [1]})
    with zipfile.ZipFile(written) as archive:
        assert archive.testzip() is None
        table = pyarrow.parquet.read_table(io.BytesIO(archive.read("samples.parquet"))).to_pylist()
        ids = [run.dataset.ids[row] for row in (1, 5, 12)]
        assert archive.read("ids.txt").decode().splitlines() == ids
        assert [row["id"] for row in table] == ids
        for row, number in zip(table, (1, 5, 12), strict=True):
            with Image.open(io.BytesIO(archive.read(row["image"]))) as picture:
                assert picture.format == "PNG"
                np.testing.assert_array_equal(np.asarray(picture), run.dataset.read(number))
        about = json.loads(archive.read("how.json"))
        assert (about["picked_by_hand"], about["images"], about["lasso"]) == (True, 3, [1])


def test_weights_are_safetensors_of_float16_with_their_architecture(tmp_path: Path) -> None:
    import safetensors

    from adq_core.models.weights import load_network, save_network

    network = load_network("small", ("encoder",))
    save_network(network, tmp_path / "w.safetensors", architecture="encoder", config={"width": 64, "depth": 1})
    with safetensors.safe_open(tmp_path / "w.safetensors", "numpy") as file:
        assert file.metadata() == {
            "format": "adq-weights-1",
            "architecture": "encoder",
            "config": '{"depth": 1, "width": 64}',
        }
        for name in file.keys():  # noqa: SIM118 - this is no dictionary
            values = file.get_tensor(name)
            assert values.dtype == np.float16
            np.testing.assert_array_equal(values.astype(np.float32), network.state_dict()[name].numpy())
