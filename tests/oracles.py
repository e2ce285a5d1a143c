"""Slow and simple implementations of what adq_core computes; this module imports nothing from adq_core."""

from __future__ import annotations

from fractions import Fraction
from math import comb

import numpy as np

# --- texture, scores, quotas, sampling ---


def texture_of(image: np.ndarray) -> np.ndarray:
    """Return 0.5|gx| + 0.5|gy|, pixel by pixel; the border is reflected without repeating the edge."""
    height, width, _ = image.shape
    grey = (image.astype(np.float64) @ [0.299, 0.587, 0.114]) / 255

    def at(y: int, x: int) -> float:
        y = abs(y) if y < height else 2 * height - 2 - y
        x = abs(x) if x < width else 2 * width - 2 - x
        return float(grey[min(max(y, 0), height - 1), min(max(x, 0), width - 1)])

    out = np.empty((height, width))
    for y in range(height):
        for x in range(width):
            gx = sum(w * (at(y + dy, x + 1) - at(y + dy, x - 1)) for dy, w in ((-1, 1), (0, 2), (1, 1)))
            gy = sum(w * (at(y + 1, x + dx) - at(y - 1, x + dx)) for dx, w in ((-1, 1), (0, 2), (1, 1)))
            out[y, x] = 0.5 * abs(gx) + 0.5 * abs(gy)
    return out


def all_cosines(vectors: np.ndarray) -> np.ndarray:
    """Return the matrix of all cosines."""
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return unit @ unit.T


def seats_one_by_one(weight: list[float], capacity: list[int], total: int) -> list[int]:
    """Return the seats of Webster's method: each goes to the largest w / (2q + 1), a tie to the lower bin."""
    seats = [0] * len(weight)
    for _ in range(total):
        room = [n for n in range(len(seats)) if seats[n] < capacity[n]]
        worth = {n: weight[n] / (2 * seats[n] + 1) for n in room if weight[n] > 0}
        if not worth:  # only bins of weight zero have room: use the capacities
            worth = {n: capacity[n] / (2 * seats[n] + 1) for n in room}
        seats[max(worth, key=lambda n: (worth[n], -n))] += 1
    return seats


# --- embeddings and the map -------------------------------------------------------------------------------------------


def pixel_components(thumbnails: np.ndarray, count: int) -> np.ndarray:
    """Return principal components by singular value decomposition of 32 x 32 averages, standardised by channel."""
    m = len(thumbnails)
    small = thumbnails.astype(float).reshape(m, 32, 2, 32, 2, 3).mean(axis=(2, 4))
    small = (small - small.mean(axis=0)) / small.std(axis=(0, 1, 2))
    u, s, _ = np.linalg.svd(small.reshape(m, -1), full_matrices=False)
    return (u * s)[:, :count]


