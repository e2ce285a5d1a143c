"""A data set with the images of another one as its test images: classes are matched by name."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from adq_core.data import ImageDataset, count_copies, open_dataset, with_test_images
from adq_core.errors import InputError


def arrays(path: Path, names: list[str], n: int, side: int = 8, seed: int = 0) -> ImageDataset:
    images = np.random.default_rng(seed).integers(0, 256, (n, side, side, 3), dtype=np.uint8)
    np.savez(path, images=images, labels=np.arange(n) % len(names), class_names=np.array(names))
    return open_dataset(str(path))


def test_rows_of_both_are_there_and_classes_are_matched_by_name(tmp_path: Path) -> None:
    data = arrays(tmp_path / "data.npz", ["ant", "bee", "cat"], 12)
    test = arrays(tmp_path / "test.npz", ["cat", "ant"], 6, seed=1)
    joined = with_test_images(data, test)
    assert joined.held_out.tolist() == [False] * 12 + [True] * 6
    assert [joined.class_names[label] for label in joined.labels[12:]] == ["cat", "ant"] * 3
    assert joined.class_names == data.class_names
    assert len(set(joined.ids)) == 18
    for row in range(12):
        np.testing.assert_array_equal(joined.read(row), data.read(row))
    for row in range(6):
        np.testing.assert_array_equal(joined.read(12 + row), test.read(row))
        np.testing.assert_array_equal(joined.thumbnails[12 + row], test.thumbnails[row])


def test_thumbnails_of_another_size_are_enlarged(tmp_path: Path) -> None:
    data = arrays(tmp_path / "data.npz", ["a", "b"], 6, side=8)
    test = arrays(tmp_path / "test.npz", ["a", "b"], 4, side=32)
    for joined in (with_test_images(data, test), with_test_images(test, data)):
        assert joined.thumbnails.shape == (10, 32, 32, 3)
    np.testing.assert_array_equal(joined.thumbnails[4:, ::4, ::4], data.thumbnails)


def test_the_key_depends_on_both_and_the_thumbnails_are_kept_in_the_cache(tmp_path: Path) -> None:
    data = arrays(tmp_path / "data.npz", ["a", "b"], 6)
    one = arrays(tmp_path / "one.npz", ["a", "b"], 4, seed=1)
    two = arrays(tmp_path / "two.npz", ["a", "b"], 4, seed=2)
    keys = {with_test_images(data, one).key, with_test_images(data, two).key, with_test_images(one, data).key, data.key}
    assert len(keys) == 4
    first = with_test_images(data, one, tmp_path / "cache")
    again = with_test_images(data, one, tmp_path / "cache")
    assert first.key == again.key
    assert len(list((tmp_path / "cache" / "thumbnails").iterdir())) == 1
    np.testing.assert_array_equal(first.thumbnails, again.thumbnails)


def test_unknown_classes_are_named_with_those_that_there_are(tmp_path: Path) -> None:
    data = arrays(tmp_path / "data.npz", ["ant", "bee"], 6)
    test = arrays(tmp_path / "test.npz", ["bee", "cow", "dog"], 6)
    with pytest.raises(InputError) as error:
        with_test_images(data, test)
    assert str(error.value) == (
        "The test set test has classes that data does not have: 'cow', 'dog'. Its classes must have the same names: "
        "'ant', 'bee'."
    )
    many = arrays(tmp_path / "many.npz", [f"k{number}" for number in range(9)], 18)
    with pytest.raises(InputError, match="'k0', 'k1', 'k2', 'k3', 'k4' and 4 more"):
        with_test_images(data, many)
    with pytest.raises(InputError, match="'k0', 'k1', 'k2', 'k3', 'k4' and so on"):
        with_test_images(many, data)


def test_the_data_set_itself_is_no_test_set(tmp_path: Path) -> None:
    data = arrays(tmp_path / "data.npz", ["a", "b"], 6)
    with pytest.raises(InputError, match="The test set data is the data set itself"):
        with_test_images(data, data)


def test_vectors_are_joined_and_must_have_the_same_length(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    sets = {}
    for name, n, d in (("data", 10, 4), ("test", 6, 4), ("wide", 6, 5)):
        np.savez(tmp_path / f"{name}.npz", vectors=rng.normal(size=(n, d)).astype(np.float32), labels=np.arange(n) % 2)
        sets[name] = open_dataset(str(tmp_path / f"{name}.npz"))
    joined = with_test_images(sets["data"], sets["test"])
    assert joined.vectors is not None
    assert not joined.has_images
    np.testing.assert_array_equal(joined.vectors[10:], sets["test"].vectors)
    with pytest.raises(InputError, match=r"must have 4 values, as those of data\.npz have, got 5"):
        with_test_images(sets["data"], sets["wide"])
    images = arrays(tmp_path / "images.npz", ["0", "1"], 6)
    with pytest.raises(InputError, match=r"must have vectors, as data\.npz has; images has images"):
        with_test_images(sets["data"], images)


def test_copies_are_counted(tmp_path: Path) -> None:
    data = arrays(tmp_path / "data.npz", ["a", "b"], 6)
    images = np.random.default_rng(7).integers(0, 256, (5, 8, 8, 3), dtype=np.uint8)
    images[:2] = data.thumbnails[[1, 4]]
    np.savez(tmp_path / "test.npz", images=images, labels=np.arange(5) % 2, class_names=np.array(["a", "b"]))
    assert count_copies(data, open_dataset(str(tmp_path / "test.npz"))) == 2
