"""The head of a diversity: two layers d -> 512 -> 128 on a backbone's features, random or trained contrastively."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from adq_core.linalg import one_blas_thread
from adq_core.models import torch_threads
from adq_core.progress import Progress, no_progress
from adq_core.records import AugmentedFeatures, Floats, Head, Ints

HIDDEN, OUT = 512, 128
ROWS_PER_PRODUCT = 4096


def random_head(features: int, *, seed: int = 0, key: str = "") -> Head:
    """Return a head with random weights and biases for `features` inputs, uniform in +-1/sqrt(inputs of the layer).

    This is the distribution from which torch draws a linear layer.
    """
    rng = np.random.default_rng([seed, HIDDEN])

    def uniform(inputs: int, *shape: int) -> Floats:
        return rng.uniform(-1, 1, shape).astype(np.float32) / np.float32(np.sqrt(inputs))

    return Head(
        weight_in=uniform(features, HIDDEN, features),
        bias_in=uniform(features, HIDDEN),
        weight_out=uniform(HIDDEN, OUT, HIDDEN),
        bias_out=uniform(HIDDEN, OUT),
        losses=np.empty((0, 2)),
        key=key,
    )


def apply_head(head: Head, views: AugmentedFeatures) -> AugmentedFeatures:
    """Return W_out ReLU(W_in x + b_in) + b_out of every vector x, (V, K, 128) float32, not scaled to unit length.

    Runs on one BLAS thread: float32 products round differently when they are split over another number of threads.
    """
    out = np.empty((*views.vectors.shape[:2], len(head.bias_out)), np.float32)
    with one_blas_thread():
        for view, features in enumerate(views.vectors):
            for start in range(0, len(features), ROWS_PER_PRODUCT):
                part = np.asarray(features[start : start + ROWS_PER_PRODUCT], np.float32)
                hidden = np.maximum(part @ head.weight_in.T + head.bias_in, 0)
                out[view, start : start + ROWS_PER_PRODUCT] = hidden @ head.weight_out.T + head.bias_out
    return AugmentedFeatures(vectors=out, name=views.name, key=f"{views.key}:{head.key}", rows=views.rows)


def train_head(
    views: AugmentedFeatures, bin_of: Ints, *, seed: int = 0, key: str = "", progress: Progress = no_progress
) -> Head:
    """Return one head for all bins, trained to distinguish the images of a bin by their augmented views.

    Loss: NT-Xent at temperature 0.07 over batches of up to 256 images of one bin, see `nt_xent`. A tenth of each bin's
    images is held out. Training stops early when their loss no longer falls, after 400 steps at most, and the head with
    the lowest held-out loss is returned. The backbone does not change. All bins share one head, because scores under
    different heads could not be compared.

    views: (2, K, d), two augmented views of each of K images; bin_of (M,): the bins of all images. If no bin has two
    images to train on, the random head is returned. How it misleads: the paper trains such a discriminator but prints
    no equation for it, and the published code never trains it, so this loss is our reading of the text. Uses torch on
    one thread.
    """
    initial = random_head(views.vectors.shape[2], seed=seed, key=key)
    # One thread: a head this small is no faster on more, and its bits would depend on their number.
    with torch_threads(1):
        from .head_training import fit_head

        return fit_head(initial, views, bin_of[views.rows], seed=seed, progress=progress)


def random_head_for(
    views: AugmentedFeatures, bin_of: Ints, *, seed: int = 0, key: str = "", progress: Progress = no_progress
) -> Head:
    """Return a random head for these features, as the published code uses it; `bin_of` is not used."""
    return random_head(views.vectors.shape[2], seed=seed, key=key)


HEADS: dict[str, Callable[..., Head]] = {  # name of a diversity: how its head is made
    "contrastive": train_head,
    "published": random_head_for,
    "random-backbone": random_head_for,
}
