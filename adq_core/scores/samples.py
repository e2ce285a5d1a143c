"""Class-balanced samples of large bins, on which diversity is measured."""

from __future__ import annotations

import numpy as np

from adq_core.records import Ints

STREAM = 512  # third part of the seed, so that samples and augmentations use different random numbers
LEAST = 2  # sampled images per stratum: one image has no spread


def sample_bins(bin_of: Ints, labels: Ints, n_bins: int, limit: int, *, seed: int = 0) -> Ints:
    """Return the rows on which diversity is measured, (K,) int64 ascending: `limit` of each larger bin, all of others.

    bin_of (M,), labels (M,). `limit` is at least 2, or 0 for all rows. A larger bin is sampled without replacement
    from each of the strata of `stratify`, by a generator of its own: the sample of a bin depends on the seed, the
    number of the bin and its images only.
    """
    samples = []
    for number in range(n_bins):
        rows = np.flatnonzero(bin_of == number)
        if limit and len(rows) > limit:
            rng = np.random.default_rng([seed, number, STREAM])
            stratum, counts = stratify(labels[rows], limit)
            parts = [rng.choice(rows[stratum == s], count, replace=False) for s, count in enumerate(counts.tolist())]
            rows = np.concatenate(parts)
        samples.append(rows)
    return np.sort(np.concatenate(samples)).astype(np.int64)


def stratify(labels: Ints, count: int) -> tuple[Ints, Ints]:
    """Return the stratum of every image of a bin, (N,), and the number of images to sample from each stratum.

    labels (N,): the classes of the bin's images; count: sampled images in total, below N. They are allotted to the
    classes in proportion to their sizes, by largest remainders; the lower class wins a tie. A class is a stratum if at
    least two of its images are sampled. All other classes are one stratum, together with further small classes if
    fewer than two of their images are sampled: the spread within a stratum cannot be estimated from one image.
    """
    _, class_of, sizes = np.unique(labels, return_inverse=True, return_counts=True)
    allotted = largest_remainders(sizes, count)
    ascending = np.argsort(allotted, kind="stable")
    n_pooled = int((allotted < LEAST).sum())
    while 0 < n_pooled < len(sizes) and allotted[ascending[:n_pooled]].sum() < LEAST:
        n_pooled += 1
    stratum_of_class = np.empty(len(sizes), np.int64)
    stratum_of_class[ascending[:n_pooled]] = 0
    own_stratum = np.sort(ascending[n_pooled:])
    stratum_of_class[own_stratum] = np.arange(len(own_stratum)) + min(n_pooled, 1)
    counts = np.bincount(stratum_of_class, weights=allotted).astype(np.int64)
    return stratum_of_class[class_of], counts


def largest_remainders(sizes: Ints, total: int) -> Ints:
    """Return whole numbers in proportion to `sizes` that sum to `total`; the lower index wins an equal remainder."""
    exact = total * np.asarray(sizes, np.int64)
    allotted, remainder = np.divmod(exact, sizes.sum())
    by_remainder = np.argsort(-remainder, kind="stable")
    allotted[by_remainder[: total - allotted.sum()]] += 1
    return np.asarray(allotted)
