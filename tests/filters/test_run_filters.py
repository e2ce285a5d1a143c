"""Filters and columns of a run: every column against its definition, and the parts that a set does not have."""

from __future__ import annotations

import numpy as np
import pytest

from adq_core import Run, Settings
from adq_core.errors import InputError
from adq_core.filters import ALL_IMAGES, Filter, Range
from adq_core.progress import Progress
from adq_core.run_columns import (
    column_names,
    number_columns,
    numbers_of,
    slow_column,
    slow_ready,
    sorted_rows,
)
from adq_core.run_filters import applicable, mask, needs
from adq_core.storage import Store
from tests import oracles


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    store = Store(tmp_path_factory.mktemp("store"))
    return Run(Settings(dataset="digits", embeddings="pixels", diversity="published", projection="pca"), store)


def test_no_filter_leaves_all_images(run: Run) -> None:
    assert mask(run, ALL_IMAGES).all()


def test_every_part_against_the_records(run: Run) -> None:
    data = run.dataset
    assert np.array_equal(mask(run, Filter(classes=frozenset({"3"}))), data.labels == 3)
    assert np.array_equal(mask(run, Filter(bins=frozenset({2}))), run.bins.bin_of == 2)
    assert np.array_equal(mask(run, Filter(selected=True)), run.selection.selected)
    assert np.array_equal(mask(run, Filter(selected=False)), ~run.selection.selected)
    both = Filter(bins=frozenset({2}), ranges={"texture": Range(high=float(np.median(run.texture.values)))})
    expected = (run.bins.bin_of == 2) & (run.texture.values <= np.median(run.texture.values))
    assert 0 < expected.sum() < len(data)
    assert np.array_equal(mask(run, both), expected)
    assert mask(run, Filter(text=data.ids[7])).nonzero()[0].tolist() == [
        row for row, name in enumerate(data.ids) if data.ids[7] in name
    ]


def test_slow_columns_are_computed_once_with_progress_and_kept(run: Run) -> None:
    calls: list[str] = []

    def progress(done: int, total: int, what: str) -> None:
        calls.append(what)

    assert not slow_ready(run, "duplicate")
    groups = slow_column(run, "duplicate", progress)
    assert "hashing images" in calls
    assert slow_ready(run, "duplicate")
    calls.clear()
    assert np.array_equal(slow_column(run, "duplicate", progress), groups)
    assert calls == []
    again = Run(run.settings, Store(run.store.folder), dataset=run.dataset)
    assert slow_ready(again, "duplicate")
    assert np.array_equal(mask(again, Filter(duplicate=True)), groups >= 0)


def test_doubtful_images_have_a_negative_margin(run: Run) -> None:
    doubtful = mask(run, Filter(doubtful=True))
    assert np.array_equal(doubtful, numbers_of(run, "margin") < 0)
    assert 0 < doubtful.sum() < len(run.dataset) / 4
    assert np.array_equal(mask(run, Filter(doubtful=False)), ~doubtful)


def test_neighbour_agreement_against_a_slow_oracle(run: Run) -> None:
    unit = oracles.unit_rows(run.embeddings.vectors).astype(np.float32)
    found = numbers_of(run, "agreement")
    rng = np.random.default_rng(0)
    for row in rng.choice(len(unit), 40, replace=False):
        cosine = unit @ unit[row]
        cosine[row] = -np.inf
        kth = np.sort(cosine)[-10]
        if np.sum(cosine >= kth - 1e-6) > 10:  # a tie: any of them may be the tenth
            continue
        near = np.argsort(-cosine)[:10]
        assert found[row] == pytest.approx((run.dataset.labels[near] == run.dataset.labels[row]).mean())


def test_needs_names_what_must_be_computed(run: Run) -> None:
    assert needs(run, ALL_IMAGES) == ((), ())
    assert needs(run, Filter(text="a", classes=frozenset({"3"}))) == ((), ())
    assert needs(run, Filter(selected=True)) == (("draw_order", "scores"), ())
    assert needs(run, Filter(doubtful=False, duplicate=True, ranges={"gain": Range(1)})) == (
        ("bins", "embeddings"),
        ("duplicate", "margin"),
    )


def test_parts_that_the_set_does_not_have_are_named_and_ignored(run: Run) -> None:
    wanted = Filter(
        classes=frozenset({"zebra", "3"}),
        bins=frozenset({1, 999}),
        ranges={"texture": Range(0), "age": Range(1)},
        values={"weather": frozenset({"sun"})},
    )
    left, notes = applicable(run, wanted)
    assert left == Filter(classes=frozenset({"3"}), bins=frozenset({1}), ranges={"texture": Range(0)})
    assert notes == [
        "The filter names a class that digits does not have; this part is ignored.",
        "The filter names a bin above the last one, which is ignored.",
        "The filter names a column of numbers that digits does not have; this part is ignored.",
        "The filter names a column of texts that digits does not have; this part is ignored.",
    ]
    assert np.array_equal(mask(run, wanted), mask(run, left))


def test_rows_are_sorted_by_any_column(run: Run) -> None:
    rows = np.arange(0, len(run.dataset), 3)
    for name in column_names(run):
        up = sorted_rows(run, rows, name)
        assert np.array_equal(np.sort(up), rows)
    assert np.all(np.diff(run.texture.values[sorted_rows(run, rows, "texture")]) >= 0)
    assert np.all(np.diff(run.texture.values[sorted_rows(run, rows, "texture", descending=True)]) <= 0)
    assert np.all(np.diff(run.dataset.labels[sorted_rows(run, rows, "class")]) >= 0)
    by_bin = sorted_rows(run, rows, "bin", descending=True)
    same = np.diff(run.bins.bin_of[by_bin]) == 0
    assert np.all(np.diff(by_bin)[same] > 0)  # equal values in the order of the rows


def test_unknown_columns_are_refused(run: Run) -> None:
    with pytest.raises(InputError, match="digits has no column of numbers 'age'"):
        numbers_of(run, "age")


def test_vectors_have_no_columns_of_images(tmp_path) -> None:
    np.savez(tmp_path / "v.npz", vectors=np.random.default_rng(0).normal(size=(30, 4)), labels=np.zeros(30, int))
    run = Run(Settings(dataset=str(tmp_path / "v.npz"), embeddings="pixels", n_bins=3))
    assert list(number_columns(run)) == ["gain", "rank", "draw_position"]
    assert not mask(run, Filter(duplicate=True)).any()
    left, notes = applicable(run, Filter(doubtful=True))
    assert left == ALL_IMAGES
    assert notes == ["The filter names label doubts that v.npz does not have; this part is ignored."]


def stopped(done: int, total: int, what: str) -> None:
    raise AssertionError(what)


def test_quick_columns_report_no_progress(run: Run) -> None:
    quick: Progress = stopped
    again = Run(run.settings, run.store, quick, dataset=run.dataset)
    assert mask(again, Filter(selected=True, ranges={"gain": Range(0)})).any()
