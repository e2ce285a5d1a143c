from __future__ import annotations

import dataclasses
import importlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from adq_core.digests import content_digest, derive_key
from adq_core.errors import InputError
from adq_core.records import Bins, Embeddings, PatchMasks, Projection, Record, Texture
from tests.fakes import fake_dataset

ARRAYS = arrays(st.sampled_from([np.float32, np.int64, np.bool_]), array_shapes(max_dims=3, max_side=4))


@given(ARRAYS)
def test_a_digest_does_not_depend_on_the_memory_layout(array: np.ndarray) -> None:
    wide = np.repeat(array, 2, axis=-1)[..., ::2]
    assert content_digest(array) == content_digest(np.asfortranarray(array)) == content_digest(wide)


@given(ARRAYS, ARRAYS)
def test_different_arrays_have_different_digests(one: np.ndarray, other: np.ndarray) -> None:
    same = one.dtype == other.dtype and one.shape == other.shape and one.tobytes() == other.tobytes()
    assert (content_digest(one) == content_digest(other)) == same


def test_digests_and_keys_are_the_same_in_every_process_and_version() -> None:
    """Stores on disk and manifests hold these values."""
    assert content_digest(np.arange(3, dtype=np.int64), "a", 1.5) == "bcbff8b439fbc5527b0536859c332c04"
    assert derive_key("bins", 1, ["k"], [("n_bins", 10)]) == "fd85c211711ce01e38d5e54de332222b"


def test_records_are_read_only_and_do_not_freeze_the_given_array() -> None:
    mine = np.zeros((2, 2), np.float32)
    record = Embeddings(vectors=mine, name="n", key="k")
    with pytest.raises(ValueError, match="read-only"):
        record.vectors[0, 0] = 1
    mine[0, 0] = 1
    with pytest.raises(dataclasses.FrozenInstanceError):
        record.name = "other"  # type: ignore[misc]


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (
            lambda: Projection(xy=np.zeros((3, 3)), method="pca", key=""),
            r"Projection.xy must have the shape \(None, 2\)",
        ),
        (
            lambda: Texture(values=np.zeros((3, 1)), key=""),
            r"Texture.values must have the shape \(None,\), got \(3, 1\)",
        ),
        (
            lambda: Bins(bin_of=np.zeros(3, int), rank=np.zeros(2, int), gain=np.zeros(3), n_bins=1, key=""),
            r"Bins.rank must have the shape \(3,\), got \(2,\)",
        ),
        (
            lambda: PatchMasks(
                rows=np.zeros(1, int),
                images=np.zeros((1, 10, 10, 3), np.uint8),
                saliency=np.zeros((1, 9)),
                keep=np.zeros((1, 9), bool),
                patch_size=3,
                patch_keep_ratio=1,
                ranking="",
                key="",
            ),
            "9 patches of 3 pixels do not tile an image of 10 pixels",
        ),
    ],
)
def test_a_record_refuses_arrays_of_a_wrong_shape(make, text: str) -> None:
    with pytest.raises(ValueError, match=text):
        make()


def test_the_key_is_not_part_of_the_digest() -> None:
    one, other = (Texture(values=np.arange(3.0), key=key) for key in "ab")
    assert one.digest() == other.digest()
    assert one.digest() != Texture(values=np.arange(4.0), key="a").digest()


@given(st.integers(1, 9), st.integers(1, 4), st.booleans())
def test_batches_return_every_row_once_in_order(count: int, size: int, subset: bool) -> None:
    dataset = fake_dataset([np.full((8, 8, 3), row, np.uint8) for row in range(count)])
    rows = list(range(count))[::-1] if subset else None
    seen = [
        (int(row), int(image[0, 0, 0]))
        for part, images in dataset.batches(size, rows)
        for row, image in zip(part, images, strict=True)
    ]
    assert seen == [(row, row) for row in (rows or range(count))]
    thumbnails = [
        int(image[0, 0, 0]) for part in dataset.thumbnail_batches(size, rows and np.array(rows)) for image in part
    ]
    assert thumbnails == [row for row, _ in seen]


def test_releasing_pages_of_a_memory_map_changes_no_value(tmp_path) -> None:
    images = np.random.default_rng(0).integers(0, 256, (50, 64, 64, 3), dtype=np.uint8)
    np.save(tmp_path / "t.npy", images)
    mapped = np.load(tmp_path / "t.npy", mmap_mode="r")
    dataset = dataclasses.replace(fake_dataset(list(images)), thumbnails=mapped)
    for _ in range(2):
        np.testing.assert_array_equal(np.concatenate(list(dataset.thumbnail_batches(7))), images)


def test_an_empty_data_set_is_refused() -> None:
    dataset = fake_dataset([np.zeros((8, 8, 3), np.uint8)])
    with pytest.raises(InputError) as caught:
        dataclasses.replace(dataset, ids=())
    assert str(caught.value) == "fake has no readable images. Give a folder, zip or npz with at least one."


def test_the_kind_of_a_record_names_its_folder_on_disk_and_never_changes() -> None:
    kinds = {
        "bins",
        "binscores",
        "draworder",
        "embeddings",
        "handpicked",
        "head",
        "imagescores",
        "idlist",
        "patchmasks",
    }
    kinds |= {"projection", "quotas", "selection", "strategydraw", "texture", "views"}
    importlib.import_module("adq_core.selection")  # defines one more record
    assert {cls.kind for cls in Record.__subclasses__() if cls.__module__.startswith("adq_core")} == kinds