def correlations(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Return the correlation of each column of `one` with each column of `other`."""
    k = one.shape[1]
    return np.corrcoef(one.T, other.T)[:k, k:]


def distances(points: np.ndarray) -> np.ndarray:
    """Return all pairwise Euclidean distances."""
    points = points.astype(float)
    return np.sqrt(((points[:, None] - points[None]) ** 2).sum(axis=2))


def nearest_others(points: np.ndarray, row: int, k: int) -> list[int]:
    """Return the k nearest other points, the lower index first on a tie."""
    far = ((points.astype(float) - points[row].astype(float)) ** 2).sum(axis=1)
    others = [other for other in range(len(points)) if other != row]
    return sorted(others, key=lambda other: (np.float32(far[other]), other))[:k]


# --- the map ---------------------------------------------------------------------------------------------------------


def point_in_polygon(x: float, y: float, polygon: list[list[float]]) -> bool:
    """Return whether a ray to the right crosses an odd number of edges, which means that the point is inside."""
    crossings = 0
    for n in range(len(polygon)):
        (x1, y1), (x2, y2) = polygon[n - 1], polygon[n]
        if (y1 > y) == (y2 > y):
            continue  # both ends are on one side of the ray
        at = (x1 - x2) * (y - y2) / (y1 - y2) + x2
        if x < at:
            crossings += 1
    return crossings % 2 == 1


def highest(values: list[float], count: int) -> set[int]:
    """Return the positions of the `count` highest values; ties go to the first."""
    return set(sorted(range(len(values)), key=lambda place: (-values[place], place))[:count])


# --- bins -------------------------------------------------------------------------------------------------------------


def published_selection(similarity, n: int, sizes: list[int]) -> np.ndarray:
    """Return the order of the published algorithm, vectorised as in the published code.

    similarity(rows, columns) -> float32 kernel entries. For every bin the kernel of what is left is made and kept, its
    columns are added up, and at every pick the rows of all picks so far are gathered and added up again.
    """
    left, order = np.arange(n), []
    for size in sizes:
        rows = left
        kernel = np.asarray(similarity(rows, rows), np.float32)
        column_sums = kernel.sum(axis=0)
        selected = np.zeros(len(rows), bool)
        gain = column_sums.astype(float)
        for _ in range(size):
            best = int(gain.argmax())
            selected[best] = True
            order.append(rows[best])
            gain[best] = -np.inf
            gain[~selected] = column_sums[~selected] - 2.0 * kernel[np.ix_(selected, ~selected)].sum(axis=0)
        left = rows[~selected]
    return np.array(order)


def cosine_similarity(vectors: np.ndarray):
    """Return similarity(rows, columns) = 0.5 + 0.5 cos, as published: the product divided by the norms."""

    def similarity(rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
        one, other = vectors[rows], vectors[columns]
        lengths = np.linalg.norm(one, axis=1)[:, None] * np.linalg.norm(other, axis=1)[None]
        return 0.5 + 0.5 * (one @ other.T) / lengths

    return similarity


def unit_rows(vectors: np.ndarray) -> np.ndarray:
    """Return the rows scaled to length 1, float64; zero rows stay zero."""
    x = np.asarray(vectors, np.float64)
    lengths = np.linalg.norm(x, axis=1, keepdims=True)
    return x / np.where(lengths > 0, lengths, 1)


def greedy_by_kernel(kernel: np.ndarray, sizes: list[int]) -> tuple[list[int], list[float]]:
    """Return (order, gains) of the greedy selection, with all sums computed again at every pick; near ties by row."""
    left, order, gains = list(range(len(kernel))), [], []
    for size in sizes:
        pool, picked = list(left), []
        for _ in range(size):
            gain = {x: kernel[pool, x].sum() - 2 * kernel[picked, x].sum() for x in left}
            best = min(x for x in left if gain[x] > max(gain.values()) - 1e-9)
            picked.append(best)
            left.remove(best)
            order.append(best)
            gains.append(gain[best])
    return order, gains


def gains_of(kernel: np.ndarray, sizes: list[int], order: np.ndarray) -> list[float]:
    """Return the gain of every pick of this order, each computed from the kernel."""
    gains = []
    for place, taken in enumerate(order):
        start = max(end for end in np.cumsum([0, *sizes]) if end <= place)
        gains.append(kernel[order[start:], taken].sum() - 2 * kernel[order[start:place], taken].sum())
    return gains


def mistakes(kernel: np.ndarray, sizes: list[int], order: np.ndarray, near: float = 1e-10) -> list[int]:
    """Return the steps with a wrong pick: another row was better by more than `near`, or a lower row was tied.

    Twice the gain is compared in steps of 2^-34, so rows within 1e-13 of each other tie unless a step lies between.
    """
    wrong = []
    for place, taken in enumerate(order):
        start = max(end for end in np.cumsum([0, *sizes]) if end <= place)
        gain = kernel[order[start:]].sum(axis=0) - 2 * kernel[order[start:place]].sum(axis=0)
        left = order[place:]
        better = gain[left].max() > gain[taken] + near
        at_a_step = abs(2 * gain[taken] * 2.0**34 % 1 - 0.5) < 0.01
        lower = not at_a_step and (gain[left[left < taken]] > gain[taken] - 1e-13).any()
        if better or lower:
            wrong.append(place)
    return wrong


def greedy_by_distances(vectors: np.ndarray, sizes: list[int]) -> tuple[list[int], list[float]]:
    """Return (order, gains) for sum_S |p - x|^2 - sum_{pool without S} |p - x|^2, from all distances."""
    x = np.asarray(vectors, np.float64)
    distances = ((x[:, None] - x[None]) ** 2).sum(axis=2)
    left, order, gains = list(range(len(x))), [], []
    scale = max(distances.max(), 1e-300)
    for size in sizes:
        picked: list[int] = []
        for _ in range(size):
            gain = {i: distances[picked, i].sum() - distances[left, i].sum() for i in left}
            best = min(i for i in left if gain[i] > max(gain.values()) - 1e-9 * scale)
            picked.append(best)
            left.remove(best)
            order.append(best)
            gains.append(gain[best])
    return order, gains


def last_layer_gradient(embedding: np.ndarray, logits: np.ndarray, label: int, twice: bool) -> np.ndarray:
    """Return the gradient of the loss for bias and weights of the last layer, by finite differences of the loss."""

    def softmax(z: np.ndarray) -> np.ndarray:
        e = np.exp(z - z.max())
        return e / e.sum()

    def loss(z: np.ndarray) -> float:
        return -float(np.log(softmax(softmax(z) if twice else z)[label]))

    step = 1e-5
    b = np.array(
        [(loss(logits + step * unit) - loss(logits - step * unit)) / (2 * step) for unit in np.eye(len(logits))]
    )
    return np.concatenate([b, np.outer(b, embedding).ravel()])


def cosines(vectors: list[list[float]], row: int) -> list[float]:
    """Return the cosine between every vector and that of `row`, computed entry by entry; 0 for a zero vector."""

    def of(a: list[float], b: list[float]) -> float:
        length = (sum(x * x for x in a) * sum(x * x for x in b)) ** 0.5
        return sum(x * y for x, y in zip(a, b, strict=True)) / length if length else 0.0

    return [of(vector, vectors[row]) for vector in vectors]


# --- comparison of two selections ---


def counted_side_by_side(
    a: list[int], b: list[int], labels: list[int], bins: list[int], n_classes: int, n_bins: int
) -> tuple[tuple[list[int], list[int], list[int]], list[list[int]], list[list[int]]]:
    """Return the images in both, only in A and only in B, and their numbers per class and per bin."""
    parts: tuple[list[int], list[int], list[int]] = ([], [], [])
    by_class, by_bin = [[0, 0, 0] for _ in range(n_classes)], [[0, 0, 0] for _ in range(n_bins)]
    for row in range(len(labels)):
        if row not in a and row not in b:
            continue
        part = 0 if row in a and row in b else 1 if row in a else 2
        parts[part].append(row)
        by_class[labels[row]][part] += 1
        by_bin[bins[row]][part] += 1
    return parts, by_class, by_bin


def jaccard_of_random_draws(a: int, b: int, m: int) -> tuple[Fraction, Fraction, Fraction]:
    """Return mean, 2.5 % and 97.5 % quantile of |A and B| / |A or B| by counting all pairs of selections."""
    if a + b == 0:
        return Fraction(1), Fraction(1), Fraction(1)
    ways = {x: comb(a, x) * comb(m - a, b - x) for x in range(max(0, a + b - m), min(a, b) + 1)}
    whole = sum(ways.values())
    mean = sum(Fraction(count, whole) * Fraction(x, a + b - x) for x, count in ways.items())

    def quantile(share: Fraction) -> Fraction:
        below = 0
        for x, count in ways.items():
            below += count
            if Fraction(below, whole) >= share:
                return Fraction(x, a + b - x)
        raise AssertionError

    return mean, quantile(Fraction(25, 1000)), quantile(Fraction(975, 1000))


def laid_on(under: int, layers: list[tuple[int, int]]) -> int:
    """Return a pixel 0xffBBGGRR under layers of (colour, alpha in 256ths), from bottom to top; bytes round down."""
    for colour, share in layers:
        parts = [((under >> by & 255) * (256 - share) + (colour >> by & 255) * share) // 256 for by in (0, 8, 16)]
        under = 255 << 24 | parts[2] << 16 | parts[1] << 8 | parts[0]
    return under
