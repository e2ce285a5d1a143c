"""Label doubts: images that a probe, fitted without them, gives to another class."""

from __future__ import annotations

import numpy as np

from .subject import Subject
from .verdict import Verdict

NAN = float("nan")
MUCH = 0.15  # share of doubtful images above which either labels or the embedding are poor
Z = 3.0  # standard errors by which the subset's share may exceed that of the set


def check_labels(subject: Subject) -> list[Verdict]:
    """Return a verdict on the images of negative out-of-fold margin, worst first, in the set and in the subset.

    How it misleads: hard and rare images have negative margins too. The list is for looking, not for deleting. Compare
    `cleanlab.filter.find_label_issues`, which ranks by a similar margin.
    """
    if subject.margins is None:
        return [
            Verdict("labels.doubts", "unknown", NAN, "", "Labels can be doubted only with two classes and 5 images.")
        ]
    margin, other = subject.margins
    doubtful = margin < 0
    worst = np.argsort(margin, kind="stable")[: int(doubtful.sum())]
    share, inside = float(doubtful.mean()), float(doubtful[subject.selected].mean())
    spread = np.sqrt(max(share * (1 - share), 1e-12) / max(1, subject.n_selected))
    reference = f"{share:.1%} of the set"
    sentence = (
        f"A probe that has not seen an image prefers another class for {share:.1%} of the set and {inside:.1%} of the "
        "subset"
    )
    if len(worst):
        row = int(worst[0])
        names = subject.dataset.class_names
        sentence += (
            f"; the clearest is {subject.dataset.ids[row]}: {names[subject.labels[row]]} or {names[other[row]]}?"
        )
    else:
        sentence += "."
    if inside > share + Z * spread:
        action = "The selection prefers doubtful images: use the strategy margin, which leaves the most doubtful out."
        return [Verdict("labels.doubts", "bad", inside, reference, sentence, action, rows=worst[:, None])]
    if share > MUCH:
        action = "Look at the list, worst first; if the labels are right, try another embedding."
        return [Verdict("labels.doubts", "watch", inside, reference, sentence, action, rows=worst[:, None])]
    return [Verdict("labels.doubts", "good", inside, reference, sentence, rows=worst[:, None])]
