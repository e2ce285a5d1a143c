"""Vectors without images as a data set: every kind of file, the whole pipeline, and errors."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adq_core import Run, Settings
from adq_core.cli import main
from adq_core.data.open import open_dataset
from adq_core.data.vectors.vector_sets import open_vectors
from adq_core.embeddings import EMBEDDINGS, embed
from adq_core.errors import AdqError
from adq_core.models.training.train import training_images
from adq_core.scores.contrastive import HEADS
from adq_core.settings_without_images import PIXELS, WITHOUT_IMAGES, effective_settings
from adq_core.storage.store import Store

QUICK = {"n_bins": 4, "projection": "pca", "keep_ratio": 0.3}


def some_vectors(m: int = 60, d: int = 6, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return (rng.normal(size=(m, d)) + 3 * rng.normal(size=(3, d))[np.arange(m) % 3]).astype(np.float32)


def write(path: Path, vectors: np.ndarray, labels: np.ndarray, ids: np.ndarray) -> Path:
    if path.suffix == ".npz":
        np.savez(path, vectors=vectors, labels=labels, ids=ids)
        return path
    table = pd.DataFrame(vectors, columns=[f"x{number}" for number in range(vectors.shape[1])])
    table = table.assign(id=ids, label=labels)
    if path.suffix == ".parquet":
        table.to_parquet(path)
    else:
        table.to_csv(path, index=False)
    return path


@pytest.fixture
def vectors_file(tmp_path: Path) -> Path:
    ids = np.array([f"item {row:02}" for row in range(60)])
    return write(tmp_path / "sensors.npz", some_vectors(), np.array(["a", "b", "c"])[np.arange(60) % 3], ids)


def text_of(path: Path | str) -> str:
    with pytest.raises(AdqError) as caught:
        open_dataset(str(path))
    return str(caught.value)


@pytest.mark.parametrize("kind", [".npz", ".parquet", ".csv"])
@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 1000))
def test_the_order_of_rows_and_the_format_of_the_file_have_no_effect(
    kind: str, seed: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("rows")
    vectors, labels = some_vectors(20, 3, seed), np.array(["x", "y"])[np.arange(20) % 2]
    ids = np.array([f"{row:02}" for row in range(20)])
    shuffled = np.random.default_rng(seed).permutation(20)
    plain = open_dataset(str(write(folder / "one.npz", vectors, labels, ids)))
    other = open_dataset(str(write(folder / f"two{kind}", vectors[shuffled], labels[shuffled], ids[shuffled])))
    assert plain.vectors is not None
    assert other.vectors is not None
    np.testing.assert_array_equal(other.vectors, vectors)
    assert other.ids == tuple(ids) == plain.ids
    assert (other.class_names, other.labels.tolist()) == (plain.class_names, plain.labels.tolist())
    assert other.key == plain.key


def test_an_array_without_labels_is_one_class_and_memory_mapped(tmp_path: Path) -> None:
    np.save(tmp_path / "bare.npy", some_vectors())
    data = open_dataset(str(tmp_path / "bare.npy"))
    assert data.vectors is not None
    assert (data.class_names, data.ids[:3], data.kind, data.has_images) == (("all",), ("0", "1", "2"), "vectors", False)
    base = data.vectors
    while base.base is not None and not isinstance(base, np.memmap):
        base = base.base
    assert isinstance(base, np.memmap)
    assert data.description == "60 vectors of 6 numbers from bare.npy, without images."


def test_vectors_that_are_not_finite_are_skipped_and_listed(tmp_path: Path) -> None:
    vectors = some_vectors(6, 2)
    vectors[2, 1], vectors[4, 0] = np.nan, np.inf
    np.savez(tmp_path / "v.npz", vectors=vectors, labels=np.array([5, 5, 7, 5, 9, 9]))
    data = open_dataset(str(tmp_path / "v.npz"))
    assert [(item.id, item.reason) for item in data.skipped] == [
        ("2", "has NaN or infinity in its vector"),
        ("4", "has NaN or infinity in its vector"),
    ]
    assert (data.ids, data.class_names) == (("0", "1", "3", "5"), ("5", "9")), "class 7 has no vector left"


def test_a_file_without_vectors_is_an_error(tmp_path: Path) -> None:
    good, path = some_vectors(4, 2), tmp_path / "v.npz"
    np.savez(path, vectors=np.full((2, 2), np.nan))
    assert text_of(path) == "v.npz must have at least one vector of finite numbers (float32), got none of 2."
    np.savez(path, vectors=good, ids=["a", "b", "a", "c"])
    assert text_of(path) == "v.npz must name each id once, but 'a' occurs twice."
    np.savez(path, vectors=good, ids=["a", "b"])
    assert text_of(path) == "v.npz must have one id for each of its 4 vectors, got 2."
    np.savez(path, vectors=good, labels=[1, 2])
    assert text_of(path) == "v.npz must have one label for each of its 4 vectors, got 2."
    np.savez(path, vectors=good[0])
    assert text_of(path) == "v.npz must hold one row per image and one column per dimension, got the shape (2,)."
    (tmp_path / "v.csv").write_text("1,2\n3,4\n")
    assert text_of(tmp_path / "v.csv") == (
        "v.csv must name its columns in the first line, but that has numbers only. Add one."
    )
    pd.DataFrame({"x": [1.0, 2.0], "label": ["a", None]}).to_parquet(tmp_path / "v.parquet")
    assert text_of(tmp_path / "v.parquet") == (
        "v.parquet must have a value for every row in its column `label`, but some are empty."
    )


def test_a_csv_as_pandas_writes_it(tmp_path: Path) -> None:
    vectors = some_vectors(5, 3)
    pd.DataFrame(vectors).to_csv(tmp_path / "with index.csv")
    data = open_dataset(str(tmp_path / "with index.csv"))
    assert data.vectors is not None
    np.testing.assert_allclose(data.vectors, vectors, rtol=1e-6)


def test_all_stages_work_on_vectors(vectors_file: Path) -> None:
    run = Run(Settings(dataset=str(vectors_file), diversity="vectors", **QUICK), Store())
    np.testing.assert_array_equal(run.embeddings.vectors, run.dataset.vectors)
    assert set(run.stages()) == {
        "embeddings", "projection", "bins", "representativeness", "scores", "quotas", "draw_order", "selection",
    }  # fmt: off
    assert run.dataset.vectors is not None
    unit = run.dataset.vectors / np.linalg.norm(run.dataset.vectors, axis=1, keepdims=True)
    for number in range(4):
        inside = unit[run.bins.bin_of == number]
        centre = inside.mean(0) / np.linalg.norm(inside.mean(0))
        assert run.scores.representativeness[number] == pytest.approx((inside @ centre).mean(), abs=1e-6)
        assert run.scores.diversity[number] == pytest.approx(1 / (inside @ inside.T).mean(), rel=1e-5)
    assert (run.scores.representativeness_name, run.scores.diversity_name) == ("centre-closeness", "vectors")
    assert int(run.selection.selected.sum()) == 18
    np.testing.assert_allclose(run.scores.diversity, run.scores.representativeness**-2, rtol=1e-5)
    note = (
        "This data set has vectors but no images: Rep is the closeness to the centre of the bin, and Div is measured "
        "on the vectors. Do not compare these scores with scores of images."
    )
    assert run.scores.warnings[0] == note + (
        " Rep is |mean u| of the unit vectors u and Div is 1 / |mean u|^2, so both depend on the same number in "
        "opposite directions, and their sum has almost no meaning. Use the diversity vendi."
    )
    by_default = Run(Settings(dataset=str(vectors_file), **QUICK), Store()).scores
    assert (by_default.diversity_name, by_default.warnings[0]) == ("vendi", note)


def test_the_command_line_exports_vectors_and_repeats_the_bytes(vectors_file: Path, tmp_path: Path, capsys) -> None:
    cache = ("--cache", str(tmp_path / "cache"))
    options = ("--n-bins", "4", "--projection", "pca", "--keep-ratio", "0.3")
    assert main(["run", str(vectors_file), "--out", str(tmp_path / "one"), *options, *cache]) == 0
    out = capsys.readouterr().out
    assert out.startswith("sensors.npz: 60 vectors in 3 classes, 0 skipped\n")
    assert "Note: This data set has vectors but no images: Rep is" in out
    manifest = json.loads((tmp_path / "one" / "manifest.json").read_text())
    assert manifest["dataset"]["has_images"] is False
    assert manifest["selected"]["notes"][0].startswith("This data set has vectors but no images: Rep is")
    assert "texture" not in manifest["stations"]
    samples = pd.read_parquet(tmp_path / "one" / "samples.parquet")
    assert samples["texture"].isna().all()
    assert (tmp_path / "one" / "selected_ids.txt").read_text().split("\n")[0].startswith("item ")
    again = ["run", "--settings", str(tmp_path / "one" / "manifest.json"), "--out", str(tmp_path / "two"), *cache]
    assert main(again) == 0
    for file in (tmp_path / "one").iterdir():
        assert file.read_bytes() == (tmp_path / "two" / file.name).read_bytes()


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"embeddings": "resnet18"}, "embeddings must not need pixels, {0}, got resnet18. Choose own."),
        ({"embeddings": "pixels"}, "embeddings must not need pixels, {0}, got pixels. Choose own."),
        (
            {"representativeness": "compressibility"},
            "representativeness must not need pixels, {0}, got compressibility. Choose centre-closeness.",
        ),
        ({"diversity": "published"}, "diversity must not need pixels, {0}, got published. Choose vendi or vectors."),
        ({"draw_order": "texture"}, "draw_order must not need pixels, {0}, got texture. Choose random or greedy."),
    ],
)
def test_settings_that_need_pixels_are_refused(change: dict[str, str], text: str, vectors_file: Path) -> None:
    run = Run(Settings(dataset=str(vectors_file), **change), Store())
    with pytest.raises(AdqError) as caught:
        _ = run.effective
    assert str(caught.value) == text.format("because sensors.npz is a set of vectors without images")


def test_stages_that_need_pixels_refuse_vectors(vectors_file: Path) -> None:
    data = open_vectors(vectors_file)
    run = Run(Settings(dataset=str(vectors_file)), Store(), dataset=data)
    for look in (
        lambda: embed(data, name="pixels"),
        lambda: embed(data, name="small"),
        lambda: training_images(data),
        lambda: run.texture,
        lambda: run.patch_masks([0]),
        lambda: data.read(0),
    ):
        with pytest.raises(AdqError) as caught:
            look()
        assert str(caught.value) == (
            "sensors.npz is a set of vectors without images, so there are no pixels to work on. "
            "Open a set of images for this."
        )


def test_the_embedding_own_is_refused_for_images() -> None:
    run = Run(Settings(dataset="digits", embeddings="own"), Store())
    with pytest.raises(AdqError) as caught:
        _ = run.embeddings
    assert str(caught.value) == (
        "embeddings own are the vectors of a set without images, but digits has images. "
        "Choose one of: lite0, small, pixels, resnet18, resnet50, vit_b_16."
    )


def test_vectors_of_another_file_can_replace_their_own(vectors_file: Path, tmp_path: Path) -> None:
    np.save(tmp_path / "other.npy", some_vectors(60, 4, seed=9))
    run = Run(Settings(dataset=str(vectors_file), embeddings=str(tmp_path / "other.npy"), **QUICK), Store())
    assert run.embeddings.vectors.shape == (60, 4)


def test_settings_of_images_are_unchanged_and_every_option_is_in_the_table() -> None:
    digits = open_dataset("digits")
    assert effective_settings(Settings(dataset="digits"), digits) == Settings(dataset="digits")
    assert {*PIXELS, "own"} == set(EMBEDDINGS)
    assert not set(WITHOUT_IMAGES["diversity"]) & set(HEADS)
