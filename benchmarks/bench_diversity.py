"""How repeatable is each measure of diversity, and what does it cost?

    python benchmarks/bench_diversity.py [DATASET ...]

Every measure is computed with five seeds on the images of every data set (built-in name, folder or .npz; at most 1,000
images, default `photos` and `shapes`) with the default embedding. `seeds` is the mean rank correlation of the bins' Div
between two seeds, `halves` that between two random halves of the images of every bin under one seed. `infinite` counts
the bins with an infinite Div, and `no_upper_end` those whose interval has no upper end. `seconds` is the cost with all
stages that only the measure needs, `share` its ratio to the seconds of the embedding. The variants of the head's
training are in `_head_variants.py`.

The last rows compare two ways to compute the same Div, on made up vectors: two augmentations of N images, 128 values
each, every case in a process of its own. `matrix` is the published form: all (2 N)^2 cosines, then 1 / their mean.
`sums` is `inverse_mean_cosine`, once complete (with its interval from half-samples) and once only the mean. `vendi` is
the Vendi score with its jackknife.
"""

from __future__ import annotations

import itertools
import json
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
from _head_variants import VARIANTS, mean_diversity, variant_outputs
from _report import in_fresh_process, peak_memory, write
from scipy.stats import spearmanr

from adq_core import Run, Settings
from adq_core.records import AugmentedFeatures, Ints
from adq_core.scores import DIVERSITIES, HEADS, apply_head
from adq_core.storage import Store

IMAGES = (1_000, 10_000)
ROUNDS = {"matrix": 1, "vendi": 1}
SEEDS, SPLITS, MOST_IMAGES = 5, 4, 1000


def limited(name: str, folder: Path) -> str:
    """Return the name of a data set, or of a file with 1,000 of its images if it has more; all have one size."""
    data = Run(Settings(dataset=name)).dataset
    if len(data) <= MOST_IMAGES:
        return name
    rng = np.random.default_rng(0)
    each = MOST_IMAGES // data.n_classes
    rows = [rng.choice(np.flatnonzero(data.labels == c), each, replace=False) for c in range(data.n_classes)]
    chosen = np.sort(np.concatenate(rows))
    path = folder / f"{Path(name).stem}.npz"
    np.savez(path, images=np.stack([data.read(row) for row in chosen]), labels=data.labels[chosen])
    return str(path)


def agreement(scores: list[np.ndarray]) -> float:
    """Return the mean rank correlation of all pairs of scores; nan if a score is equal in all bins."""
    return float(np.mean([spearmanr(one, other)[0] for one, other in itertools.combinations(scores, 2)]))


def halves_agreement(measure, outputs: AugmentedFeatures, bin_of: Ints, n_bins: int) -> float:
    """Return the mean rank correlation of a measure between two halves of the images of every bin.

    bin_of: of the images of `outputs`.
    """
    found = []
    for split in range(SPLITS):
        order = np.random.default_rng(split).permutation(len(bin_of))
        order = order[np.argsort(bin_of[order], kind="stable")]
        halves = []
        for part in (np.sort(order[::2]), np.sort(order[1::2])):
            half = AugmentedFeatures(vectors=outputs.vectors[:, part], name="", key="")
            halves.append(measure(half, bin_of[part], n_bins).diversity)
        found.append(agreement(halves))
    return float(np.mean(found))


