"""How large is the effect of each difference between the paper, the published code and this project?

    python benchmarks/method_numbers.py [DATASET ...]

Prints and writes the numbers in docs/method.md. DATASET is given as on the command line (built-in names, folders,
.npz); the default is `photos`. All settings have their defaults, except the measure of diversity and the seed where
measures are compared.
"""

from __future__ import annotations

import sys
from dataclasses import replace

import numpy as np
from _report import write
from scipy.stats import spearmanr

from adq_core import Run, Settings
from adq_core.data import ImageDataset
from adq_core.quotas import make_quotas, quota_table, target_size, webster
from adq_core.records import BinScores
from adq_core.scores import NORMALISATIONS, amplification, bin_means
from adq_core.selection import class_offsets, draw_order
from adq_core.storage import Store
from adq_core.texture import texture_map

PUBLISHED = np.array([1, 0.985, 1.031, 1.182, 1.094, 1.176, 1.083, 1.089, 1.011, 1])
SEEDS = range(4)
LEVELS = (0.60, 0.65, 0.70)


def relative_range(values: np.ndarray) -> float:
    return float((values.max() - values.min()) / values.mean())


def order_of(pairs: list[tuple[np.ndarray, np.ndarray]]) -> float:
    return float(np.mean([spearmanr(one, other)[0] for one, other in pairs]))


def change_by_cutting(data: ImageDataset) -> float:
    """Return the mean relative change of the texture of images that are cut into patches of 32 pixels first."""
    rows = np.random.default_rng(0).choice(len(data), min(len(data), 500), replace=False)
    uncut, cut = np.empty(len(rows)), np.empty(len(rows))
    for i, row in enumerate(rows):
        image = data.read(int(row))
        uncut[i] = texture_map(image).mean(dtype=np.float64)
        parts = [
            texture_map(np.ascontiguousarray(image[top : top + 32, left : left + 32])).mean(dtype=np.float64)
            for top in range(0, image.shape[0] - 31, 32)
            for left in range(0, image.shape[1] - 31, 32)
        ]
        cut[i] = np.mean(parts) if parts else uncut[i]
    return float((cut / uncut - 1).mean())


def diversity_numbers(runs: dict, vendi: np.ndarray) -> dict:
    """Return how much the trained and the random measure of diversity differ between bins and between seeds."""
    numbers: dict = {}
    for measure in ("random-backbone", "contrastive"):
        values = [runs[measure, seed].scores.diversity for seed in SEEDS]
        pairs = [(values[a], values[b]) for a in SEEDS for b in SEEDS if a < b]
        numbers[measure] = {
            "diversity": values[0].round(4).tolist(),
            "mean_cosine": runs[measure, 0].scores.mean_cosine.round(4).tolist(),
            "range_over_bins": float(np.mean([relative_range(value) for value in values])),
            "amplification": float(np.mean([amplification(v, NORMALISATIONS["minmax"](v)) for v in values])),
            "order_agrees_between_seeds": order_of(pairs),
            "order_agrees_with_vendi": order_of([(value, vendi) for value in values]),
            "half_width_of_interval": float(
                (np.diff(runs[measure, 0].scores.diversity_interval, axis=1)[:, 0] / 2 / values[0]).mean()
            ),
        }
    return numbers


def rule_numbers(scores: BinScores, capacity: np.ndarray) -> dict:
    """Return the quotas under each normalisation and rule, and the share of images that change."""
    numbers: dict = {}
    keep = 0.1
    importance = {
        name: normalise(scores.representativeness) + normalise(scores.diversity)
        for name, normalise in NORMALISATIONS.items()
    }
    options = {"alpha": 0.65, "keep_ratio": keep}
    usual = make_quotas(importance["minmax"], capacity, rule="budget", **options)
    total = int(usual.quota.sum())
    for name, value in importance.items():
        other = make_quotas(value, capacity, rule="budget", **options)
        numbers[f"normalisation_{name}"] = {
            "importance": value.round(3).tolist(),
            "quota": other.quota.tolist(),
            "images_that_change": int(np.maximum(usual.quota - other.quota, 0).sum()) / total,
        }
    for rule in ("paper", "paper-scaled", "published-code", "uniform"):
        other = make_quotas(importance["minmax"], capacity, rule=rule, **options)
        numbers[f"rule_{rule}"] = {
            "quota": other.quota.tolist(),
            "kept": other.reached_keep_ratio,
            "images_that_change": int(np.maximum(usual.quota - other.quota, 0).sum()) / total,
        }
    table = quota_table(importance["minmax"], capacity, rule="budget", keep_ratio=keep, alphas=np.linspace(0, 1, 21))
    numbers["images_that_change_per_0.05_of_alpha"] = float(table.changed.mean() / total)
    return numbers


