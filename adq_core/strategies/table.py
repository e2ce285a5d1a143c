"""The table of all strategies: what each needs and costs, and where it was published."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from adq_core.errors import unknown_name
from adq_core.records import Ints

from .candidates import Candidates
from .coverage import facility_location_subset, herding_subset, k_centre_subset
from .difficulty import adq_margin_subset, ccs_subset, margin_subset, window_subset
from .random_draws import adq_subset, balanced_subset, random_subset, uniform_bins_subset

BASELINE = "balanced"


class Strategy(NamedTuple):
    """A way to select a subset: `select(candidates, n, seed)` returns n rows, ascending."""

    select: Callable[[Candidates, int, int], Ints]
    summary: str
    reference: str
    seeded: bool = True  # False: the same subset for every seed
    needs_classes: bool = False  # at least two
    uses: str = "vectors"  # what decides the subset besides classes: vectors, bins (and their draw order), or scores


# A new strategy is one function, one line here and nothing else: the contract test runs over this table.
STRATEGIES: dict[str, Strategy] = {
    "random": Strategy(random_subset, "Random images, without regard to classes", ""),
    "balanced": Strategy(balanced_subset, "Random images, from each class its share", ""),
    "uniform-bins": Strategy(
        uniform_bins_subset, "Equally many images of each bin", "Zhou et al. 2023, arXiv 2308.10524", uses="bins"
    ),
    "adq": Strategy(adq_subset, "Quotas by importance and alpha", "Li et al. 2025, arXiv 2412.16895", uses="scores"),
    "k-centre": Strategy(
        k_centre_subset, "Images far from those already selected", "Sener and Savarese 2018, arXiv 1708.00489", False
    ),
    "herding": Strategy(
        herding_subset, "Images whose mean is that of the class", "Welling 2009; arXiv 1611.07725", False
    ),
    "facility-location": Strategy(
        facility_location_subset, "Images that are similar to all others", "Mirzasoleiman 2020, arXiv 1906.01827", False
    ),
    "ccs": Strategy(
        ccs_subset, "Equally many images of each difficulty", "Zheng et al. 2023, arXiv 2210.15809", needs_classes=True
    ),
    "window": Strategy(
        window_subset, "The best window of difficulty", "Choi et al. 2024, arXiv 2406.03057", False, needs_classes=True
    ),
    "margin": Strategy(
        margin_subset, "Balanced random images without the most ambiguous ones", "this project", needs_classes=True
    ),
    "adq+margin": Strategy(
        adq_margin_subset, "ADQ without the most ambiguous images", "this project", needs_classes=True, uses="scores"
    ),
}


def strategy_names(names: list[str] | None, n_classes: int) -> list[str]:
    """Return the strategies to compare: the given ones, or all that this number of classes allows.

    Raises `SettingsError` for an unknown name.
    """
    for name in names or ():
        if name not in STRATEGIES:
            raise unknown_name("strategy", name, STRATEGIES)
    chosen = names or list(STRATEGIES)
    return [name for name in chosen if n_classes > 1 or not STRATEGIES[name].needs_classes]
