"""The closed-form probe of the protocol: ridge regression on the embeddings of a subset."""

from __future__ import annotations

import numpy as np

from adq_core.probes import RidgeFit, correct_predictions, probe_features
from adq_core.records import Bools, Floats, Ints
from adq_core.strategies import Candidates, penalty_for

from .protocol import Probe


def ridge_probe(candidates: Candidates, test_vectors: Floats, test_labels: Ints) -> Probe:
    """Return the probe that fits a ridge regression on a subset and predicts the test images.

    Takes milliseconds: (n d^2 + d^3) operations for n images of d values. The penalty is chosen once per subset size,
    for balanced random subsets of the candidates. How it misleads: it measures what a linear classifier learns from
    fixed vectors. A network that is trained from scratch can rank strategies differently.
    """
    everything = np.concatenate([candidates.vectors, test_vectors])
    m = len(candidates)
    features = probe_features(everything, np.arange(m))[m:]  # scaled by the candidates alone

    def probe(rows: Ints, n: int, seed: int) -> Bools:
        fit = RidgeFit.fit(
            candidates.features[rows], candidates.labels[rows], candidates.n_classes, penalty_for(candidates, n)
        )
        return correct_predictions(fit, features, test_labels)

    return probe
