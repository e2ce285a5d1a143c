"""Settings that an open data set refutes, found before any stage is computed, and notes about small classes."""

from __future__ import annotations

import numpy as np

from adq_core.data import ImageDataset

from .checking import check_n_bins, check_strategy, check_two_classes
from .quotas import bounds_of, check_keep_ratio, target_size, total_within
from .records import Ints
from .selection import HandLists, hand_lists
from .settings import Settings
from .settings_without_images import effective_settings
from .strategies import STRATEGIES

MAX_NAMED = 5  # classes that a note names


def check(settings: Settings, dataset: ImageDataset) -> Settings:
    """Return the settings in force for this data set, see `effective_settings`.

    Raises `SettingsError` for settings that cannot work with the numbers of images and classes: a keep ratio that keeps
    no image, more bins than the largest pool has images, and the gradient kernel or a strategy that needs classes with
    one class. The number of images is known when the set is open, so nothing is computed before.
    """
    effective = effective_settings(settings, dataset)
    check_keep_ratio(settings.keep_ratio, len(dataset))
    check_lists(settings, dataset)
    check_n_bins(settings.n_bins, pool_sizes(settings, dataset).tolist(), settings.pool)
    if settings.kernel == "gradient":
        check_two_classes(len(np.unique(dataset.labels)))
    if STRATEGIES[settings.strategy].needs_classes:
        others = [name for name, strategy in STRATEGIES.items() if not strategy.needs_classes]
        check_strategy(settings.strategy, len(np.unique(dataset.labels)), len(dataset), others)
    return effective


def check_lists(settings: Settings, dataset: ImageDataset) -> HandLists:
    """Return the images that are always kept and never taken.

    Raises `SettingsError` if a list names images that the data set does not have, more images are always kept than the
    target, or none may be taken. The equation of the paper has no target.
    """
    lists = hand_lists(dataset, settings.always, settings.never)
    if lists.any:
        one_bin = np.zeros(len(dataset), np.int64)
        bounds = bounds_of(one_bin, lists.always, lists.never, 1)
        target = target_size(settings.keep_ratio, len(dataset)) if settings.rule != "paper" else len(dataset)
        assert bounds is not None
        total_within(bounds, target)
    return lists


def pool_sizes(settings: Settings, dataset: ImageDataset) -> Ints:
    """Return the number of images of each pool that is divided into bins: of each class, or of the whole set."""
    return dataset.class_counts if settings.pool == "class" else np.array([len(dataset)])


def small_class_notes(settings: Settings, dataset: ImageDataset) -> tuple[str, ...]:
    """Return a note for the user on classes with fewer images than bins; none if there are none."""
    sizes = pool_sizes(settings, dataset)
    small = np.flatnonzero((sizes > 0) & (sizes < settings.n_bins))
    if not len(small):
        return ()
    named = [f"{dataset.class_names[c]} ({sizes[c]:,})" for c in small[np.argsort(sizes[small], kind="stable")]]
    listed = ", ".join(named[:MAX_NAMED]) + (f" and {len(named) - MAX_NAMED:,} more" if len(named) > MAX_NAMED else "")
    least = int(sizes[small].min())
    n_classes = "1 class has" if len(small) == 1 else f"{len(small):,} classes have"
    return (
        f"{n_classes} fewer {dataset.kind} than the {settings.n_bins} bins: {listed}. The {dataset.kind} of such a "
        "class are in the first bins, one in each, and the later bins have none of it. For bins that all have every "
        f"class, use at most {least} bin{'s' if least > 1 else ''}, merge classes, or take all images as one pool.",
    )
