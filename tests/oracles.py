"""Slow, obvious versions of what adq_core computes; nothing here comes from adq_core."""

from __future__ import annotations

import numpy as np

# --- texture, scores, quotas, sampling ---


def texture_of(image: np.ndarray) -> np.ndarray:
    """0.5|gx| + 0.5|gy| pixel by pixel, the border reflected without repeating the edge."""
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
    """The whole matrix of cosines."""
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return unit @ unit.T


def seats_one_by_one(weight: list[float], capacity: list[int], total: int) -> list[int]:
    """Webster with capacities as told: the next seat to the largest w/(2q + 1), a tie to the lower bin."""
    seats = [0] * len(weight)
    for _ in range(total):
        room = [n for n in range(len(seats)) if seats[n] < capacity[n]]
        worth = {n: weight[n] / (2 * seats[n] + 1) for n in room if weight[n] > 0}
        if not worth:  # only bins of weight zero are left: by capacity
            worth = {n: capacity[n] / (2 * seats[n] + 1) for n in room}
        seats[max(worth, key=lambda n: (worth[n], -n))] += 1
    return seats


# --- embeddings and the map -------------------------------------------------------------------------------------------


def pixel_components(thumbnails: np.ndarray, count: int) -> np.ndarray:
    """Average 64 x 64 to 32 x 32, standardise by channel, and take components from a singular value decomposition."""
    m = len(thumbnails)
    small = thumbnails.astype(float).reshape(m, 32, 2, 32, 2, 3).mean(axis=(2, 4))
    small = (small - small.mean(axis=0)) / small.std(axis=(0, 1, 2))
    u, s, _ = np.linalg.svd(small.reshape(m, -1), full_matrices=False)
    return (u * s)[:, :count]


def correlations(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Return the correlation of each column of one with each of the other."""
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
    """Count how often a ray to the right crosses an edge, one edge at a time; odd is inside."""
    crossings = 0
    for n in range(len(polygon)):
        (x1, y1), (x2, y2) = polygon[n - 1], polygon[n]
        if (y1 > y) == (y2 > y):
            continue  # both ends on one side of the ray
        at = (x1 - x2) * (y - y2) / (y1 - y2) + x2
        if x < at:
            crossings += 1
    return crossings % 2 == 1


def highest(values: list[float], count: int) -> set[int]:
    """Return the places of the `count` highest values, the earlier first on a tie."""
    return set(sorted(range(len(values)), key=lambda place: (-values[place], place))[:count])
