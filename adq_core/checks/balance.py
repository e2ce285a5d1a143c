"""Balance: are the classes in the subset as frequent as in the set?"""

from __future__ import annotations

import numpy as np

from .subject import Subject
from .verdict import Verdict

RANDOM, FAR = 3.0, 4.5  # standard deviations of a random draw: beyond chance, far beyond it
UNEVEN = 10.0  # largest class / smallest class of a set above which accuracy on small classes suffers


def check_balance(subject: Subject) -> list[Verdict]:
    """Return verdicts on the classes of the subset against the set, and on the set itself."""
    return [_subset(subject), _set(subject)]


def _subset(subject: Subject) -> Verdict:
    """The deviation of each class in standard deviations of a random draw without replacement."""
    total, n = len(subject.dataset), subject.n_selected
    whole = np.bincount(subject.labels, minlength=subject.dataset.n_classes)
    counts = np.bincount(subject.labels[subject.selected], minlength=subject.dataset.n_classes)
    share = whole / total
    deviation = counts - n * share
    spread = np.sqrt(n * share * (1 - share) * (total - n) / max(1, total - 1))
    # One image is the rounding of a perfect draw, so it never counts.
    z = np.where(np.abs(deviation) > 1, np.abs(deviation) / np.maximum(spread, 1e-9), 0.0)
    worst = int(np.argmax(z)) if z.any() else int(np.argmax(np.abs(deviation)))
    change = float(deviation[worst])
    if not z.any():
        return Verdict(
            "balance.subset", "good", abs(change), "1 image", "Every class has its share, to within an image."
        )
    more = "more" if change > 0 else "fewer"
    sentence = (
        f"Class {subject.dataset.class_names[worst]} has {abs(change):.0f} images {more} than its share of the set "
        f"({counts[worst] / max(1, n):.1%} of the subset, {share[worst]:.1%} of the set)."
    )
    level = "bad" if z[worst] > FAR else "watch" if z[worst] > RANDOM else "good"
    action = (
        "" if level == "good" else "Draw each class in proportion: strategy balanced, or divide each class into bins."
    )
    return Verdict(
        "balance.subset", level, abs(change), f"up to {RANDOM * spread[worst]:.0f} images by chance", sentence, action,
        {} if level == "good" else {"pool": "class"},
    )  # fmt: skip


def _set(subject: Subject) -> Verdict:
    counts = subject.dataset.class_counts
    large, small = int(np.argmax(counts)), int(np.argmin(counts))
    ratio = float(counts[large] / max(1, counts[small]))
    names = subject.dataset.class_names
    if ratio <= UNEVEN:
        sentence = f"The largest class has {ratio:.1f} times as many images as the smallest."
        return Verdict("balance.set", "good", ratio, f"at most {UNEVEN:.0f}", sentence)
    sentence = (
        f"The set itself is uneven: {counts[large]:,} images of {names[large]} and {counts[small]:,} of {names[small]}."
    )
    return Verdict(
        "balance.set", "watch", ratio, f"at most {UNEVEN:.0f}", sentence,
        "Report accuracy per class, and keep a larger share of the small classes.",
    )  # fmt: skip
