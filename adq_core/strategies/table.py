"""The table of all strategies: what each needs and costs, and where it was published."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from adq_core.errors import unknown_name
from adq_core.records import Ints

from .candidates import Candidates
from .coverage import facility_location_subset, herding_subset, k_centre_subset
from .difficulty import adq_margin_subset, ccs_subset, margin_subset, window_subset
from .draws import Draw
from .random_draws import adq_subset, balanced_subset, random_subset, uniform_bins_subset

BASELINE = "balanced"
ADQ = "adq"
OF_ADQ = ("rule", "alpha", "draw_order", "seed")


class Strategy(NamedTuple):
    """A way to select a subset: `draw(candidates, n, seed)` returns the draw of n images."""

    draw: Callable[[Candidates, int, int], Draw]
    summary: str
    reference: str
    cost: str  # of a selection, once the embedding exists
    groups: str  # of its draws: set, class, bin or level (of difficulty)
    reads: tuple[str, ...] = ()  # stages that decide the subset, besides the classes of the data set
    settings: tuple[str, ...] = ("seed",)  # that decide the subset, besides the keep ratio
    seeded: bool = True  # False: the same subset for every seed of the draw
    needs_classes: bool = False  # at least two

    def select(self, candidates: Candidates, n: int, seed: int) -> Ints:
        """Return the rows of n images, ascending."""
        return self.draw(candidates, n, seed).rows


# A new strategy is one function, one line here, one choice of `Settings.strategy`, and its explanation in
# `app/text/strategies.py`; the contract test and the tests of runs and pages go over this table.
STRATEGIES: dict[str, Strategy] = {
    "random": Strategy(random_subset, "Random images, without regard to classes", "", "no time", "set"),
    "balanced": Strategy(balanced_subset, "Random images, from each class its share", "", "no time", "class"),
    "uniform-bins": Strategy(
        uniform_bins_subset, "The same share of each bin", "Zhou et al. 2023, arXiv 2308.10524", "no time after that",
        "bin", ("bins",), ("draw_order", "seed"),
    ),
    "adq": Strategy(
        adq_subset, "Quotas by importance and alpha", "Li et al. 2025, arXiv 2412.16895", "no time after that",
        "bin", ("bins", "scores"), OF_ADQ,
    ),
    "k-centre": Strategy(
        k_centre_subset, "Images far from those already selected", "Sener and Savarese 2018, arXiv 1708.00489",
        "seconds for 50,000 images", "class", ("embeddings",), (), False,
    ),
    "herding": Strategy(
        herding_subset, "Images whose mean is that of the class", "Welling 2009; arXiv 1611.07725",
        "seconds for 50,000 images", "class", ("embeddings",), (), False,
    ),
    "facility-location": Strategy(
        facility_location_subset, "Images that together are similar to all others",
        "Mirzasoleiman et al. 2020, arXiv 1906.01827", "seconds for 50,000 images", "class",
        ("embeddings",), ("seed",), False,
    ),
    "ccs": Strategy(
        ccs_subset, "Equally many images of each difficulty", "Zheng et al. 2023, arXiv 2210.15809",
        "seconds for 50,000 images", "level", ("embeddings",), needs_classes=True,
    ),
    "window": Strategy(
        window_subset, "The best window of difficulty", "Choi et al. 2024, arXiv 2406.03057",
        "seconds for 50,000 images", "class", ("embeddings",), ("seed",), False, True,
    ),
    "margin": Strategy(
        margin_subset, "Balanced random images without the most ambiguous ones", "a strategy of this project",
        "seconds for 50,000 images", "class", ("embeddings",), needs_classes=True,
    ),
    "adq+margin": Strategy(
        adq_margin_subset, "ADQ without the most ambiguous images", "a strategy of this project",
        "seconds for 50,000 images", "bin", ("embeddings", "bins", "scores"), OF_ADQ,
        needs_classes=True,
    ),
}  # fmt: skip


def strategy_names(names: list[str] | None, n_classes: int) -> list[str]:
    """Return the strategies to compare: the given ones, or all that this number of classes allows.

    Raises `SettingsError` for an unknown name.
    """
    for name in names or ():
        if name not in STRATEGIES:
            raise unknown_name("strategy", name, STRATEGIES)
    chosen = names or list(STRATEGIES)
    return [name for name in chosen if n_classes > 1 or not STRATEGIES[name].needs_classes]
