"""A flipped bit in a stored file is noticed, the entry is set aside, and its content is made again."""

from __future__ import annotations

import json
import logging
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from adq_core.data import ImageDataset, open_dataset
from adq_core.storage import Store, read_json, write_json
from tests.store_records import ExampleRecord, example_record, must_not_compute


def flip(path: Path, byte: int, bit: int) -> None:
    """Flip one bit of a file. It is a new file, because the old one may be mapped by this process."""
    content = bytearray(path.read_bytes())
    content[byte % len(content)] ^= 1 << bit
    path.unlink()
    path.write_bytes(content)


@settings(max_examples=60, deadline=None)
@given(file=st.sampled_from(["record.json", "values.npy"]), byte=st.integers(0, 5000), bit=st.integers(0, 7))
def test_every_flipped_bit_of_a_record_is_noticed(
    file: str, byte: int, bit: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("store")
    record = ExampleRecord(values=np.arange(50.0), key="k", number=3.5, words=("a", 2))
    Store(folder).get_or_compute(ExampleRecord, "k", lambda: record)
    flip(folder / "example" / "k" / file, byte, bit)
    assert Store(folder).get(ExampleRecord, "k") is None


def test_a_damaged_record_is_set_aside_and_said_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    Store(tmp_path).get_or_compute(ExampleRecord, "k", example_record)
    flip(tmp_path / "example" / "k" / "values.npy", 140, 0)
    with caplog.at_level(logging.WARNING):
        store = Store(tmp_path)
        again = store.get_or_compute(ExampleRecord, "k", example_record)
        store.get_or_compute(ExampleRecord, "k", must_not_compute)
        Store(tmp_path).get_or_compute(ExampleRecord, "k", must_not_compute)
    assert again.digest() == example_record().digest()
    (message,) = caplog.messages
    damaged = tmp_path / "damaged" / "example-k"
    assert message == (
        f"adq: the stored result {tmp_path / 'example' / 'k'} was damaged. It is computed again; the damaged files: "
        f"{damaged}"
    )
    assert sorted(path.name for path in damaged.iterdir()) == ["record.json", "values.npy"]


def test_a_record_without_checksums_of_an_earlier_version_is_read(tmp_path: Path) -> None:
    Store(tmp_path).get_or_compute(ExampleRecord, "k", example_record)
    path = tmp_path / "example" / "k" / "record.json"
    values = json.loads(path.read_text())
    del values["checksum"], values["checksums"]
    path.write_text(json.dumps(values))
    record = Store(tmp_path).get_or_compute(ExampleRecord, "k", must_not_compute)
    assert record.digest() == example_record().digest()


JSON = st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(), st.lists)


@given(content=st.dictionaries(st.text(), JSON, max_size=5))
def test_values_come_back_from_json(content: dict[str, object], tmp_path_factory: pytest.TempPathFactory) -> None:
    content.pop("checksum", None)
    path = tmp_path_factory.mktemp("json") / "values.json"
    write_json(path, content)
    assert repr(read_json(path)) == repr(content)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for number in range(6):
        path = tmp_path / "pets" / ("cat" if number % 2 else "dog") / f"{number}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        pixels = np.random.default_rng(number).integers(0, 255, (64, 64, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(path)
    return tmp_path / "pets"


def thumbnails(data: ImageDataset) -> np.ndarray:
    return np.concatenate(list(data.thumbnail_batches(4)))


@pytest.mark.parametrize("verify", [True, False])
def test_a_flipped_bit_of_a_thumbnail_changes_no_result(
    folder: Path, tmp_path: Path, verify: bool, caplog: pytest.LogCaptureFixture
) -> None:
    cache = tmp_path / "cache"
    expected = thumbnails(open_dataset(str(folder), cache=cache))
    flip(next(cache.rglob("thumbnails.bin")), 3 * 64 * 64 * 3 + 100, 7)
    data = open_dataset(str(folder), cache=cache, verify=verify)
    assert (np.asarray(data.thumbnails) != expected).sum() == 1
    np.testing.assert_array_equal(thumbnails(data), expected)
    np.testing.assert_array_equal(np.stack([data.pixels(row) for row in range(len(data))]), expected)
    rows = np.array([3, 1])
    np.testing.assert_array_equal(next(data.thumbnail_batches(4, rows)), expected[rows])
    assert caplog.messages[0] == "adq: thumbnails of pets in the cache were damaged: 1. They are made again."


@pytest.mark.parametrize("file", ["scan.json", "labels.npy", "sizes.npy", "files.txt", "digests.txt", "listing.json"])
def test_a_flipped_bit_of_a_list_is_noticed(folder: Path, tmp_path: Path, file: str) -> None:
    cache = tmp_path / "cache"
    first = open_dataset(str(folder), cache=cache)
    for byte in (0, 40, 130, -2):
        path = next(cache.rglob(file))
        flip(path, byte % path.stat().st_size, 1)
        again = open_dataset(str(folder), cache=cache, verify=False)
        assert (again.key, again.ids) == (first.key, first.ids)
        np.testing.assert_array_equal(again.labels, first.labels)
        np.testing.assert_array_equal(again.sizes, first.sizes)
        for row in range(len(again)):
            again.read(row)
