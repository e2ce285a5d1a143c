"""Files of vectors without ids: the order and the number of their rows, and the test of the order."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from adq_core import Run, Settings
from adq_core.data import ImageDataset, open_dataset
from adq_core.embeddings import embed
from adq_core.embeddings.pixels import pixel_vectors
from adq_core.embeddings.row_order import class_agreement_p, order_note, pixel_agreement
from adq_core.errors import InputError

N = 40  # images of a class, so that the order by value differs from that by characters
CLASSES = ("polo", "polo shirt", "shoe")
ORDER = "in the order of torchvision's ImageFolder (class folders, then the files of each, both sorted)"
WARNING = "This is probably not their order"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return 120 images of three classes: each is a smooth pattern of its own, similar to others of its class."""
    folder = tmp_path_factory.mktemp("data") / "images"
    rng = np.random.default_rng(0)
    for c in CLASSES:
        base = rng.uniform(60, 190, (4, 4, 3))
        for number in range(N):
            colours = base + rng.normal(0, 35, (4, 4, 3))
            image = Image.fromarray(colours.clip(0, 255).astype(np.uint8)).resize((32, 32), Image.Resampling.BICUBIC)
            (folder / c).mkdir(parents=True, exist_ok=True)
            image.save(folder / c / f"{number}.png")
    return folder


@pytest.fixture(scope="module")
def data(folder: Path) -> ImageDataset:
    return open_dataset(str(folder))


def vectors_of(data: ImageDataset) -> np.ndarray:
    """Return vectors of a network that is not `pixels`: random non-linear features of the pixels, with noise."""
    rng = np.random.default_rng(1)
    x = pixel_vectors(data)
    hidden = np.tanh(x / x.std() @ rng.normal(size=(x.shape[1], 40)) / 3)
    return np.asarray(hidden + rng.normal(0, 0.3, hidden.shape), np.float32)


def by_path(data: ImageDataset) -> np.ndarray:
    """Return the rows sorted by whole path, as earlier versions did: `polo shirt/` is before `polo/`."""
    return np.argsort(np.array(data.ids))


def by_value(data: ImageDataset) -> np.ndarray:
    """Return the rows with the files of each class in the order of their numbers."""
    keys = [(name.split("/")[0], int(name.split("/")[1].removesuffix(".png"))) for name in data.ids]
    return np.array(sorted(range(len(keys)), key=keys.__getitem__))


def test_rows_in_order_pass(data: ImageDataset) -> None:
    assert order_note(data, vectors_of(data), "v.npy") == f"v.npy has no ids. Its rows are taken {ORDER}."


def test_shuffled_rows_are_like_shuffled_rows(data: ImageDataset) -> None:
    vectors = vectors_of(data)
    found = [
        order_note(data, vectors[np.random.default_rng(seed).permutation(len(data))], "v.npy") for seed in range(20)
    ]
    assert sum(WARNING in note for note in found) >= 18
    assert "neighbours by these vectors have the same class no more often" in " ".join(found)


def test_files_in_another_order_inside_their_classes_are_noticed(data: ImageDataset) -> None:
    note = order_note(data, vectors_of(data)[by_value(data)], "v.npy")
    assert note == (
        f"Warning: v.npy has no ids. Its rows are taken {ORDER}. This is probably not their order: images of a class "
        "with similar pixels have no more similar vectors than in shuffled rows. To be certain, give the ids: a table "
        "with the columns id and one per dimension, or an .npz with the arrays vectors and ids."
    )


def test_p_values_of_shuffled_rows_are_uniform() -> None:
    """The share below each level is the level, up to three standard errors."""
    rng = np.random.default_rng(3)
    labels, pixels = np.repeat(np.arange(4), 15), rng.normal(size=(60, 8)).astype(np.float32)
    x = rng.normal(size=(150, 60, 6)).astype(np.float32)
    x /= np.linalg.norm(x, axis=2, keepdims=True)
    for values in (
        [class_agreement_p(each, labels) for each in x],
        [pixel_agreement(each, pixels, labels).p for each in x],
    ):
        for level in (0.05, 0.2, 0.5, 0.8):
            assert abs(np.mean(np.array(values) <= level) - level) < 3 * np.sqrt(level * (1 - level) / len(x))


