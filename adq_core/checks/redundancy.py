"""Redundancy: near duplicates in the subset and the set, one image under two labels, test images in the subset."""

from __future__ import annotations

import numpy as np

from .duplicates import grey_thumbnails, image_hashes, look_alike, near_pairs
from .subject import Subject
from .verdict import Verdict

WATCH = 0.01  # share of the images that are copies of others
NAN = float("nan")
ONE_OF_EACH = "Keep one image of each group."


def check_redundancy(subject: Subject) -> list[Verdict]:
    """Return verdicts on copies in the subset, copies in the set, conflicting labels and leakage of test images."""
    if not subject.dataset.has_images:
        return [Verdict("redundancy.subset", "unknown", NAN, "", "The data set has vectors but no images to compare.")]
    verdicts = [_subset(subject), _set(subject), _conflicts(subject)]
    return verdicts if subject.test is None else [*verdicts, _leakage(subject)]


def _subset(subject: Subject) -> Verdict:
    """A copy in a small subset is a wasted place."""
    pairs = subject.duplicates.pairs
    inside = pairs[subject.selected[pairs].all(axis=1)]
    groups = subject.duplicates.group_of[subject.selected]
    groups = groups[groups >= 0]
    extra = len(groups) - len(np.unique(groups))
    if not extra:
        return Verdict("redundancy.subset", "good", 0, "0 images", "No two images of the subset look alike.")
    sentence = f"{extra:,} of {subject.n_selected:,} images of the subset are near duplicates of another one in it."
    level = "bad" if extra > WATCH * subject.n_selected else "watch"
    return Verdict("redundancy.subset", level, extra, "0 images", sentence, ONE_OF_EACH, rows=inside)


def _set(subject: Subject) -> Verdict:
    extra = subject.duplicates.extra
    share = extra / len(subject.dataset)
    if not extra:
        return Verdict("redundancy.set", "good", 0, f"up to {WATCH:.0%}", "No two images of the set look alike.")
    sentence = f"{extra:,} images ({share:.1%}) of the set are near duplicates of another one."
    level = "watch" if share > WATCH else "good"
    action = "Remove copies before bins are made: they fill bins and count twice." if level == "watch" else ""
    return Verdict(
        "redundancy.set", level, share, f"up to {WATCH:.0%}", sentence, action, rows=subject.duplicates.pairs
    )


def _conflicts(subject: Subject) -> Verdict:
    """The same image under two labels: one of the labels is wrong."""
    pairs = subject.duplicates.pairs
    different = pairs[subject.labels[pairs[:, 0]] != subject.labels[pairs[:, 1]]]
    name, reference = "redundancy.conflicting_labels", "0 pairs"
    if not len(different):
        return Verdict(name, "good", 0, reference, "No image is there under two labels.")
    first, second = different[0]
    names = subject.dataset.class_names
    sentence = (
        f"{len(different):,} pairs of images look alike and have different labels, for example "
        f"{names[subject.labels[first]]} and {names[subject.labels[second]]}."
    )
    return Verdict(name, "bad", len(different), reference, sentence, "Correct one label of each pair.", rows=different)


def _leakage(subject: Subject) -> Verdict:
    """A test image in the training subset makes the test result too good."""
    assert subject.test is not None
    hashes = image_hashes(subject.test, progress=subject.progress)
    rows = np.flatnonzero(subject.selected)
    pairs = near_pairs(subject.hashes[rows], hashes)
    if len(pairs):
        alike = look_alike(
            grey_thumbnails(subject.dataset, rows[pairs[:, 0]]), grey_thumbnails(subject.test, pairs[:, 1])
        )
        pairs = pairs[alike]
    found = np.unique(rows[pairs[:, 0]])
    name, reference = "redundancy.leakage", "0 images"
    if not len(found):
        sentence = f"No image of the subset looks like one of the {len(subject.test):,} test images."
        return Verdict(name, "good", 0, reference, sentence)
    sentence = f"{len(found):,} images of the subset look like a test image."
    action = "Remove these images from the training set."
    return Verdict(name, "bad", len(found), reference, sentence, action, rows=found[:, None])
