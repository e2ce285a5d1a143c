"""The protocol measures each cell once, pairs by seed, and stops by width or by time."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from adq_core.errors import Cancelled, SettingsError
from adq_core.evidence import Budget, CellFile, Evidence, Probe, measure_evidence, verdict_sentence
from adq_core.progress import Progress
from adq_core.records import Bools, Ints
from tests.strategies.candidates import make_candidates

CANDIDATES = make_candidates()
N_TEST = 400


class FakeProbe:
    """Right on a share of the test images that depends on the first row of the subset, the seed and the strategy."""

    def __init__(self, spread: float = 0.02) -> None:
        self.calls: list[tuple[int, int]] = []
        self.spread = spread

    def __call__(self, rows: Ints, n: int, seed: int, progress: Progress) -> Bools:
        self.calls.append((len(rows), seed))
        rng = np.random.default_rng([seed, int(rows.sum())])
        return rng.random(N_TEST) < 0.7 + rng.normal(0, self.spread)


def measured(fake: FakeProbe | Probe, cells: CellFile | None = None, **options: object) -> Evidence:
    given = {"strategies": ["balanced", "adq", "k-centre"], "keep_ratios": [0.1, 0.5], "budget": Budget(3, 3)} | options
    probe = fake if isinstance(fake, Probe) else Probe(fake)  # the closed-form one, if nothing else is said
    return measure_evidence(CANDIDATES, probe, n_test=N_TEST, cells=cells, **given)  # type: ignore[arg-type]


def test_every_cell_is_measured_once_and_a_strategy_without_a_seed_once_for_all_seeds() -> None:
    probe = FakeProbe()
    evidence = measured(probe)
    assert evidence.accuracy.shape == (3, 2, 3)
    assert len(probe.calls) == 2 * (3 + 3 + 1)
    assert evidence.n_selected.tolist() == [[12, 60]] * 3
    assert (evidence.n_train, evidence.n_test, evidence.complete) == (120, N_TEST, True)
    assert np.ptp(evidence.accuracy[2], axis=1).tolist() == [0, 0]
    np.testing.assert_allclose(evidence.mean, evidence.accuracy.mean(axis=2))


def test_a_stopped_measurement_goes_on_where_it_was(tmp_path: Path) -> None:
    file = tmp_path / "cells" / "some.jsonl"
    whole = measured(FakeProbe())

    def stop(done: int, total: int, what: str) -> None:
        if done == 9:  # six cells of the first seed, two that need no second seed, and one more
            raise Cancelled

    first = FakeProbe()
    with pytest.raises(Cancelled):
        measured(first, CellFile(file), progress=stop)
    with file.open("a") as stream:
        stream.write('{"probe": "ridge", "strategy": "adq", "keep')  # a line that a kill cut off
    second = FakeProbe()
    resumed = measured(second, CellFile(file))
    np.testing.assert_array_equal(resumed.accuracy, whole.accuracy)
    np.testing.assert_array_equal(resumed.test_error, whole.test_error)
    assert len(first.calls) == 7
    assert len(first.calls) + len(second.calls) == 14
    third = FakeProbe()
    measured(third, CellFile(file))
    assert third.calls == []


def test_seeds_are_added_until_the_interval_is_small_enough() -> None:
    narrow = measured(FakeProbe(), budget=Budget(3, 40, half_width=0.02))
    assert 3 < narrow.accuracy.shape[2] < 40
    assert measured(FakeProbe(), budget=Budget(3, 6, half_width=1e-6)).accuracy.shape[2] == 6


def test_the_time_ends_a_measurement_with_at_least_two_seeds() -> None:
    evidence = measured(FakeProbe(), budget=Budget(10, 10, seconds=0))
    assert evidence.accuracy.shape[2] == 2
    assert not evidence.complete


def test_the_standard_error_over_test_images_is_that_of_a_paired_difference() -> None:
    evidence = measured(FakeProbe(), strategies=["balanced", "random"], keep_ratios=[0.1])
    assert evidence.test_error[0, 0] == 0
    # each of 3 seeds: two independent images right with probability 0.7, so the variance is 2 * 0.21 / 3
    assert evidence.test_error[1, 0] == pytest.approx(np.sqrt(2 * 0.21 / 3 / N_TEST), rel=0.15)


def test_progress_ends_at_the_total() -> None:
    seen: list[tuple[int, int, str]] = []
    measured(FakeProbe(), progress=lambda *values: seen.append(values))
    assert seen[0][:2] == (0, 18)
    assert seen[-1] == (18, 18, "comparing strategies")
    assert [done for done, *_ in seen] == sorted(done for done, *_ in seen)


def test_strategies_that_select_the_same_images_share_one_measurement() -> None:
    """The share that `margin` leaves out can be 0; then its subsets are those of `balanced`."""
    CANDIDATES.keep(("margin", 12), lambda: 0.0)
    probe = FakeProbe()
    evidence = measured(Probe(probe, "network", seeded=True), strategies=["balanced", "margin"], keep_ratios=[0.1])
    assert len(probe.calls) == 3
    np.testing.assert_array_equal(evidence.accuracy[0], evidence.accuracy[1])
    assert not evidence.differences(0.1)["margin"].distinguishable


def test_a_probe_with_a_seed_measures_each_seed_also_of_a_strategy_without() -> None:
    fake = FakeProbe()
    evidence = measured(Probe(fake, "network", seeded=True))
    assert len(fake.calls) == 2 * 3 * 3
    assert evidence.probe == "network"
    assert np.ptp(evidence.accuracy[2], axis=1).min() > 0


def test_cells_in_several_threads_are_those_of_one() -> None:
    one = measured(Probe(FakeProbe(), "network", seeded=True))
    many = measured(Probe(FakeProbe(), "network", seeded=True, at_once=4))
    np.testing.assert_array_equal(one.accuracy, many.accuracy)


@pytest.mark.parametrize("at_once", [1, 3])
def test_progress_counts_the_steps_inside_of_cells(at_once: int) -> None:
    fake, seen = FakeProbe(), []

    def measure(rows: Ints, n: int, seed: int, progress: Progress) -> Bools:
        for step in range(11):
            progress(step, 10, "training")
        return fake(rows, n, seed, progress)

    measured(
        Probe(measure, "network", seeded=True, steps=10, at_once=at_once), progress=lambda *values: seen.append(values)
    )
    assert [done for done, *_ in seen] == sorted(done for done, *_ in seen)
    assert {done for done, *_ in seen} >= set(range(0, 180, 10))
    assert seen[-1] == (180, 180, "comparing strategies")


def test_a_stop_ends_the_cells_of_all_threads_at_their_next_step() -> None:
    begun: list[int] = []

    def endless(rows: Ints, n: int, seed: int, progress: Progress) -> Bools:
        begun.append(seed)
        while True:
            progress(1, 10, "training")

    def stop(done: int, total: int, what: str) -> None:
        if len(begun) == 2:
            raise Cancelled

    with pytest.raises(Cancelled):
        measured(Probe(endless, "network", seeded=True, steps=10, at_once=2), progress=stop)
    assert len(begun) == 2


def test_settings_that_cannot_be_compared_are_refused() -> None:
    with pytest.raises(SettingsError, match="must contain balanced, the baseline, got adq"):
        measured(FakeProbe(), strategies=["adq"])
    for keep_ratio in (0.0, 1.0, 0.001):
        with pytest.raises(SettingsError, match="must keep some of the 120 images and not all"):
            measured(FakeProbe(), keep_ratios=[keep_ratio])


def evidence_with(adq: float, margin: float) -> Evidence:
    noise = np.random.default_rng(0).normal(0, 0.002, (3, 1, 20))
    accuracy = np.array([0.7, 0.7 + adq, 0.7 + margin])[:, None, None] + noise
    return Evidence(
        accuracy=accuracy, n_selected=np.full((3, 1), 10), test_error=np.zeros((3, 1)),
        strategies=("balanced", "adq", "margin"), keep_ratios=(0.1,), probe="ridge", n_test=2000, n_train=100,
        complete=True,
    )  # fmt: skip


def test_the_verdict_in_words() -> None:
    none = verdict_sentence(evidence_with(0.0, 0.009), 0.1)
    assert none.startswith("At 10 % kept, ADQ is 0.0 ± 0.1 points ")
    assert ": not distinguishable (a difference of 0.1 would be). margin is 1.0 ± 0.1 points above balanced" in none
    better = verdict_sentence(evidence_with(0.02, 0.0), 0.1)
    assert better.startswith("At 10 % kept, ADQ is 2.0 ± 0.1 points above balanced random. No other strategy is")


def test_the_interval_has_a_part_by_the_draws_and_a_part_by_the_test_images() -> None:
    evidence = measured(FakeProbe(), strategies=["balanced", "random"], keep_ratios=[0.1], budget=Budget(6, 6))
    draws, images = evidence.half_widths(0.1)
    one = evidence.differences(0.1)["random"]
    assert np.hypot(draws, images) == pytest.approx(one.half_width)
    d = evidence.accuracy[1, 0] - evidence.accuracy[0, 0]
    quantile = 2.570582  # of t with five degrees of freedom
    assert draws == pytest.approx(quantile * d.std(ddof=1) / np.sqrt(6), rel=1e-5)
    assert images == pytest.approx(quantile * evidence.test_error[1, 0], rel=1e-5)
