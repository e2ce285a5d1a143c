"""The protocol: strategies x keep ratios x seeds, each subset measured by a probe on the same test images."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from adq_core.errors import SettingsError
from adq_core.parallel import map_ordered
from adq_core.progress import Progress, no_progress
from adq_core.quotas import target_size
from adq_core.records import Bools, Floats, Ints, freeze_arrays
from adq_core.strategies import BASELINE, STRATEGIES, Candidates

from .cells import Cell, CellFile, CellFiles, CellKey
from .shared_progress import SharedProgress
from .statistics import Difference, compare_with_baseline, seeds_needed

GIVEN = "given"  # the name of a selection that was made elsewhere, among the strategies
KEEP_RATIOS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5)


@dataclass(frozen=True)
class Probe:
    """A way to measure how much a subset teaches: `measure(rows, n, seed, progress)`.

    It is called with the rows of the subset and the size that was asked for, and returns for each test image whether
    the prediction is right, (K,) bool.
    """

    measure: Callable[[Ints, int, int, Progress], Bools]
    name: str = "ridge"
    seeded: bool = False  # it has random numbers of its own, so an equal subset gives another result with another seed
    steps: int = 1  # that it reports to `progress`
    at_once: int = 1  # cells that are measured at the same time, each in a thread


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
    tested_on: str = "given images"  # which images are the test images, as a phrase

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

    def half_widths(self, keep_ratio: float) -> tuple[float, float]:
        """Return two parts of the widest interval at one of the keep ratios: by the draws, and by the test images.

        The first becomes smaller with more seeds, the second only with more test images. The half width of the whole
        interval is the root of the sum of their squares.
        """
        column = self.keep_ratios.index(keep_ratio)
        whole = [one.half_width for one in self.differences(keep_ratio).values()]
        widest = int(np.argmax(whole))
        draws = self.accuracy[:, column]
        alone = compare_with_baseline(draws, self.strategies.index(BASELINE), self.n_test)[widest].half_width
        return alone, float(np.sqrt(max(0.0, whole[widest] ** 2 - alone**2)))

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
    tested_on: str = "given images",
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
    table = _Table(candidates, probe, names, _checked(keep_ratios, len(candidates)), given, cells)
    if BASELINE not in strategies:
        raise SettingsError(f"The strategies must contain {BASELINE}, the baseline, got {', '.join(strategies)}.")
    began, seed, wanted = time.monotonic(), 0, budget.min_seeds
    while seed < wanted and (seed < 2 or time.monotonic() - began < budget.seconds):
        table.measure_seed(seed, wanted, progress)
        seed += 1
        if seed == wanted:
            wanted = max(wanted, table.seeds_needed(seed, budget))
    return replace(table.evidence(seed, n_test, complete=seed >= wanted), tested_on=tested_on)


_Work = tuple[CellKey, Ints]  # a cell, and the rows of its subset


class _Table:
    """The cells of one measurement."""

    def __init__(
        self,
        candidates: Candidates,
        probe: Probe,
        strategies: tuple[str, ...],
        keep_ratios: tuple[float, ...],
        given: Ints | None,
        cells: CellFile | CellFiles,
    ) -> None:
        self.candidates, self.probe = candidates, probe
        self.strategies, self.keep_ratios, self.given, self.cells = strategies, keep_ratios, given, cells
        self.equal: dict[CellKey, CellKey] = {}  # a cell: another one with the same subset and seed

    def measure_seed(self, seed: int, wanted: int, progress: Progress) -> None:
        """Measure all strategies and keep ratios with one seed; each cell is kept as soon as it is measured."""
        keys = [self._key(strategy, r, seed) for r in self.keep_ratios for strategy in self.strategies]
        missing = [key for key in dict.fromkeys(keys) if self.cells.get(key) is None]
        shared = SharedProgress(progress, wanted * len(keys), self.probe.steps)
        shared.finish((seed + 1) * len(keys) - len(missing))
        with shared.stopped_on_error():
            for key, cell in self._measured(self._work(missing), shared):
                self.cells.add(key, cell)
                shared.finish(1, key)
        for key, first in self.equal.items():
            same = self.cells.get(first)
            assert same is not None, "measured before"
            self.cells.add(key, same)
            shared.finish(1)
        self.equal.clear()

    def _work(self, keys: list[CellKey]) -> Iterator[_Work]:
        """Yield the cells to measure with their subsets, once for strategies that select the same images."""
        known: dict[tuple[float, bytes], CellKey] = {}
        for key in keys:
            rows = self._rows(key)
            first = known.setdefault((key.keep_ratio, rows.tobytes()), key)
            if first == key:
                yield key, rows
            else:
                self.equal[key] = first

    def _measured(self, work: Iterable[_Work], progress: SharedProgress) -> Iterable[tuple[CellKey, Cell]]:
        def measure(one: _Work) -> tuple[CellKey, Cell]:
            key, rows = one
            report = progress.of(key)
            report(0, 1, "")  # a cell does not begin after a stop
            n = target_size(key.keep_ratio, len(self.candidates))
            return key, Cell(len(rows), self.probe.measure(rows, n, key.seed, report))

        return map(measure, work) if self.probe.at_once == 1 else map_ordered(measure, work, self.probe.at_once)

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
            probe=self.probe.name,
            n_test=n_test,
            n_train=len(self.candidates),
            complete=complete,
        )

    def _key(self, strategy: str, keep_ratio: float, seed: int) -> CellKey:
        """Return the key of a cell; a strategy without a seed has one cell for all seeds."""
        seeded = (strategy != GIVEN and STRATEGIES[strategy].seeded) or self.probe.seeded
        return CellKey(self.probe.name, strategy, keep_ratio, seed if seeded else 0)

    def _cell(self, strategy: str, keep_ratio: float, seed: int) -> Cell:
        cell = self.cells.get(self._key(strategy, keep_ratio, seed))
        assert cell is not None, "measured before"
        return cell

    def _rows(self, key: CellKey) -> Ints:
        """Return the subset of a cell."""
        n = target_size(key.keep_ratio, len(self.candidates))
        rows = self.given if key.strategy == GIVEN else STRATEGIES[key.strategy].select(self.candidates, n, key.seed)
        assert rows is not None, "a strategy without a selection"
        return rows

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
