"""Lists "always keep" and "never take": what they change in the selection, and what they cost."""

from __future__ import annotations

import numpy as np

from adq_core.linalg import unit_rows
from adq_core.records import Bools

from .coverage import MAX_IMAGES, nearest_distances
from .list_effect import ListEffect
from .subject import Subject
from .verdict import Verdict

WORSE_COVERAGE = 0.02  # relative growth of the mean distance that is worth a look
WORSE_BALANCE = 1.0  # images by which the largest deviation of a class may grow
NAN = float("nan")


def check_lists(subject: Subject) -> list[Verdict]:
    """Return verdicts on the lists of the user: size, balance, coverage and accuracy with and without them.

    None if no image is on a list. How it misleads: pinned images that are test images of the probe do not take part in
    the accuracy.
    """
    if subject.lists is None:
        return []
    effect = subject.lists
    return [_size(subject, effect), _balance(subject, effect), _coverage(subject, effect), _accuracy(effect)]


def _size(subject: Subject, effect: ListEffect) -> Verdict:
    """How many images are on the lists, and how many selected images are others because of them."""
    pinned, excluded = int(effect.always.sum()), int(effect.never.sum())
    added = int((effect.always & ~effect.plain).sum())
    removed = int((effect.never & effect.plain).sum())
    changed = int((subject.selected & ~effect.plain).sum())
    sentence = (
        f"{pinned:,} images are always kept ({added:,} of them would not be selected otherwise), {excluded:,} are "
        f"never taken ({removed:,} of them would be selected). {changed:,} of {subject.n_selected:,} selected images "
        "are others than without the lists."
    )
    return Verdict("lists.size", "good", changed, "information", sentence)


def _balance(subject: Subject, effect: ListEffect) -> Verdict:
    own, plain = _largest_deviation(subject, subject.selected), _largest_deviation(subject, effect.plain)
    sentence = (
        f"The class that is furthest from its share is off by {own:.1f} images, without the lists by {plain:.1f}."
    )
    if own > plain + WORSE_BALANCE:
        action = "Pin images of all classes, or leave out fewer of one class."
        return Verdict("lists.balance", "watch", own, f"{plain:.1f} images", sentence, action)
    return Verdict("lists.balance", "good", own, f"{plain:.1f} images", sentence)


def _largest_deviation(subject: Subject, selected: Bools) -> float:
    counts = np.bincount(subject.labels[selected], minlength=subject.dataset.n_classes)
    share = subject.dataset.class_counts / len(subject.dataset)
    return float(np.abs(counts - selected.sum() * share).max())


def _coverage(subject: Subject, effect: ListEffect) -> Verdict:
    own, plain = _mean_distance(subject, subject.selected), _mean_distance(subject, effect.plain)
    growth = own / plain - 1 if plain > 0 else 0.0
    sentence = (
        f"The mean distance of an image to the nearest selected one is {own:.3f}, without the lists {plain:.3f} "
        f"({growth:+.1%})."
    )
    if growth > WORSE_COVERAGE:
        action = "The lists cost coverage: pin fewer images that are alike, or keep more images."
        return Verdict("lists.coverage", "watch", own, f"{plain:.3f}", sentence, action)
    return Verdict("lists.coverage", "good", own, f"{plain:.3f}", sentence)


def _mean_distance(subject: Subject, selected: Bools) -> float:
    """Return the mean distance to the nearest selected image, of all images or of a seeded sample of a large set."""
    rows = np.arange(len(subject.dataset))
    if len(rows) > MAX_IMAGES:
        rows = np.sort(np.random.default_rng(subject.seed).permutation(len(rows))[:MAX_IMAGES])
    chosen = unit_rows(subject.vectors[selected], np.float32)
    return float(nearest_distances(unit_rows(subject.vectors[rows], np.float32), chosen).mean())


def _accuracy(effect: ListEffect) -> Verdict:
    if effect.reason:
        return Verdict("lists.accuracy", "unknown", NAN, "", effect.reason)
    points, width = 100 * effect.gain, 100 * effect.half_width
    sentence = (
        f"A probe trained on the selection is {abs(points):.1f} ± {width:.1f} points "
        f"{'more' if points >= 0 else 'less'} accurate with the lists than without them ({effect.n_seeds} seeds)."
    )
    if points + width < 0:
        action = "The lists cost accuracy: shorten them, or keep more images."
        return Verdict("lists.accuracy", "bad", points, "0 points", sentence, action)
    return Verdict("lists.accuracy", "good", points, "0 points", sentence)
