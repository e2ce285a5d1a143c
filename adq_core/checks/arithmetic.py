"""Arithmetic of the quotas: do they meet their target, and is any bin or class left empty?"""

from __future__ import annotations

import numpy as np

from adq_core.quotas import Bounds, make_quotas, quota_table, target_size
from adq_core.records import Bins, BinScores, Quotas

from .subject import Subject
from .verdict import Verdict

NAN = float("nan")


def check_arithmetic(subject: Subject) -> list[Verdict]:
    """Return verdicts on the sum of the quotas, empty bins and classes, and the literal rule of the paper."""
    verdicts = [_classes(subject)]
    if subject.quotas is not None and subject.scores is not None and subject.bins is not None:
        verdicts = [
            _total(subject, subject.quotas),
            _empty_bins(subject.bins, subject.scores, subject.quotas, subject.bounds),
            *verdicts,
            _literal_rule(subject.scores, subject.quotas),
        ]
    elif subject.strategy and subject.bins is not None:
        verdicts = [_total_of_strategy(subject), _bins_without_images(subject, subject.bins), *verdicts]
    return verdicts


def _total_of_strategy(subject: Subject) -> Verdict:
    total, target = subject.n_selected, subject.target
    sentence = f"The strategy {subject.strategy} selects {total:,} images"
    if total == target:
        return Verdict("arithmetic.total", "good", total, f"{target:,} images", f"{sentence}, as asked for.")
    return Verdict(
        "arithmetic.total", "bad", total, f"{target:,} images", f"{sentence}, but the keep ratio asks for {target:,}.",
        "Choose the quota rule budget, which meets the keep ratio.", {"rule": "budget"},
    )  # fmt: skip


def _bins_without_images(subject: Subject, bins: Bins) -> Verdict:
    """The same as `_empty_bins` for a subset without quotas: no alpha would fill the bins."""
    given = np.bincount(bins.bin_of[subject.selected], minlength=bins.n_bins)
    empty = np.flatnonzero((given == 0) & (bins.capacity > 0))
    name, reference = "arithmetic.empty_bins", "0 bins"
    if not len(empty):
        return Verdict(name, "good", 0, reference, "The subset has images of every bin.")
    sentence = f"The subset has no image of {len(empty)} of {bins.n_bins} bins."
    if subject.n_selected < bins.n_bins or subject.strategy == "uniform-bins":
        return Verdict(name, "watch", len(empty), reference, sentence, "Keep more images or use fewer bins.")
    return Verdict(
        name, "watch", len(empty), reference, sentence,
        "Choose the strategy uniform-bins, which takes the same share of each bin.", {"strategy": "uniform-bins"},
    )  # fmt: skip


def _total(subject: Subject, quotas: Quotas) -> Verdict:
    target = target_size(quotas.keep_ratio, len(subject.dataset))
    total = int(quotas.quota.sum())
    over = int((quotas.quota > quotas.capacity).sum())
    if total == target and not over:
        sentence = f"The quotas sum to {total:,}, as asked for, and no bin gives more images than it has."
        return Verdict("arithmetic.total", "good", total, f"{target:,} images", sentence)
    sentence = f"The quotas sum to {total:,}, but the keep ratio asks for {target:,}."
    if over:
        sentence = f"{over} bins would have to give more images than they have."
    return Verdict(
        "arithmetic.total", "bad", total, f"{target:,} images", sentence,
        "Choose the quota rule budget, which meets the keep ratio.", {"rule": "budget"},
    )  # fmt: skip


def _empty_bins(bins: Bins, scores: BinScores, quotas: Quotas, bounds: Bounds | None) -> Verdict:
    """A bin without a selected image is a part of the set that training never sees."""
    empty = np.flatnonzero((quotas.quota == 0) & (bins.capacity > 0))
    enough = int(quotas.quota.sum()) >= bins.n_bins
    name, reference = "arithmetic.empty_bins", "0 bins"
    if not len(empty):
        return Verdict(name, "good", 0, reference, "Every bin gives at least one image.")
    if not enough:
        sentence = f"{len(empty)} of {bins.n_bins} bins give no image, because fewer images than bins are kept."
        return Verdict(name, "watch", len(empty), reference, sentence, "Keep more images or use fewer bins.")
    table = quota_table(
        scores.importance, bins.capacity, rule="budget" if quotas.rule == "paper" else quotas.rule,
        keep_ratio=quotas.keep_ratio, bounds=bounds,
    )  # fmt: skip
    filled = np.flatnonzero((table.quota > 0).all(axis=1))
    filled = filled[table.alpha[filled] <= quotas.alpha]
    which = ", ".join(map(str, empty[:5].tolist())) + (" ..." if len(empty) > 5 else "")
    sentence = f"{len(empty)} of {bins.n_bins} bins give no image (bin {which}), although enough images are kept."
    if len(filled):
        alpha = float(table.alpha[filled[-1]])
        return Verdict(
            name, "bad", len(empty), reference, sentence, f"Lower alpha to {alpha:.2f}, where every bin gives images.",
            {"alpha": alpha},
        )  # fmt: skip
    return Verdict(name, "bad", len(empty), reference, sentence, "Keep more images.")


def _classes(subject: Subject) -> Verdict:
    counts = np.bincount(subject.labels[subject.selected], minlength=subject.dataset.n_classes)
    missing = np.flatnonzero(counts == 0)
    name, reference = "arithmetic.empty_classes", "0 classes"
    if not len(missing):
        return Verdict(name, "good", 0, reference, "Every class is in the subset.")
    names = ", ".join(subject.dataset.class_names[label] for label in missing[:3]) + (
        " ..." if len(missing) > 3 else ""
    )
    sentence = f"{len(missing)} of {len(counts)} classes are not in the subset: {names}."
    if subject.n_selected < len(counts):
        return Verdict(name, "watch", len(missing), reference, sentence, "Keep at least one image per class.")
    return Verdict(
        name, "bad", len(missing), reference, sentence,
        "Divide each class into bins separately (pool: class), or keep more images.", {"pool": "class"},
    )  # fmt: skip


def _literal_rule(scores: BinScores, quotas: Quotas) -> Verdict:
    """For the reader of the paper: what its equation keeps, word for word."""
    paper = make_quotas(
        scores.importance, quotas.capacity, rule="paper", alpha=quotas.alpha, keep_ratio=quotas.keep_ratio
    )
    kept, total = int(paper.quota.sum()), int(quotas.capacity.sum())
    sentence = (
        f"The equation of the paper, word for word, would keep {kept:,} of {total:,} images "
        f"({kept / total:.1%}) at alpha {quotas.alpha:g}, whatever the keep ratio is."
    )
    if quotas.rule == "paper":
        return Verdict(
            "arithmetic.literal_rule", "watch", kept, f"{target_size(quotas.keep_ratio, total):,} images", sentence,
            "Choose the quota rule budget, which meets the keep ratio.", {"rule": "budget"},
        )  # fmt: skip
    return Verdict("arithmetic.literal_rule", "good", kept, "information", sentence + " This run does not use it.")
