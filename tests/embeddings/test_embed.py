from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adq_core.data.dataset import ImageDataset
from adq_core.embeddings import EMBEDDINGS, embed, embedding_identity
from adq_core.embeddings.pixels import pixel_axes, pixel_sums
from adq_core.errors import Cancelled, InputError, SettingsError
from adq_core.progress import no_progress
from tests import oracles
from tests.fakes import Cancels, fake_dataset

ROOT = Path(__file__).parents[2]


def noise(count: int, side: int = 64, seed: int = 0) -> ImageDataset:
    """Blurred noise: neighbouring pixels agree, so that a few axes hold much of the variance."""
    coarse = np.random.default_rng(seed).integers(0, 256, (count, 8, 8, 3), dtype=np.uint8)
    return fake_dataset(list(coarse.repeat(side // 8, axis=1).repeat(side // 8, axis=2)))


def pixels(dataset: ImageDataset) -> np.ndarray:
    return embed(dataset, name="pixels").vectors


def test_pixels_are_the_principal_components_of_the_standardised_thumbnails() -> None:
    dataset = noise(150)
    ours, slow = pixels(dataset), oracles.pixel_components(dataset.thumbnails, 64)
    assert ours.shape == (150, 64)
    assert ours.dtype == np.float32
    np.testing.assert_allclose(np.abs(np.diag(oracles.correlations(ours, slow))), 1, atol=1e-5)
    np.testing.assert_allclose(ours.std(axis=0), slow.std(axis=0), rtol=1e-4)
    np.testing.assert_allclose(ours.mean(axis=0), 0, atol=1e-5)


def test_pixels_of_a_hand_checked_set() -> None:
    black, white = np.zeros((64, 64, 3), np.uint8), np.full((64, 64, 3), 255, np.uint8)
    vectors = pixels(fake_dataset([black, white]))
    # Each of 3,072 standardised pixels is -1 or 1, and the one axis points along all of them: sqrt(3072) = 55.4.
    np.testing.assert_allclose(vectors, [[-(3072**0.5)], [3072**0.5]], rtol=1e-5)


@settings(max_examples=15, deadline=None)
@given(st.integers(2, 40), st.integers(0, 2**32 - 1))
def test_pixels_follow_the_rows(count: int, seed: int) -> None:
    """Images in another order get the same vectors in that order, to within the rounding of the axes."""
    dataset = noise(count, seed=seed % 1000)
    order = np.random.default_rng(seed).permutation(count)
    shuffled = fake_dataset([dataset.read(int(row)) for row in order])
    one, other = pixels(dataset)[order], pixels(shuffled)
    assert one.shape == other.shape
    np.testing.assert_allclose(oracles.distances(one), oracles.distances(other), rtol=1e-3, atol=1e-3)


@settings(max_examples=10, deadline=None)
@given(st.integers(1, 100))
def test_the_size_of_a_batch_changes_no_bit(size: int) -> None:
    dataset = noise(60)
    whole, offset, step = pixel_axes(pixel_sums(dataset.thumbnails))
    parts = [pixel_sums(part) @ whole for part in dataset.thumbnail_batches(size)]
    assert ((np.concatenate(parts) - offset) * step).astype(np.float32).tobytes() == pixels(dataset).tobytes()


def test_the_number_of_threads_changes_no_bit() -> None:
    code = (
        "import numpy as np, hashlib; from tests.embeddings.test_embed import noise, pixels;"
        "print(hashlib.sha256(pixels(noise(200)).tobytes()).hexdigest())"
    )
    digests = {
        subprocess.run(
            [sys.executable, "-c", code],
            cwd=ROOT,
            env={"PYTHONPATH": str(ROOT), "OPENBLAS_NUM_THREADS": threads, "OMP_NUM_THREADS": threads},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for threads in ("1", "2", "5")
    }
    assert len(digests) == 1


@pytest.mark.parametrize("count", [1, 2, 3])
def test_a_few_or_equal_images_have_vectors_too(count: int) -> None:
    equal = fake_dataset([np.full((64, 64, 3), 7, np.uint8)] * count)
    assert pixels(equal).tolist() == [[0.0]] * count
    assert pixels(noise(count)).shape == (count, max(1, count - 1))


@pytest.mark.parametrize("side", [8, 16, 32, 64, 128])
def test_thumbnails_of_another_size_are_averaged_or_repeated(side: int) -> None:
    coarse = np.random.default_rng(0).integers(0, 256, (5, 8, 8, 3), dtype=np.uint8)
    sums = pixel_sums(coarse.repeat(side // 8, axis=1).repeat(side // 8, axis=2))
    expected = coarse.repeat(4, axis=1).repeat(4, axis=2).reshape(5, -1).astype(float)
    np.testing.assert_array_equal(sums, expected * max(1, side // 32) ** 2)


def test_thumbnails_that_do_not_fit_a_grid_of_32_are_refused() -> None:
    with pytest.raises(ValueError, match="must have a side that divides 32 or is a multiple of it, got 48"):
        pixel_sums(np.zeros((1, 48, 48, 3), np.uint8))


def test_beyond_the_sample_all_rows_are_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adq_core.embeddings.pixels.SAMPLE", 50)
    dataset = noise(200)
    vectors = pixels(dataset)
    assert vectors.shape == (200, 49)
    assert len(np.unique(vectors, axis=0)) == 200
    assert vectors.tobytes() == pixels(dataset).tobytes()


@pytest.mark.parametrize("name", ["pixels"])
def test_progress_rises_to_the_end_and_cancelling_stops(name: str) -> None:
    told: list[tuple[int, int]] = []
    embed(noise(30), name=name, progress=lambda done, total, what: told.append((done, total)))
    assert told == sorted(told)
    assert told[-1] == (30, 30)
    with pytest.raises(Cancelled):
        embed(noise(30), name=name, progress=Cancels(1))


def identity(name: str) -> str:
    return embedding_identity(name, None, noise(1))


def test_the_identity_is_the_name_or_what_is_in_the_file(tmp_path: Path) -> None:
    assert identity("pixels") == "pixels"
    one, two = tmp_path / "one.npy", tmp_path / "two.npy"
    for path in (one, two):
        np.save(path, np.eye(3))
    assert identity(str(one)) == identity(str(two))
    before = identity(str(one))
    np.save(one, np.eye(4))
    assert identity(str(one)) != before


def test_an_unknown_name_lists_the_names() -> None:
    with pytest.raises(SettingsError) as caught:
        embed(noise(2), name="clip")
    assert str(caught.value) == (
        f"Unknown embedding 'clip'. Choose one of: {', '.join(EMBEDDINGS)}, "
        "timm:NAME (any network of timm), a file of your own (.npy, .npz, .parquet, .csv or .tsv)."
    )


def test_weights_for_an_embedding_without_any_are_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as caught:
        embedding_identity("pixels", str(tmp_path / "some.pth"), noise(1))
    assert str(caught.value) == (
        "weights are read by small, lite0, resnet18, resnet50, vit_b_16 and timm:NAME (any network of timm) only, got "
        "embeddings 'pixels'. Leave weights out."
    )


def test_a_file_of_vectors_that_is_not_there() -> None:
    with pytest.raises(InputError) as caught:
        identity("nowhere.npy")
    assert str(caught.value) == "Could not read nowhere.npy: No such file or directory. Give a file that exists."


def test_an_embedding_that_makes_nan_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    broken = dict(EMBEDDINGS, pixels=lambda *given: np.full((2, 3), np.nan, np.float32))
    monkeypatch.setattr("adq_core.embeddings._embed.EMBEDDINGS", broken)
    with pytest.raises(InputError) as caught:
        embed(noise(2), name="pixels")
    assert str(caught.value) == (
        "All vectors must be finite, but pixels made NaN or infinite ones. Try other weights, or `pixels`."
    )


def test_vectors_from_a_file_keep_its_name_and_nothing_of_its_folder(tmp_path: Path) -> None:
    np.save(tmp_path / "mine.npy", np.arange(6.0).reshape(2, 3))
    made = embed(noise(2), name=str(tmp_path / "mine.npy"), progress=no_progress)
    assert made.name == "mine.npy"
    np.testing.assert_array_equal(made.vectors, np.arange(6.0).reshape(2, 3))
