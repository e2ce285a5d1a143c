"""The probes of the protocol, by name, with what each needs and costs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from adq_core.errors import SettingsError, unknown_name
from adq_core.probes import (
    RECIPE,
    NetworkRecipe,
    RidgeFit,
    choose_inverse_penalty,
    correct_predictions,
    predict_by_logistic_regression,
    probe_features,
    train_and_predict,
    trainings_at_once,
)
from adq_core.progress import Progress
from adq_core.records import Bools, Floats, Ints
from adq_core.strategies import Candidates, penalty_for

from .protocol import Probe

Images = NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class Material:
    """What probes are made of: the candidates and the test images."""

    candidates: Candidates
    test_vectors: Floats  # (K, d)
    test_labels: Ints  # (K,)
    images: Callable[[], tuple[Images, Images]]  # of the candidates and the test, (., 32, 32, 3); called when needed


def ridge_probe(material: Material) -> Probe:
    """Return the probe that fits a ridge regression on a subset and predicts the test images.

    Takes milliseconds: (n d^2 + d^3) operations for n images of d values. The penalty is chosen once per subset size,
    for balanced random subsets of the candidates. How it misleads: it measures what a linear classifier learns from
    fixed vectors. A network that is trained from scratch can rank strategies differently.
    """
    candidates, features = material.candidates, _test_features(material)

    def measure(rows: Ints, n: int, seed: int, progress: Progress) -> Bools:
        fit = RidgeFit.fit(
            candidates.features[rows], candidates.labels[rows], candidates.n_classes, penalty_for(candidates, n)
        )
        return correct_predictions(fit, features, material.test_labels)

    return Probe(measure, "ridge")


def linear_probe(material: Material) -> Probe:
    """Return the probe that fits a logistic regression on a subset and predicts the test images.

    The penalty is chosen as for the ridge probe. It misleads as the ridge probe does.
    """
    candidates, features = material.candidates, _test_features(material)

    def inverse_penalty(n: int) -> float:
        choose = lambda: choose_inverse_penalty(candidates.features, candidates.labels, n, candidates.seed)  # noqa: E731
        return float(candidates.keep(("inverse penalty", n), choose))

    def measure(rows: Ints, n: int, seed: int, progress: Progress) -> Bools:
        predicted = predict_by_logistic_regression(
            candidates.features[rows], candidates.labels[rows], features, inverse_penalty(n)
        )
        return np.asarray(predicted == material.test_labels)

    return Probe(measure, "linear")


def network_probe(material: Material, recipe: NetworkRecipe = RECIPE) -> Probe:
    """Return the probe that trains a small convolutional network on the pixels of a subset, with the seed of the cell.

    On a CPU every training has one thread, and as many cells as there are cores are measured at the same time. How it
    misleads: see `train_and_predict`.
    """
    candidates = material.candidates
    images, test_images = material.images()

    def measure(rows: Ints, n: int, seed: int, progress: Progress) -> Bools:
        predicted = train_and_predict(
            images[rows],
            candidates.labels[rows],
            candidates.n_classes,
            test_images,
            seed=seed,
            recipe=recipe,
            progress=progress,
        )
        return np.asarray(predicted == material.test_labels)

    return Probe(measure, "network", seeded=True, steps=recipe.steps, at_once=trainings_at_once())


class ProbeKind(NamedTuple):
    """A probe of the table."""

    make: Callable[[Material], Probe]
    summary: str
    reference: str
    cost: str
    needs: str  # embeddings or pixels


# A new probe is one function, one line here and nothing else: the contract test runs over this table.
PROBES: dict[str, ProbeKind] = {
    "ridge": ProbeKind(
        ridge_probe,
        "Ridge regression on the embedding",
        "Choi et al. 2024, arXiv 2406.03057, use kernel ridge regression likewise",
        "milliseconds per subset",
        "embeddings",
    ),
    "linear": ProbeKind(
        linear_probe,
        "Logistic regression on the embedding",
        "Alain and Bengio 2016, arXiv 1610.01644",
        "tenths of a second to seconds per subset",
        "embeddings",
    ),
    "network": ProbeKind(
        network_probe,
        "A small convolutional network, trained from scratch on pixels",
        "after Jordan 2024, arXiv 2404.00498",
        "about a minute per subset on one core, seconds on a GPU",
        "pixels",
    ),
}
DEFAULT_PROBE = "ridge"


def check_probe(name: str, *, has_images: bool, data: str) -> ProbeKind:
    """Return the probe of this name. Raises `SettingsError` for an unknown name, or for pixels that are not there."""
    if name not in PROBES:
        raise unknown_name("probe", name, PROBES)
    if PROBES[name].needs == "pixels" and not has_images:
        raise SettingsError(
            f"The {name} probe is trained on pixels, and {data} is a set of vectors without images; use "
            f"{' or '.join(other for other in PROBES if PROBES[other].needs != 'pixels')}."
        )
    return PROBES[name]


def _test_features(material: Material) -> Floats:
    """Return the vectors of the test images as the probes take them, scaled by the candidates alone."""
    everything = np.concatenate([material.candidates.vectors, material.test_vectors])
    m = len(material.candidates)
    return probe_features(everything, np.arange(m))[m:]
