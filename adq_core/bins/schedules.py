"""Bin sizes of a pool of n images. A pool of fewer images than bins has one image in each of its first n bins."""

from __future__ import annotations


def equal_sizes(n: int, n_bins: int, fraction: float = 0.0) -> list[int]:
    """Return bin sizes that differ by at most one, larger ones first (the published round(n/m) can leave one empty).

    With n < n_bins, the first n bins have one image and the others none.
    """
    return [n // n_bins + (number < n % n_bins) for number in range(n_bins)]


def geometric_sizes(n: int, n_bins: int, fraction: float = 0.0) -> list[int]:
    """Return sizes that are each round(`fraction` of the images left), 1/n_bins where it is 0; the last is the rest.

    No bin is left empty if n >= n_bins; else the first n bins have one image. 5,000 in ten: 500, 450, 405, 364, 328,
    295, 266, 239, 215, 1938, as in the published code.
    """
    if n < n_bins:
        return equal_sizes(n, n_bins)
    sizes: list[int] = []
    for later in range(n_bins - 1, 0, -1):
        left = n - sum(sizes)
        sizes.append(max(1, min(round(left * (fraction or 1 / n_bins)), left - later)))
    return [*sizes, n - sum(sizes)]


SCHEDULES = {"equal": equal_sizes, "geometric": geometric_sizes}