def test_equal_vectors_and_a_single_class_have_no_order() -> None:
    x, labels = np.ones((40, 3), np.float32) / np.sqrt(3), np.zeros(40, int)
    pixels = np.random.default_rng(0).normal(size=(40, 5)).astype(np.float32)
    assert class_agreement_p(x, labels) == 0
    assert pixel_agreement(x, pixels, labels).p == 0


def test_a_small_set_is_not_tested(data: ImageDataset, tmp_path: Path) -> None:
    for number in range(8):
        (tmp_path / "few" / str(number % 2)).mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (8, 8), (number, 0, 0)).save(tmp_path / "few" / str(number % 2) / f"{number}.png")
    note = order_note(open_dataset(str(tmp_path / "few")), np.eye(8, dtype=np.float32)[::-1], "v.npy")
    assert WARNING not in note
    assert "give the ids" in note


def test_the_note_is_in_the_record_and_a_file_with_ids_has_none(
    data: ImageDataset, folder: Path, tmp_path: Path
) -> None:
    vectors = vectors_of(data)
    np.save(tmp_path / "v.npy", vectors[by_path(data)])
    np.savez(tmp_path / "ids.npz", vectors=vectors, ids=np.array(data.ids))
    wrong = Run(Settings(dataset=str(folder), embeddings=str(tmp_path / "v.npy"))).embeddings
    assert "This may not be their order in 2 of 3 classes (polo, polo shirt), whose images" in wrong.note
    assert Run(Settings(dataset=str(folder), embeddings=str(tmp_path / "ids.npz"))).embeddings.note == ""


@pytest.fixture
def with_broken(folder: Path, tmp_path: Path) -> tuple[ImageDataset, list[str]]:
    """Return a copy of the folder in which one PNG is broken, and the paths that `ImageFolder` lists."""
    import shutil

    from torchvision.datasets import ImageFolder

    shutil.copytree(folder, tmp_path / "images")
    (tmp_path / "images" / "polo" / "13.png").write_bytes(b"")
    listed = [
        Path(path).relative_to(tmp_path / "images").as_posix() for path, _ in ImageFolder(tmp_path / "images").samples
    ]
    return open_dataset(str(tmp_path / "images")), listed


def test_rows_are_those_of_image_folder_with_or_without_unreadable_files(
    with_broken: tuple[ImageDataset, list[str]], tmp_path: Path
) -> None:
    data, listed = with_broken
    assert (len(data), len(listed)) == (119, 120)
    number_of = {name: number for number, name in enumerate(listed)}
    np.save(tmp_path / "all.npy", np.arange(120, dtype=np.float32)[:, None] + [0, 1])
    np.save(tmp_path / "readable.npy", np.arange(119, dtype=np.float32)[:, None] + [0, 1])
    found = embed(data, name=str(tmp_path / "all.npy")).vectors[:, 0]
    assert found.tolist() == [number_of[name] for name in data.ids]
    assert embed(data, name=str(tmp_path / "readable.npy")).vectors[:, 0].tolist() == list(range(119))


def test_a_wrong_number_of_rows_says_which_order_is_meant(
    with_broken: tuple[ImageDataset, list[str]], tmp_path: Path
) -> None:
    np.save(tmp_path / "v.npy", np.zeros((118, 2), np.float32))
    with pytest.raises(InputError) as error:
        embed(with_broken[0], name=str(tmp_path / "v.npy"))
    assert str(error.value) == (
        f"v.npy must have one row for each of the 119 images (or 120, with the 1 that cannot be read), {ORDER}, got "
        "118. Use a table with a column `id` if it belongs to more images or another order."
    )


def test_a_repaired_file_changes_the_key_of_the_vectors(tmp_path: Path, folder: Path) -> None:
    """The index of the other images stays, and so do their vectors; the images of the set are others."""
    import shutil

    shutil.copytree(folder, tmp_path / "images")
    np.save(tmp_path / "v.npy", np.arange(121, dtype=np.float32)[:, None] + [0, 1])
    settings = Settings(dataset=str(tmp_path / "images"), embeddings=str(tmp_path / "v.npy"))
    keys = set()
    for broken in ("polo/00.png", "shoe/99.png"):
        (tmp_path / "images" / broken).write_bytes(b"no image")
        keys.add(Run(settings).key("embeddings"))
        (tmp_path / "images" / broken).unlink()
    assert len(keys) == 2
