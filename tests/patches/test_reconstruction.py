from __future__ import annotations

import math
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from adq_core import cli
from adq_core.errors import InputError, StorageError
from adq_core.patches.files import file_name
from adq_core.patches.reconstruction import (
    FILL,
    INPAINTING_NETWORKS,
    dropped_error,
    known_pixels,
    psnr,
    psnr_dropped,
    reconstruct,
)

MODELS = sorted(INPAINTING_NETWORKS)


def some(side: int, patch_size: int, ratio: float = 0.5, n: int = 2, seed: int = 0):
    rng = np.random.default_rng(seed)
    keep = rng.random((n, (side // patch_size) ** 2)) < ratio
    return rng.integers(0, 256, (n, side, side, 3), dtype=np.uint8), keep


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize(("side", "patch_size"), [(32, 4), (64, 4), (64, 8), (24, 4), (28, 7), (20, 1)])
def test_kept_pixels_are_unchanged(model: str, side: int, patch_size: int) -> None:
    images, keep = some(side, patch_size)
    painted = reconstruct(images, keep, patch_size=patch_size, model=model)
    known = known_pixels(images, keep, patch_size=patch_size)
    assert painted.shape == images.shape
    assert painted.dtype == np.uint8
    np.testing.assert_array_equal(painted[known], images[known])


@pytest.mark.parametrize("model", MODELS)
def test_dropped_pixels_have_no_effect(model: str) -> None:
    images, keep = some(32, 4)
    other = np.where(known_pixels(images, keep, patch_size=4)[..., None], images, 255 - images)
    np.testing.assert_array_equal(
        reconstruct(images, keep, patch_size=4, model=model), reconstruct(other, keep, patch_size=4, model=model)
    )


@pytest.mark.parametrize("model", MODELS)
def test_everything_kept_and_everything_dropped(model: str) -> None:
    images, keep = some(32, 4)
    np.testing.assert_array_equal(reconstruct(images, np.ones_like(keep), patch_size=4, model=model), images)
    blind = reconstruct(images, np.zeros_like(keep), patch_size=4, model=model)
    np.testing.assert_array_equal(blind[0], blind[1])


@pytest.mark.parametrize("model", MODELS)
def test_reconstruction_is_better_than_the_mean_colour(model: str) -> None:
    ramp = np.linspace(40, 215, 32)
    image = np.stack([ramp[:, None] + 0 * ramp, ramp[None] + 0 * ramp[:, None], 255 - ramp[:, None] + 0 * ramp], -1)
    images = image.round().astype(np.uint8)[None]
    keep = some(32, 4, n=1)[1]
    painted = reconstruct(images, keep, patch_size=4, model=model)
    flat = np.broadcast_to(images.mean((1, 2), keepdims=True), images.shape).astype(np.uint8)
    assert psnr_dropped(images, painted, keep, patch_size=4) > psnr_dropped(images, flat, keep, patch_size=4) + 6


@pytest.mark.parametrize("model", MODELS)
def test_an_image_does_not_depend_on_the_images_beside_it(model: str) -> None:
    images, keep = some(32, 4, n=5)
    one = reconstruct(images[3:4], keep[3:4], patch_size=4, model=model)[0].astype(int)
    assert np.abs(reconstruct(images, keep, patch_size=4, model=model)[3] - one).max() <= 1


def test_no_images() -> None:
    images, keep = some(32, 4, n=0)
    assert reconstruct(images, keep, patch_size=4).shape == (0, 32, 32, 3)


def test_a_patch_is_where_row_by_row_says() -> None:
    images = np.zeros((1, 6, 6, 3), np.uint8)
    keep = np.zeros((1, 9), bool)
    keep[0, 5] = True  # second row, third column
    known = known_pixels(images, keep, patch_size=2)
    assert {tuple(place) for place in np.argwhere(known[0])} == {(2, 4), (2, 5), (3, 4), (3, 5)}


@settings(deadline=None, max_examples=30)
@given(st.integers(1, 4), st.integers(1, 4), st.integers(0, 2**32 - 1))
def test_pooled_psnr_is_that_of_the_dropped_pixels(cells: int, patch_size: int, seed: int) -> None:
    side = cells * patch_size
    images, keep = some(side, patch_size, seed=seed)
    painted = some(side, patch_size, seed=seed + 1)[0]
    errors = [
        (int(images[k, y, x, c]) - int(painted[k, y, x, c])) ** 2
        for k in range(2)
        for y in range(side)
        for x in range(side)
        for c in range(3)
        if not keep[k, (y // patch_size) * cells + x // patch_size]
    ]
    assert dropped_error(images, painted, keep, patch_size=patch_size) == (sum(errors), len(errors))
    value = psnr_dropped(images, painted, keep, patch_size=patch_size)
    if not errors:
        assert math.isnan(value)
    else:
        assert value == pytest.approx(10 * math.log10(255**2 / np.mean(errors)))


def test_psnr_by_hand() -> None:
    assert psnr(10, 10) == pytest.approx(48.1308, abs=1e-4)  # an error of 1 everywhere: 20 log10(255)
    assert psnr(0, 10) == math.inf
    assert math.isnan(psnr(0, 0))


@pytest.mark.parametrize(
    ("images", "keep", "patch_size", "sentence"),
    [
        (
            np.zeros((2, 32, 30, 3), np.uint8),
            np.zeros((2, 64), bool),
            4,
            "Images must be (K, S, S, 3) of uint8, got (2, 32, 30, 3) of uint8. Crop them to squares first.",
        ),
        (
            np.zeros((2, 32, 32, 3), np.float32),
            np.zeros((2, 64), bool),
            4,
            "Images must be (K, S, S, 3) of uint8, got (2, 32, 32, 3) of float32. Crop them to squares first.",
        ),
        (
            np.zeros((2, 32, 32, 3), np.uint8),
            np.zeros((2, 64), bool),
            5,
            "patch_size must divide the side of 32 pixels, got 5. Choose a divisor.",
        ),
        (
            np.zeros((2, 32, 32, 3), np.uint8),
            np.zeros((2, 63), bool),
            4,
            "keep must be bool of the shape (2, 64), one value per patch, got bool of (2, 63). Make it for these "
            "images and this patch_size.",
        ),
        (
            np.zeros((2, 32, 32, 3), np.uint8),
            np.zeros((2, 64), np.uint8),
            4,
            "keep must be bool of the shape (2, 64), one value per patch, got uint8 of (2, 64). Make it for these "
            "images and this patch_size.",
        ),
    ],
)
def test_shapes_that_do_not_fit(images: np.ndarray, keep: np.ndarray, patch_size: int, sentence: str) -> None:
    with pytest.raises(InputError) as caught:
        reconstruct(images, keep, patch_size=patch_size)
    assert str(caught.value) == sentence


def test_an_encoder_cannot_reconstruct() -> None:
    images, keep = some(32, 4)
    with pytest.raises(InputError) as caught:
        reconstruct(images, keep, patch_size=4, model="small")
    assert str(caught.value) == (
        "Weights for mae or unet are needed here, but small.safetensors holds 'encoder'. Choose another file."
    )


def test_file_names_contain_no_paths_and_are_different() -> None:
    ids = ["a/b.jpg", "a%2Fb.jpg", "../../etc/x", "..", "C:\\x", "x" * 300, "x" * 301, "ä b.png", "12"]
    names = [file_name(one) for one in ids]
    assert len(set(names)) == len(ids)
    for name in names:
        assert not {"/", "\\", ":"} & set(name)
        assert not name.startswith(".")
        assert len(name.encode()) < 255


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    rng = np.random.default_rng(0)
    for name in ("cats/1.png", "cats/2.png", "dogs/1.png"):
        path = tmp_path / "images" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(rng.integers(0, 256, (40, 40, 3), dtype=np.uint8)).save(path)
    return tmp_path / "images"


def test_the_command_writes_masks_and_reconstructed_images(folder: Path, tmp_path: Path, capsys) -> None:
    out = tmp_path / "out"
    arguments = [
        "patches",
        str(folder),
        "--patch-keep-ratio",
        "0.75",
        "--out",
        str(out),
        "--cache",
        str(tmp_path / "c"),
    ]
    assert cli.main(arguments) == 0
    assert "3 images, PSNR over the dropped pixels" in capsys.readouterr().out
    frame = pd.read_parquet(out / "masks.parquet")
    assert frame["id"].tolist() == ["cats/1.png", "cats/2.png", "dogs/1.png"]
    for row in frame.itertuples():
        n_patches = (row.side // row.patch_size) ** 2
        keep = np.unpackbits(np.frombuffer(row.keep, np.uint8))[:n_patches]
        assert keep.sum() == math.floor(n_patches * 0.75 + 0.5)
        with Image.open(out / row.painted) as painted:
            assert painted.size == (row.side, row.side)
    assert sorted(path.name for path in out.iterdir()) == ["masks.parquet", "painted"]
    assert cli.main(arguments) == 2
    assert capsys.readouterr().err == (
        f"adq: {out} must be a folder that is empty or not there yet. Name another with --out.\n"
    )


def test_a_failure_in_the_middle_leaves_nothing(folder: Path, tmp_path: Path) -> None:
    from adq_core.patches.files import write_patches
    from adq_core.pipeline import Run
    from adq_core.settings import Settings
    from adq_core.storage.store import Store

    run = Run(Settings(dataset=str(folder)), Store(tmp_path / "c"))

    def full(done: int, total: int, what: str) -> None:
        raise OSError(28, "No space left on device")

    with pytest.raises(StorageError, match="No space left on device"):
        write_patches(run.dataset, run.patch_masks, tmp_path / "out", progress=full)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["c", "images"]


def test_the_cards_scores_are_those_of_the_benchmark() -> None:
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, str(root / "benchmarks" / "bench_weights.py"), "--check"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, "all cards agree\n"), done.stdout + done.stderr


def test_a_transformer_block_without_its_matrix_is_the_block() -> None:
    import torch

    from adq_core.models.networks import attention_block

    torch.manual_seed(0)
    block = torch.nn.TransformerEncoderLayer(32, 4, 64, 0.0, "relu", batch_first=True, norm_first=True).eval()
    tokens = torch.randn(3, 50, 32)
    with torch.inference_mode():
        torch.testing.assert_close(attention_block(block, tokens), block(tokens), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("model", MODELS)
def test_few_and_many_images_give_the_same_reconstructions(model: str) -> None:
    images, keep = some(32, 8, n=14)
    many = reconstruct(np.repeat(images, 4, axis=0), np.repeat(keep, 4, axis=0), patch_size=8, model=model)
    one_by_one = [reconstruct(images[i : i + 1], keep[i : i + 1], patch_size=8, model=model) for i in range(3)]
    assert np.abs(many[:12:4].astype(int) - np.concatenate(one_by_one)).max() <= 1  # rounding of a sum in another order


def test_mirroring_changes_the_output_of_the_networks_and_not_the_fill() -> None:
    images, keep = some(32, 8)
    known = known_pixels(images, keep, patch_size=8)
    for model in (*MODELS, FILL):
        both, once = (reconstruct(images, keep, patch_size=8, model=model, mirrored=m) for m in (True, False))
        assert (both[known] == images[known]).all()
        assert (once[known] == images[known]).all()
        assert (np.abs(both.astype(int) - once).max() > 1) == (model != FILL)
