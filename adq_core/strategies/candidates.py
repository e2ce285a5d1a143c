"""The images that a strategy may select, and everything that it may know about them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np

from adq_core.linalg import first_of_each_group
from adq_core.probes import out_of_fold_margins, probe_features
from adq_core.progress import Progress, no_progress
from adq_core.quotas import webster
from adq_core.records import Bins, Floats, Ints


@dataclass(frozen=True, eq=False)
class Candidates:
    """Images to select from: their labels, and what `Strategy.reads` names. Test images are not among them.

    What several strategies need (margins, greedy orders, chosen shares) is computed at the first request and kept.
    Raising `Cancelled` in `progress` stops a slow strategy.
    """

    labels: Ints  # (M,) indices of classes
    n_classes: int
    vectors: Floats | None = None  # (M, d)
    bins: Bins | None = None
    importance: Floats | None = None  # (m,) of the bins
    texture: Floats | None = None  # (M,) for the draw order "texture"
    rule: str = "budget"
    alpha: float = 0.65
    draw_order: str = "random"
    seed: int = 0  # of folds and choices; each selection has a seed of its own
    progress: Progress = no_progress
    _kept: dict[Any, Any] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.labels)

    def part(self, rows: Ints) -> Candidates:
        """Return some of the images as candidates, with the same bins and importance."""
        bins = self.bins
        return replace(
            self,
            labels=self.labels[rows],
            vectors=None if self.vectors is None else self.vectors[rows],
            bins=None
            if bins is None
            else replace(bins, bin_of=bins.bin_of[rows], rank=bins.rank[rows], gain=bins.gain[rows]),
            texture=None if self.texture is None else self.texture[rows],
            _kept={},
        )

    @cached_property
    def features(self) -> Floats:
        """The vectors as the probes take them, (M, d) float32."""
        return probe_features(self.known_vectors)

    @property
    def known_vectors(self) -> Floats:
        """The vectors, for a strategy that reads the embeddings."""
        if self.vectors is None:
            raise ValueError("This strategy needs vectors.")
        return self.vectors

    @property
    def known_bins(self) -> Bins:
        """The bins, for a strategy that reads them."""
        if self.bins is None:
            raise ValueError("This strategy needs bins.")
        return self.bins

    @cached_property
    def margin(self) -> Floats:
        """The out-of-fold margin of every image, (M,); small: hard, ambiguous or mislabelled.

        Five folds, drawn with `seed`; every image gets its margin from a probe that was fitted on the labels of the
        others, so the labels of all images are used.
        """
        found = out_of_fold_margins(self.features, self.labels, self.n_classes, seed=self.seed, progress=self.progress)
        return found[0]

    @cached_property
    def class_counts(self) -> Ints:
        """The number of images of each class, (C,)."""
        return np.bincount(self.labels, minlength=self.n_classes)

    def class_quotas(self, n: int, available: Ints | None = None) -> Ints:
        """Return how many of n images each class gives, (C,), in proportion to the sizes of the classes.

        available: (C,) images that may be taken (default: all); n is at most their sum.
        """
        capacity = self.class_counts if available is None else available
        return webster(self.class_counts.astype(np.float64), capacity, n)

    def keep(self, name: Any, compute: Callable[[], Any]) -> Any:
        """Return what `compute` returned for this name; it is called once."""
        if name not in self._kept:
            self._kept[name] = compute()
        return self._kept[name]


def first_of_each_class(priority: Floats, labels: Ints, quotas: Ints) -> Ints:
    """Return the rows of smallest priority of each class, `quotas[c]` of class c, ascending.

    A row with an infinite priority is not taken before the others are.
    """
    return np.sort(first_of_each_group(np.argsort(priority, kind="stable"), labels, quotas))
