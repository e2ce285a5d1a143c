"""The store: a record is read back as it was written, and memory is bounded."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from adq_core.dependencies import STAGE_RECORDS
from adq_core.digests import content_digest, to_builtin
from adq_core.records import Record
from adq_core.storage.store import Store, default_folder
from tests.store_records import ExampleRecord, example_record, must_not_compute, temporary_files

# --- a record is read back as written --------------------------------------------------------------------------------

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3).map(tuple) | st.dictionaries(st.text(), inner, max_size=2),
    max_leaves=8,
)
ARRAYS = arrays(
    st.sampled_from([np.float32, np.float64, np.int64, np.int32, np.uint8, np.bool_]),
    array_shapes(min_dims=0, min_side=0),
)


@given(values=ARRAYS, words=st.lists(PLAIN, max_size=3).map(tuple), number=st.floats() | st.integers())
def test_a_record_is_read_back_as_it_was_written(
    values: np.ndarray, words: tuple[object, ...], number: float, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("store")
    made = ExampleRecord(values=values, key="k", number=number, words=words)
    given_back = Store(folder).get_or_compute(ExampleRecord, "k", lambda: made)
    restored = Store(folder).get_or_compute(ExampleRecord, "k", must_not_compute)
    for one in (given_back, restored):
        assert one.digest() == made.digest()
        assert one.values.dtype == values.dtype
        assert one.values.shape == values.shape
        assert repr(one.words) == repr(words)
        assert not one.values.flags.writeable


@given(st.lists(st.floats(allow_nan=False) | st.integers(-(2**60), 2**60), max_size=5))
def test_numpy_numbers_become_python_numbers(values: list[float]) -> None:
    nested = ([np.float64(v) if isinstance(v, float) else np.int64(v) for v in values], "x")
    assert to_builtin(nested) == (tuple(values), "x")
    assert content_digest(*nested) == content_digest(tuple(values), "x")


def test_different_values_with_the_same_joined_text_have_different_digests() -> None:
    assert len({content_digest(1, 23), content_digest(12, 3), content_digest(123), content_digest("1", 23)}) == 4


def example(kind: type[Record]) -> Record:
    """Return a record of this class: small matching shapes, unusual values."""
    shapes = {
        "weight_in": (4, 2),
        "bias_in": (4,),
        "weight_out": (5, 4),
        "bias_out": (5,),
        "losses": (0, 2),
        "xy": (3, 2),
        "vectors": (3, 2) if kind.__name__ != "AugmentedFeatures" else (2, 3, 2),
        "representativeness_interval": (3, 2),
        "diversity_interval": (3, 2),
    }
    awkward = {"str": "a\u2028'\"", "int": 3, "float": float("nan"), "tuple[str, ...]": ("one", "\u00e9", "")}
    values = {}
    for spec in dataclasses.fields(kind):
        if str(spec.type) in awkward:
            values[spec.name] = awkward[str(spec.type)]
        else:
            assert str(spec.type) in {"Floats", "Ints", "Bools", "NDArray[np.uint8]"}, (
                "a new type of field: add an example of it here"
            )
            array = np.full(shapes.get(spec.name, (3,)), np.nan)
            values[spec.name] = array if str(spec.type) == "Floats" else np.zeros(array.shape, np.int64)
    return kind(**values)


@pytest.mark.parametrize("kind", STAGE_RECORDS.values(), ids=lambda kind: kind.__name__)
def test_every_record_of_the_pipeline_is_read_back(kind: type[Record], tmp_path: Path) -> None:
    made = example(kind)
    Store(tmp_path).get_or_compute(kind, made.key, lambda: made)
    restored = Store(tmp_path).get(kind, made.key)
    assert restored is not None
    assert restored.digest() == made.digest()
    assert repr(restored) == repr(made)


def test_no_pickle_is_ever_written(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="Object arrays cannot be saved"):
        Store(tmp_path).get_or_compute(ExampleRecord, "k", lambda: ExampleRecord(values=np.array([{}]), key="k"))
    assert temporary_files(tmp_path) == set()


# --- memory -----------------------------------------------------------------------------------------------------------


def test_memory_is_bounded_by_bytes_and_the_records_used_last_stay() -> None:
    store = Store(memory_bytes=3000)
    for key in "abc":
        store.get_or_compute(ExampleRecord, key, lambda key=key: example_record(key, 100))  # 800 bytes each
    store.get_or_compute(ExampleRecord, "a", must_not_compute)
    store.get_or_compute(ExampleRecord, "d", lambda: example_record("d", 150))
    assert [key for key in "abcd" if store.get(ExampleRecord, key)] == ["a", "c", "d"]


def test_a_record_larger_than_the_bound_is_kept_alone() -> None:
    store = Store(memory_bytes=10)
    store.get_or_compute(ExampleRecord, "a", lambda: example_record("a", 100))
    store.get_or_compute(ExampleRecord, "b", lambda: example_record("b", 100))
    assert store.get(ExampleRecord, "a") is None
    assert store.get(ExampleRecord, "b") is not None


def test_memory_maps_do_not_count_as_memory(tmp_path: Path) -> None:
    store = Store(tmp_path, memory_bytes=1000)
    for number in range(5):
        assert (
            store.get_or_compute(
                ExampleRecord, str(number), lambda number=number: example_record(str(number), 1000)
            ).values.base
            is not None
        )
    assert len(store._memory) == 5


def test_the_cache_folder_is_named_by_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("ADQ_CACHE", str(tmp_path))
    assert default_folder() == tmp_path
    monkeypatch.delenv("ADQ_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "x"))
    assert default_folder() == tmp_path / "x" / "adq-explorer"
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert default_folder() == tmp_path / "home" / ".cache" / "adq-explorer"
