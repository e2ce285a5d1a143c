"""The stages that select the subset: the draw of a strategy, quotas, the draw order and the selection.

`Run` in `pipeline.py` inherits them. For ADQ, quotas come from the scores of the bins, and each bin gives its first
images in the draw order. Any other strategy makes a draw first (`strategy_draw`); quotas are then its images in each
bin, and the draw order of each bin begins with them. So `selection` is one function for all strategies, and the map,
the pages, checks and files read quotas, draw order and selection without knowing the strategy.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from adq_core.quotas import Bounds, bounds_of, make_quotas, realised_quotas, target_size
from adq_core.selection import HandLists, draw_order, select, selected_first
from adq_core.strategies import ADQ, STRATEGIES, Candidates, Draw, draw_with_lists

from .linalg import one_blas_thread
from .records import Bins, BinScores, DrawOrder, Embeddings, Floats, Quotas, Selection, Texture
from .settings_check import check_lists
from .stage_results import StageResults, cached_property


class SelectionStages(StageResults):
    """The last stages of a run; they read the earlier ones, which `Run` defines."""

    if TYPE_CHECKING:

        @cached_property
        def embeddings(self) -> Embeddings: ...  # noqa: D102
        @cached_property
        def bins(self) -> Bins: ...  # noqa: D102
        @cached_property
        def texture(self) -> Texture: ...  # noqa: D102
        @cached_property
        def scores(self) -> BinScores: ...  # noqa: D102

    @cached_property
    def hand_lists(self) -> HandLists:
        """The images that are always kept, and those that are never taken."""
        return check_lists(self.settings, self.dataset)

    @property
    def has_lists(self) -> bool:
        """Return whether some images are always kept or never taken."""
        return self.settings.always is not None or self.settings.never is not None

    @property
    def bounds(self) -> Bounds | None:
        """How many images each bin must and may give; None if no image is on a list."""
        if not self.has_lists:
            return None
        lists, bins = self.hand_lists, self.bins
        return bounds_of(bins.bin_of, lists.always, lists.never, bins.n_bins)

    @cached_property
    def candidates(self) -> Candidates:
        """All images, with everything that the strategy of the settings reads."""
        s, data, inputs = self.effective, self.dataset, self.inputs("strategy_draw")
        return Candidates(
            labels=data.labels,
            n_classes=data.n_classes,
            vectors=self.embeddings.vectors if "embeddings" in inputs else None,
            bins=self.bins if "bins" in inputs else None,
            importance=self.scores.importance if "scores" in inputs else None,
            texture=self.texture_values if "texture" in inputs else None,
            rule=s.rule,
            alpha=s.alpha,
            draw_order=s.draw_order,
            seed=s.seed,
            progress=self.progress,
        )

    @cached_property
    def strategy_draw(self) -> Draw:
        """The subset of the strategy and the order in which it takes images, if the strategy is not ADQ."""
        return self._fetch("strategy_draw", Draw, lambda key: self.strategy_draw_of(self.settings.seed, key))

    def strategy_draw_of(self, seed: int, key: str = "") -> Draw:
        """Return the draw of the strategy with another seed of the draw; it is not stored.

        Margins and the shares that a strategy leaves out stay those of the seed of the settings.
        """
        s, n, lists = self.effective, target_size(self.settings.keep_ratio, len(self.dataset)), self.hand_lists
        candidates = self.candidates
        with one_blas_thread():  # otherwise the last digits of margins, and so the bytes, differ between runs
            draw = draw_with_lists(STRATEGIES[s.strategy].draw, candidates, n, seed, lists.always, lists.never)
        return replace(draw, key=key)

    @cached_property
    def quotas(self) -> Quotas:
        """The number of images that each bin gives. Cheap: computed again in each run, never stored."""
        s, bins, key = self.settings, self.bins, self.key("quotas")
        if self.settings.strategy != ADQ:
            selected = self.strategy_draw.selected
            return realised_quotas(
                selected, bins.bin_of, bins.n_bins, strategy=s.strategy, keep_ratio=s.keep_ratio, key=key
            )
        return make_quotas(
            self.scores.importance,
            bins.capacity,
            rule=s.rule,
            alpha=s.alpha,
            keep_ratio=s.keep_ratio,
            bounds=self.bounds,
            key=key,
        )

    @cached_property
    def draw_order(self) -> DrawOrder:
        """The order in which each bin gives its images; of another strategy than ADQ: its subset comes first."""
        if self.settings.strategy != ADQ:
            draw, bins = self.strategy_draw, self.bins
            name = self.settings.strategy
            return self._fetch(
                "draw_order",
                DrawOrder,
                lambda key: selected_first(
                    draw.selected, draw.place, bins.bin_of, n_bins=bins.n_bins, name=name, key=key
                ),
            )
        return self._fetch("draw_order", DrawOrder, lambda key: self.draw_order_of(self.settings.seed, key))

    def draw_order_of(self, seed: int, key: str = "") -> DrawOrder:
        """Return the order in which each bin gives its images with another seed; it is not stored."""
        bins = self.bins
        return draw_order(
            bins.bin_of,
            self.dataset.labels,
            bins.rank,
            self.texture_values,
            n_bins=bins.n_bins,
            order=self.settings.draw_order,
            seed=seed,
            always=self.hand_lists.always if self.has_lists else None,
            never=self.hand_lists.never if self.has_lists else None,
            key=key,
        )

    @property
    def texture_values(self) -> Floats:
        """The texture of every image, (M,); zeros where the data set has no images."""
        return self.texture.values if self.uses("texture") else np.zeros(len(self.dataset))

    @cached_property
    def selection(self) -> Selection:
        """The subset. Cheap: computed again in each run, never stored."""
        return select(self.draw_order, self.bins.bin_of, self.quotas, key=self.key("selection"))
