"""A selection, and everything that a check may look at."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from adq_core.data import ImageDataset
from adq_core.errors import InputError
from adq_core.probes import out_of_fold_margins, probe_features
from adq_core.progress import Progress, no_progress
from adq_core.quotas import Bounds
from adq_core.records import Bins, BinScores, Bools, Floats, Ints, Quotas

from .duplicates import DuplicateGroups, find_duplicates, image_hashes
from .list_effect import ListEffect


@dataclass(frozen=True, eq=False)
class Subject:
    """A selection from a data set. Checks of bins and quotas are left out where the selection was made elsewhere."""

    dataset: ImageDataset
    vectors: Floats  # (M, d)
    selected: Bools  # (M,)
    bins: Bins | None = None
    scores: BinScores | None = None
    quotas: Quotas | None = None
    draw_positions: tuple[Ints, ...] = ()  # (M,) draw positions of other seeds
    strategy: str = ""  # by which the selection was made, if it was made by a strategy without quotas
    target: int = 0  # images that the strategy was asked for
    other_selections: tuple[Bools, ...] = ()  # (M,) of the strategy with other seeds
    test: ImageDataset | None = None  # images that must not be in the selection
    bounds: Bounds | None = None  # of the quotas, if images are always kept or never taken
    lists: ListEffect | None = None  # None: no image is on a list of the user
    seed: int = 0
    progress: Progress = no_progress

    @property
    def labels(self) -> Ints:
        """Class of every image, (M,)."""
        return self.dataset.labels

    @property
    def n_selected(self) -> int:
        """Number of selected images."""
        return int(self.selected.sum())

    @property
    def keep_ratio(self) -> float:
        """Share of the images that is selected."""
        return self.n_selected / len(self.dataset)

    @cached_property
    def hashes(self) -> Ints:
        """Perceptual hash of every image, (M,) uint64."""
        return image_hashes(self.dataset, progress=self.progress)

    @cached_property
    def duplicates(self) -> DuplicateGroups:
        """Groups of images that look alike."""
        return find_duplicates(self.dataset, self.hashes)

    @cached_property
    def margins(self) -> tuple[Floats, Ints] | None:
        """Out-of-fold margin and preferred other class of every image; None for one class or a handful of images."""
        try:
            return out_of_fold_margins(
                probe_features(self.vectors), self.labels, self.dataset.n_classes, seed=self.seed
            )
        except InputError:
            return None