def of_a_data_set(name: str) -> dict:
    store = Store(None)
    base = Settings(dataset=name, projection="pca")
    runs = {
        (measure, seed): Run(replace(base, diversity=measure, seed=seed), store)
        for measure in ("random-backbone", "contrastive")
        for seed in SEEDS
    }
    first = runs["contrastive", 0]
    data, bins, texture = first.dataset, first.bins, first.texture
    rep = bin_means(texture.values, bins.bin_of, bins.n_bins)
    within = np.mean([texture.values[bins.bin_of == n].std() / rep[n] for n in range(bins.n_bins)])
    by_class = bin_means(texture.values, data.labels, data.n_classes)
    scores = Run(base, store).scores
    vendi = Run(replace(base, diversity="vendi"), store).scores
    numbers: dict = {
        "images": len(data),
        "cut_first_changes_texture_by": change_by_cutting(data),
        "rep_of_bins": rep.round(4).tolist(),
        "rep_range_over_bins": relative_range(rep),
        "rep_spread_within_a_bin": float(within),
        "rep_range_over_classes": relative_range(by_class),
        "rep_variance_by_bin": scores.representativeness_by_bin,
        "rep_variance_by_class": scores.representativeness_by_class,
        "rep_amplification": scores.representativeness_amplification,
        "vendi": vendi.diversity.round(2).tolist(),
        "warnings": list(scores.warnings),
    }
    numbers |= diversity_numbers(runs, vendi.diversity) | rule_numbers(scores, bins.capacity)
    return numbers


def largest_remainder(weight: np.ndarray, total: int) -> np.ndarray:
    target = total * weight / weight.sum()
    seats = np.floor(target).astype(int)
    seats[np.argsort(-(target - seats), kind="stable")[: total - seats.sum()]] += 1
    return seats


def of_the_formulas() -> dict:
    equal = np.full(10, 5000)
    numbers: dict = {
        f"paper_at_{alpha}": make_quotas(PUBLISHED, equal, rule="paper", alpha=alpha, keep_ratio=0.1).reached_keep_ratio
        for alpha in LEVELS
    }
    rng = np.random.default_rng(0)
    lost, lost_by_webster, cases = 0, 0, 2000
    for _ in range(cases):
        weight, total = rng.random(10), int(rng.integers(50, 500))
        lost += bool((largest_remainder(weight, total) > largest_remainder(weight, total + 1)).any())
        capacity = np.full(10, 1000)
        lost_by_webster += bool((webster(weight, capacity, total) > webster(weight, capacity, total + 1)).any())
    numbers["largest_remainder_takes_an_image_away"] = lost / cases
    numbers["webster_takes_an_image_away"] = lost_by_webster / cases
    numbers["dq_rounds_12.5_percent_of_cifar_to"] = 100 * round(0.125 * 500)
    numbers["ours"] = target_size(0.125, 50_000)
    bin_of, labels = (a.ravel() for a in np.meshgrid(np.arange(10), np.repeat(np.arange(100), 50), indexing="ij"))
    rank = np.zeros(len(labels), int)
    position = draw_order(bin_of, labels, rank, rng.random(len(labels)), n_bins=10).draw_position
    first = class_offsets(1, 100)[0]
    worst, same = [], []
    for _ in range(500):
        quota = webster(rng.random(10), equal, 5000)
        selected = np.bincount(labels[position < quota[bin_of]], minlength=100)
        worst.append(np.abs(selected - 50).max())
        one_offset = sum(q // 100 + (np.argsort(np.argsort(first)) < q % 100) for q in quota.tolist())
        same.append(np.abs(one_offset - 50).max())
    numbers["furthest_class_of_100_from_its_50"] = {
        "offsets rotated": {"mean": float(np.mean(worst)), "within 2": float(np.mean(np.array(worst) <= 2))},
        "one offset": {"mean": float(np.mean(same)), "within 2": float(np.mean(np.array(same) <= 2))},
    }
    return numbers


if __name__ == "__main__":
    rows = [{"case": "formulas", **of_the_formulas()}]
    rows += [{"case": name.rsplit("/", 1)[-1], **of_a_data_set(name)} for name in sys.argv[1:] or ["photos"]]
    for row in rows:
        for key, value in row.items():
            print(f"{key}: {value}")
        print()
    print(write("method", rows, __doc__.splitlines()[0]))
