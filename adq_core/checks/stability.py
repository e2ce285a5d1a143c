"""Stability: does the subset depend on the seed and on small changes of alpha, and do the bins differ at all?"""

from __future__ import annotations

import numpy as np

from adq_core.quotas import make_quotas
from adq_core.records import BinScores, Bools, Ints, Quotas

from .subject import Subject
from .verdict import Verdict

STEP = 0.1  # of alpha
LOOSE = 0.9  # Jaccard index below which a step of alpha changes the subset much
AMPLIFIED = 20.0  # a difference of 5 % of the mean fills the range of 0 to 1


def check_stability(subject: Subject) -> list[Verdict]:
    """Return verdicts on the seed of the draw, on alpha, and on whether importance tells the bins apart."""
    if subject.strategy:
        return [_seeds_of_strategy(subject)]
    if subject.quotas is None or subject.bins is None or subject.scores is None:
        return []
    verdicts = [_alpha(subject, subject.quotas, subject.bins.bin_of, subject.scores), _amplification(subject.scores)]
    return [_seeds(subject, subject.quotas, subject.bins.bin_of), *verdicts] if subject.draw_positions else verdicts


def jaccard(first: Bools, second: Bools) -> float:
    """Return |A and B| / |A or B|; 1 for two empty selections."""
    union = int((first | second).sum())
    return float((first & second).sum() / union) if union else 1.0


def expected_jaccard(quota: Ints, capacity: Ints) -> float:
    """Return the Jaccard index that two random draws with these quotas share on average, about.

    A bin that gives q of N images shares q^2 / N of them with another draw. The index is taken at the mean.
    """
    shared = float((quota.astype(np.float64) ** 2 / np.maximum(capacity, 1)).sum())
    return shared / (2 * float(quota.sum()) - shared) if quota.sum() else 1.0


def _seeds_of_strategy(subject: Subject) -> Verdict:
    if not subject.other_selections:
        sentence = (
            f"The strategy {subject.strategy} draws nothing at random, so no seed of the draw changes the subset."
        )
        return Verdict("stability.seeds", "good", 1.0, "information", sentence)
    found = [jaccard(subject.selected, other) for other in subject.other_selections]
    labels, n_classes = subject.labels, subject.dataset.n_classes
    expected = expected_jaccard(
        np.bincount(labels[subject.selected], minlength=n_classes), np.bincount(labels, minlength=n_classes)
    )
    mean = float(np.mean(found))
    sentence = (
        f"Subsets of {len(found)} other seeds share {mean:.0%} of their images with this one (Jaccard index); random "
        f"draws from the same classes share {expected:.0%}."
    )
    return Verdict("stability.seeds", "good", mean, f"{expected:.2f} by chance", sentence)


def _seeds(subject: Subject, quotas: Quotas, bin_of: Ints) -> Verdict:
    found = [jaccard(subject.selected, position < quotas.quota[bin_of]) for position in subject.draw_positions]
    mean, expected = float(np.mean(found)), expected_jaccard(quotas.quota, quotas.capacity)
    sentence = (
        f"Subsets of {len(found)} other seeds share {mean:.0%} of their images with this one (Jaccard index); random "
        f"draws from the same bins share {expected:.0%}."
    )
    if mean > expected + 0.5 * (1 - expected):
        sentence += " The draw order decides most of the subset, not the seed."
    else:
        sentence += " Which images of a bin are taken is chance."
    return Verdict("stability.seeds", "good", mean, f"{expected:.2f} by chance", sentence)


def _alpha(subject: Subject, quotas: Quotas, bin_of: Ints, scores: BinScores) -> Verdict:
    found = []
    for alpha in (quotas.alpha - STEP, quotas.alpha + STEP):
        if 0 <= alpha <= 1:
            other = make_quotas(
                scores.importance,
                quotas.capacity,
                rule=quotas.rule,
                alpha=alpha,
                keep_ratio=quotas.keep_ratio,
                bounds=subject.bounds,
            ).quota
            shared, total = np.minimum(other, quotas.quota).sum(), np.maximum(other, quotas.quota).sum()
            found.append(float(shared / total) if total else 1.0)  # one draw order: the smaller quota is a part
    value = min(found)
    sentence = f"A change of alpha by {STEP:g} keeps at least {value:.0%} of the subset (Jaccard index)."
    if value >= LOOSE:
        return Verdict("stability.alpha", "good", value, f"at least {LOOSE:g}", sentence)
    return Verdict(
        "stability.alpha", "watch", value, f"at least {LOOSE:g}", sentence,
        "Report results for several values of alpha.",
    )  # fmt: skip


def _amplification(scores: BinScores) -> Verdict:
    values = {"Rep": scores.representativeness_amplification, "Div": scores.diversity_amplification}
    finite = {name: value for name, value in values.items() if np.isfinite(value)}
    name, reference = "stability.amplification", f"at most {AMPLIFIED:.0f}"
    if not finite:
        return Verdict(
            name, "watch", float("nan"), reference, "All bins have the same scores: importance decides nothing."
        )
    worst = max(finite, key=lambda key: finite[key])
    sentence = (
        f"The normalisation enlarges the relative differences between the bins up to {finite[worst]:.0f} times "
        f"({worst})."
    )
    if finite[worst] <= AMPLIFIED:
        return Verdict(name, "good", finite[worst], reference, sentence)
    return Verdict(
        name, "watch", finite[worst], reference, sentence, "Use the normalisation sum, which keeps ratios.",
        {"normalisation": "sum"},
    )  # fmt: skip
