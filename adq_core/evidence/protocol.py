"""The protocol: strategies x keep ratios x seeds, each subset measured by a probe on the same test images."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from adq_core.errors import SettingsError
from adq_core.progress import Progress, no_progress
from adq_core.quotas import target_size
from adq_core.records import Bools, Floats, Ints, freeze_arrays
from adq_core.strategies import BASELINE, STRATEGIES, Candidates

from .cells import Cell, CellFile, CellFiles, CellKey
from .statistics import Difference, compare_with_baseline, seeds_needed

GIVEN = "given"  # the name of a selection that was made elsewhere, among the strategies
KEEP_RATIOS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5)

Probe = Callable[[Ints, int, int], Bools]  # (rows of the subset, size that was asked for, seed) -> (K,) right or wrong


@dataclass(frozen=True)
class Budget:
    """When enough is measured: the interval is small, or the largest number of seeds or the time is reached.

    The number of seeds depends on the widths of the intervals and not on whether a difference was found, so that the
    5 % level holds.
    """

    min_seeds: int = 5
    max_seeds: int = 50
    half_width: float = 0.005  # of accuracy: half a point
    seconds: float = np.inf


@dataclass(frozen=True, eq=False)
class Evidence:
    """Accuracies of a probe on subsets of all strategies, and what follows from them."""

    accuracy: Floats  # (S, R, N) float64; nan: not measured
    n_selected: Ints  # (S, R) images of the subsets at the first seed; 0: not measured
    test_error: Floats  # (S, R) standard error of the mean difference to the baseline over other test images
    strategies: tuple[str, ...]
    keep_ratios: tuple[float, ...]
    probe: str
    n_test: int
    n_train: int
    complete: bool  # False: the time was up before the intervals were small

    def __post_init__(self) -> None:
        s, r = len(self.strategies), len(self.keep_ratios)
        freeze_arrays(self, {"accuracy": (s, r, None), "n_selected": (s, r), "test_error": (s, r)})

    @property
    def mean(self) -> Floats:
        """Mean accuracy over the seeds, (S, R); nan where nothing is measured."""
        measured = np.isfinite(self.accuracy)
        total = np.where(measured, self.accuracy, 0.0).sum(axis=2)
        count = measured.sum(axis=2)
        return np.asarray(np.divide(total, count, out=np.full(total.shape, np.nan), where=count > 0))

    def differences(self, keep_ratio: float) -> dict[str, Difference]:
        """Return the difference of each strategy to balanced random images at one of the keep ratios."""
        column = self.keep_ratios.index(keep_ratio)
        found = compare_with_baseline(
            self.accuracy[:, column], self.strategies.index(BASELINE), self.n_test, self.test_error[:, column]
        )
        return dict(zip(self.strategies, found, strict=True))


def measure_evidence(
    candidates: Candidates,
    probe: Probe,
    *,
    n_test: int,
    probe_name: str = "ridge",
    strategies: Sequence[str],
    keep_ratios: Sequence[float] = KEEP_RATIOS,
    budget: Budget | None = None,
    given: Ints | None = None,
    cells: CellFile | CellFiles | None = None,
    progress: Progress = no_progress,
) -> Evidence:
    """Return the accuracy of the probe for each strategy, keep ratio and seed, until the budget is reached.

    given: rows of a selection that was made elsewhere; it is compared under the name "given", and there must be one
    keep ratio: the one that keeps as many images. Seeds are measured one after the other for all strategies and keep
    ratios, so that every comparison is paired at any time. Cells that are in `cells` are not measured again. If
    `progress` raises, the measured cells stay in `cells`. Raises `SettingsError` without the baseline among the
    strategies, or for a keep ratio that keeps no image or all.
    """
    budget, cells = budget or Budget(), cells or CellFile()
    names = tuple(strategies) if given is None else (*strategies, GIVEN)
    table = _Table(candidates, probe, probe_name, names, _checked(keep_ratios, len(candidates)), given, cells)
    if BASELINE not in strategies:
        raise SettingsError(f"The strategies must contain {BASELINE}, the baseline, got {', '.join(strategies)}.")
    began, seed, wanted = time.monotonic(), 0, budget.min_seeds
    while seed < wanted and (seed < 2 or time.monotonic() - began < budget.seconds):
        table.measure_seed(seed, wanted, progress)
        seed += 1
        if seed == wanted:
            wanted = max(wanted, table.seeds_needed(seed, budget))
    return table.evidence(seed, n_test, complete=seed >= wanted)


class _Table:
    """The cells of one measurement."""

    def __init__(
        self,
        candidates: Candidates,
        probe: Probe,
        probe_name: str,
        strategies: tuple[str, ...],
        keep_ratios: tuple[float, ...],
        given: Ints | None,
        cells: CellFile | CellFiles,
    ) -> None:
        self.candidates, self.probe, self.probe_name = candidates, probe, probe_name
        self.strategies, self.keep_ratios, self.given, self.cells = strategies, keep_ratios, given, cells

    def measure_seed(self, seed: int, wanted: int, progress: Progress) -> None:
        """Measure all strategies and keep ratios with one seed."""
        per_seed = len(self.strategies) * len(self.keep_ratios)
        done = seed * per_seed
        for keep_ratio in self.keep_ratios:
            for strategy in self.strategies:
                progress(done, wanted * per_seed, "comparing strategies")
                if self.cells.get(self._key(strategy, keep_ratio, seed)) is None:
                    self._measure(strategy, keep_ratio, seed)
                done += 1
        progress(done, wanted * per_seed, "comparing strategies")

    def seeds_needed(self, n_seeds: int, budget: Budget) -> int:
        """Return the number of seeds after which the intervals at all keep ratios are expected to be small enough."""
        accuracy = self._accuracy(n_seeds)
        baseline = self.strategies.index(BASELINE)
        return max(
            seeds_needed(accuracy[:, column], baseline, budget.half_width, budget.max_seeds)
            for column in range(len(self.keep_ratios))
        )

    def evidence(self, n_seeds: int, n_test: int, *, complete: bool) -> Evidence:
        """Return everything that is measured."""
        return Evidence(
            accuracy=self._accuracy(n_seeds),
            n_selected=np.array([[self._cell(s, r, 0).n_selected for r in self.keep_ratios] for s in self.strategies]),
            test_error=self._test_error(n_seeds),
            strategies=self.strategies,
            keep_ratios=self.keep_ratios,
            probe=self.probe_name,
            n_test=n_test,
            n_train=len(self.candidates),
            complete=complete,
        )

    def _key(self, strategy: str, keep_ratio: float, seed: int) -> CellKey:
        """Return the key of a cell; a strategy without a seed has one cell for all seeds."""
        seeded = (strategy != GIVEN and STRATEGIES[strategy].seeded) or self.probe_name != "ridge"
        return CellKey(self.probe_name, strategy, keep_ratio, seed if seeded else 0)

    def _cell(self, strategy: str, keep_ratio: float, seed: int) -> Cell:
        cell = self.cells.get(self._key(strategy, keep_ratio, seed))
        assert cell is not None, "measured before"
        return cell

    def _measure(self, strategy: str, keep_ratio: float, seed: int) -> None:
        n = target_size(keep_ratio, len(self.candidates))
        rows = self.given if strategy == GIVEN else STRATEGIES[strategy].select(self.candidates, n, seed)
        assert rows is not None, "a strategy without a selection"
        cell = Cell(len(rows), self.probe(rows, n, seed))
        self.cells.add(self._key(strategy, keep_ratio, seed), cell)

    def _accuracy(self, n_seeds: int) -> Floats:
        return np.array(
            [
                [[self._cell(s, r, seed).correct.mean() for seed in range(n_seeds)] for r in self.keep_ratios]
                for s in self.strategies
            ]
        )

    def _test_error(self, n_seeds: int) -> Floats:
        """Return how much the mean difference of each strategy varies with the test images, (S, R)."""
        errors = np.zeros((len(self.strategies), len(self.keep_ratios)))
        for column, keep_ratio in enumerate(self.keep_ratios):
            base = self._mean_correct(BASELINE, keep_ratio, n_seeds)
            for row, strategy in enumerate(self.strategies):
                d = self._mean_correct(strategy, keep_ratio, n_seeds) - base
                errors[row, column] = d.std(ddof=1) / np.sqrt(len(d)) if len(d) > 1 else np.inf
        return errors

    def _mean_correct(self, strategy: str, keep_ratio: float, n_seeds: int) -> Floats:
        cells = [self._cell(strategy, keep_ratio, seed).correct for seed in range(n_seeds)]
        return np.asarray(np.mean(cells, axis=0))


def _checked(keep_ratios: Sequence[float], m: int) -> tuple[float, ...]:
    for keep_ratio in keep_ratios:
        if not (0 < keep_ratio < 1 and 1 <= target_size(keep_ratio, m) < m):
            raise SettingsError(f"A keep ratio must keep some of the {m} images and not all, got {keep_ratio:g}.")
    return tuple(sorted({float(keep_ratio) for keep_ratio in keep_ratios}))
