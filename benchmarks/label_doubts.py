"""Do negative margins find wrong labels as well as cleanlab does?

    pip install cleanlab && python benchmarks/label_doubts.py [--dataset photos] [--embeddings lite0] [--seeds 10]

5 % of the labels are replaced by another class, drawn at random. Precision: the share of wrong labels among the 5 % of
the images that are doubted most. Both methods get the same out-of-fold scores of the ridge probe: ours ranks by the
margin, cleanlab gets them clipped to probabilities that sum to 1. cleanlab (AGPL) is not a requirement of this project.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from adq_core import Run, Settings
from adq_core.probes import RidgeFit, choose_penalty, out_of_fold_margins, probe_features, stratified_folds
from adq_core.probes.margins import FOLDS
from adq_core.storage import Store, default_folder
from benchmarks import _report

SHARE = 0.05


def flipped(labels: np.ndarray, n_classes: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return labels of which 5 % are wrong, and which ones these are, (M,) bool."""
    rng = np.random.default_rng(seed)
    wrong = np.zeros(len(labels), np.bool_)
    wrong[rng.permutation(len(labels))[: round(SHARE * len(labels))]] = True
    other = (labels + rng.integers(1, n_classes, len(labels))) % n_classes
    return np.where(wrong, other, labels), wrong


def out_of_fold_probabilities(features: np.ndarray, labels: np.ndarray, n_classes: int) -> np.ndarray:
    """Return the scores from which `out_of_fold_margins` takes margins, as probabilities, (M, C)."""
    m, fold = len(labels), stratified_folds(labels)
    penalty = choose_penalty(features, labels, n_classes, m - m // FOLDS)
    scores = np.empty((m, n_classes))
    for number in range(FOLDS):
        known, rows = np.flatnonzero(fold != number), np.flatnonzero(fold == number)
        scores[rows] = RidgeFit.fit(features[known], labels[known], n_classes, penalty).scores(features[rows])
    clipped = np.clip(scores, 1e-6, None)
    return clipped / clipped.sum(axis=1, keepdims=True)


def precision(ranked: np.ndarray, wrong: np.ndarray) -> float:
    """Return the share of wrong labels among the first 5 % of a ranking, in per cent; missing places count as right."""
    n = int(wrong.sum())
    return 100 * float(wrong[ranked[:n]].sum()) / n


def measured(features: np.ndarray, truth: np.ndarray, n_classes: int, seed: int) -> dict[str, float]:
    from cleanlab.filter import find_label_issues
    from cleanlab.rank import get_label_quality_scores

    labels, wrong = flipped(truth, n_classes, seed)
    margin = out_of_fold_margins(features, labels, n_classes)[0]
    p = out_of_fold_probabilities(features, labels, n_classes)
    scores = {
        name: get_label_quality_scores(labels, p, method=name) for name in ("self_confidence", "normalized_margin")
    }
    issues = find_label_issues(labels, p, return_indices_ranked_by="self_confidence")
    ranked = {"margin (ours)": np.argsort(margin, kind="stable")}
    ranked |= {f"cleanlab {name}": np.argsort(values, kind="stable") for name, values in scores.items()}
    return {name: precision(rows, wrong) for name, rows in (ranked | {"cleanlab find_label_issues": issues}).items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dataset", default="photos")
    parser.add_argument("--embeddings", default="lite0")
    parser.add_argument("--seeds", type=int, default=10)
    given = parser.parse_args()
    run = Run(Settings(dataset=given.dataset, embeddings=given.embeddings), Store(default_folder()))
    features, data = probe_features(run.embeddings.vectors), run.dataset
    found = [measured(features, data.labels, data.n_classes, seed) for seed in range(given.seeds)]
    rows: list[dict[str, Any]] = []
    for name in found[0]:
        values = np.array([one[name] for one in found])
        error = float(values.std(ddof=1) / np.sqrt(len(values)))
        rows.append(
            {
                "dataset": given.dataset,
                "embeddings": given.embeddings,
                "images": len(data),
                "method": name,
                "seeds": given.seeds,
                "precision": round(float(values.mean()), 1),
                "standard_error": round(error, 2),
                "values": np.round(values, 1).tolist(),
            }
        )
        print(rows[-1], flush=True)
    print(_report.write("label_doubts", rows, __doc__.splitlines()[0]))


if __name__ == "__main__":
    main()
