"""Every strategy with images that are always kept and images that are never taken."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adq_core import Run, Settings
from adq_core.errors import SettingsError
from adq_core.id_lists import list_text
from adq_core.quotas import target_size
from adq_core.strategies import STRATEGIES
from adq_core.strategies.draws import draw_by_priority
from adq_core.strategies.hand_lists import draw_with_lists

QUICK = {"dataset": "digits", "embeddings": "pixels", "diversity": "vectors", "projection": "pca"}


@pytest.fixture(scope="module")
def run() -> Run:
    return Run(Settings(**QUICK, keep_ratio=0.05))


def with_lists(run: Run, always: list[int], never: list[int], **changes: object) -> Run:
    ids = run.dataset.ids
    lists = {"always": list_text(ids[row] for row in always), "never": list_text(ids[row] for row in never)}
    return Run(replace(run.settings, **lists, **changes), run.store, dataset=run.dataset)


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_every_strategy_keeps_the_pinned_images_and_takes_none_of_the_excluded(run: Run, strategy: str) -> None:
    plain = Run(replace(run.settings, strategy=strategy), run.store, dataset=run.dataset)
    selected, others = plain.selection.indices, np.flatnonzero(~plain.selection.selected)
    always, never = [*others[:12].tolist(), int(selected[0])], [*selected[1:20].tolist(), int(others[-1])]
    listed = with_lists(run, always, never, strategy=strategy)
    found = listed.selection.selected
    assert found[always].all()
    assert not found[never].any()
    assert found.sum() == target_size(0.05, len(run.dataset)) == plain.selection.selected.sum()
    assert listed.quotas.quota.tolist() == np.bincount(listed.bins.bin_of[found], minlength=10).tolist()
    none = with_lists(run, [], [], strategy=strategy)
    assert none.key("selection") == plain.key("selection")
    assert listed.key("selection") != plain.key("selection")


def test_a_pinned_image_counts_within_the_quota_of_its_bin(run: Run) -> None:
    """One more pinned image in a bin with a quota of many changes no quota: another image of this bin goes."""
    number = int(np.argmax(run.quotas.quota))
    extra = int(np.flatnonzero((run.bins.bin_of == number) & ~run.selection.selected)[0])
    listed = with_lists(run, [extra], [])
    assert listed.quotas.quota.tolist() == run.quotas.quota.tolist()
    gone = np.flatnonzero(run.selection.selected & ~listed.selection.selected)
    assert run.bins.bin_of[gone].tolist() == [number]
    everything = np.flatnonzero(run.bins.bin_of == number)[:60].tolist()
    listed = with_lists(run, everything, [])
    assert listed.quotas.quota[number] == 60
    assert listed.quotas.quota.sum() == run.quotas.quota.sum()


@given(st.data())
@settings(max_examples=60)
def test_the_size_of_a_draw_stays_and_lists_hold(data: st.DataObject) -> None:
    m, groups = data.draw(st.integers(2, 40)), data.draw(st.integers(1, 5))
    rng = np.random.default_rng(data.draw(st.integers(0, 2**32 - 1)))
    group, priority = rng.integers(0, groups, m), rng.random(m)
    kind = rng.choice(3, m, p=[0.2, 0.6, 0.2])
    always, never = kind == 0, kind == 2
    n = data.draw(st.integers(max(1, int(always.sum())), m))

    class Some:
        """Candidates of which the strategy needs only the rows."""

        def __init__(self, rows: np.ndarray) -> None:
            self.rows = rows

        def part(self, rows: np.ndarray) -> Some:
            return Some(self.rows[rows])

    def draw(some: Some, n: int, seed: int):
        sizes = np.bincount(group[some.rows], minlength=groups)
        quota = np.zeros(groups, int)
        for _ in range(n):
            quota[np.argmax(sizes - quota)] += 1
        return draw_by_priority(priority[some.rows], group[some.rows], quota)

    if (~never).sum() == 0:
        return
    found = draw_with_lists(draw, Some(np.arange(m)), n, 0, always, never).selected
    assert found.sum() == min(n, (~never).sum())
    assert found[always].all()
    assert not found[never].any()


def test_lists_that_do_not_fit_are_refused_with_one_sentence(run: Run) -> None:
    ids = run.dataset.ids
    with pytest.raises(SettingsError) as error:
        with_lists(run, [3, 4], [4, 5])
    assert str(error.value) == (
        "always and never must not have the same image, but 1 image is in both, for example 4. Remove it from one of "
        "them."
    )
    unknown = Run(replace(run.settings, never=["x", "y", ids[0]]), run.store, dataset=run.dataset)
    with pytest.raises(SettingsError) as error:
        unknown.key("quotas")
    assert str(error.value) == (
        "never must have ids of digits, but 2 of 3 are not, for example x. Remove them from the list."
    )
    with pytest.raises(SettingsError, match=r"always must have at most as many images as are kept, 90, got 100\."):
        with_lists(run, list(range(100)), []).key("quotas")
    with pytest.raises(SettingsError, match="never must leave at least one image"):
        with_lists(run, [], list(range(len(ids)))).key("quotas")


@pytest.mark.parametrize("value", ["not json", "7", '{"a": 1}', [1, 2], 3])
def test_a_list_must_be_ids(value: object) -> None:
    with pytest.raises(SettingsError, match="always must be a list of ids"):
        Settings(always=value)  # type: ignore[arg-type]


def test_equal_lists_are_equal_settings_and_are_recorded_as_lists() -> None:
    settings = Settings(always=["b", "a", "a"])
    assert settings == Settings(always='["a", "b"]') == Settings.from_mapping(settings.recorded())
    assert settings.recorded()["always"] == ["a", "b"]
    assert "never" not in settings.recorded()
    assert Settings(never=[]).never is None
    odd = Settings(never=["\udc80.png"])
    assert Settings.from_mapping(odd.recorded()) == odd