class Repeatability:
    """The runs of one data set with every measure and seed."""

    def __init__(self, name: str, folder: Path) -> None:
        self.case = Path(name).parent.name if Path(name).name == "train" else Path(name).stem
        base, store = Settings(dataset=limited(name, folder), projection="pca"), Store(None)
        self.runs = {
            (measure, seed): Run(replace(base, diversity=measure, seed=seed), store)
            for measure in DIVERSITIES
            for seed in range(SEEDS)
        }
        first = self.runs["vendi", 0]
        self.labels, bins = first.dataset.labels, first.bins
        self.bin_of, self.n_bins = bins.bin_of, bins.n_bins
        self.embedding_seconds = first.seconds["embeddings"]

    def row(self, measure: str, function, scores: list, features: AugmentedFeatures, seconds: float) -> dict:
        """Return the numbers of one measure; features: of the first seed."""
        return {
            "case": self.case,
            "images": len(self.bin_of),
            "measure": measure,
            "seeds": agreement([score.diversity for score in scores]),
            "halves": halves_agreement(function, features, self.bin_of[features.rows], self.n_bins),
            "infinite": float(np.mean([np.isinf(score.diversity).sum() for score in scores])),
            "no_upper_end": float(np.mean([np.isinf(score.interval[:, 1]).sum() for score in scores])),
            "p_value": float(np.median([score.p_value for score in scores])),
            "seconds": seconds,
            "share": seconds / self.embedding_seconds,
            "diversity": scores[0].diversity.round(3).tolist(),
        }

    def score(self, function, features: AugmentedFeatures, seed: int):
        """Return a measure of all bins on these features."""
        return function(features, self.bin_of, self.n_bins, labels=self.labels, seed=seed)

    def of_the_library(self, measure: str) -> dict:
        """Return the numbers of a measure of the library."""
        features, seconds = [], 0.0
        for seed in range(SEEDS):
            run = self.runs[measure, seed]
            if measure in HEADS:
                features.append(apply_head(run.head, run.views))
                seconds += sum(run.seconds[stage] for stage in ("views", "head")) / SEEDS
            else:
                features.append(AugmentedFeatures(vectors=run.embeddings.vectors[None], name="", key=""))
        started = time.perf_counter()
        scores = [self.score(DIVERSITIES[measure], one, seed) for seed, one in enumerate(features)]
        seconds += (time.perf_counter() - started) / SEEDS
        return self.row(measure, DIVERSITIES[measure], scores, features[0], seconds)

    def of_a_variant(self, measure: str) -> dict:
        """Return the numbers of another way to train the head."""
        variant, scores, outputs = VARIANTS[measure], [], []
        runs = [self.runs["contrastive", seed] for seed in range(SEEDS)]
        seconds = sum(run.seconds["views"] for run in runs if run.views) / SEEDS
        started = time.perf_counter()
        for seed, run in enumerate(runs):
            outputs = variant_outputs(variant, run.views, self.bin_of[run.views.rows], seed)
            of_heads = [self.score(variant.score, one, seed) for one in outputs]
            scores.append(of_heads[0]._replace(diversity=mean_diversity(of_heads)))
        seconds += (time.perf_counter() - started) / SEEDS
        return self.row(measure, variant.score, scores, outputs[0], seconds)


def repeatability(names: list[str], rows: list[dict]) -> None:
    """Add one row per data set and measure, and then per variant; the file is written after each of them."""
    with tempfile.TemporaryDirectory() as folder:
        sets = [Repeatability(name, Path(folder)) for name in names]
        for measures, method in ((DIVERSITIES, "of_the_library"), (VARIANTS, "of_a_variant")):
            for measure, one in itertools.product(measures, sets):
                rows.append(getattr(one, method)(measure))
                print({key: value for key, value in rows[-1].items() if key != "diversity"}, flush=True)
                write("diversity", rows, __doc__.splitlines()[0])


def vectors(count: int) -> np.ndarray:
    return np.random.default_rng(0).normal(0.3, 1, (2, count, 128)).astype(np.float32)


def measure(case: str, count: int) -> dict:
    from adq_core.scores import bin_vectors, diversity

    features = vectors(count)
    augmented, bin_of = AugmentedFeatures(vectors=features, name="made up", key="made up"), np.zeros(count, np.int64)

    def matrix() -> float:
        flat = features.reshape(-1, features.shape[2])
        unit = flat / np.linalg.norm(flat, axis=1, keepdims=True)
        return float(1 / (unit @ unit.T).mean())

    def sums() -> float:
        sums, n = bin_vectors.sums_over_views(augmented, bin_of == 0)
        return 1 / (float((sums.sum(axis=0) ** 2).sum()) / n**2)

    calls = {
        "matrix": matrix,
        "sums": sums,
        "sums and interval": lambda: float(diversity.inverse_mean_cosine(augmented, bin_of, 1).diversity[0]),
        "vendi": lambda: float(diversity.vendi(augmented, bin_of, 1).diversity[0]),
    }
    before = peak_memory()
    best, cpu_best, value = np.inf, np.inf, 0.0
    for _ in range(ROUNDS.get(case, 7)):
        wall, cpu = time.perf_counter(), time.process_time()
        value = calls[case]()
        best, cpu_best = min(best, time.perf_counter() - wall), min(cpu_best, time.process_time() - cpu)
    return {"best_s": best, "cpu_s": cpu_best, "extra_mb": (peak_memory() - before) / 1e6, "diversity": value}


def main(names: list[str]) -> None:
    rows: list[dict] = []
    repeatability(names, rows)
    for count in IMAGES:
        cases = ("matrix", "sums", "sums and interval", "vendi")
        results = {case: in_fresh_process(__file__, case, str(count)) for case in cases}
        for case, result in results.items():
            rows.append(
                {
                    "case": case,
                    "images": count,
                    **result,
                    "times_matrix": results["matrix"]["best_s"] / result["best_s"],
                    "times_matrix_cpu": results["matrix"]["cpu_s"] / result["cpu_s"],
                }
            )
            print(rows[-1])
    print(write("diversity", rows, __doc__.splitlines()[0]))


if __name__ == "__main__":
    if len(sys.argv) == 3 and sys.argv[2].isdigit():
        print(json.dumps(measure(sys.argv[1], int(sys.argv[2]))))
    else:
        main(sys.argv[1:] or ["photos", "shapes"])
