"""Other ways to train the head of the diversity `contrastive`, and other scores of its outputs. See bench_diversity.py.

None of them is part of the library; docs/decisions/13 says why.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import torch

from adq_core.models import torch_threads
from adq_core.models.training.losses import nt_xent
from adq_core.records import AugmentedFeatures, Floats, Ints
from adq_core.scores import head_training as training
from adq_core.scores.contrastive import random_head
from adq_core.scores.diversity import BinDiversity, inverse_mean_cosine, vendi

Measure = Callable[..., BinDiversity]


class Variant(NamedTuple):
    """A way to train heads, and the score that is computed from their outputs."""

    batches: str = "bin"  # a step has images of one "bin" (the library), of "every bin", or of "all" images
    temperature: float = training.TEMPERATURE
    n_heads: int = 1
    score: Measure = inverse_mean_cosine


VARIANTS = {
    "contrastive, 128 images of every bin per step": Variant("every bin"),
    "contrastive, negatives of all bins": Variant("all"),
    "Vendi score under the head, every bin, temperature 0.5": Variant("every bin", 0.5, score=vendi),
    "contrastive, negatives of all bins, mean of 5 heads": Variant("all", n_heads=5),
}


def batches_of(variant: Variant, train: list[Ints], rng: np.random.Generator) -> list[torch.Tensor]:
    """Return the rows of the batches of one step."""
    if variant.batches == "bin":
        return [training.draw_batch(train, rng)]
    if variant.batches == "all":
        return [torch.from_numpy(rng.permutation(np.concatenate(train))[: training.BATCH])]
    return [torch.from_numpy(rng.permutation(rows)[: training.BATCH // 2]) for rows in train]


def outputs_of(variant: Variant, views: AugmentedFeatures, bin_of: Ints, seed: int) -> AugmentedFeatures:
    """Return the outputs of one trained head for these views, (2, K, 128)."""
    rng = np.random.default_rng([seed, training.BATCH])
    initial = random_head(views.vectors.shape[2], seed=seed)
    train, held_out = training.split_bins(bin_of, rng)
    features = training.standardise(views)[0]
    weights = [torch.from_numpy(getattr(initial, name).copy()).requires_grad_() for name in training.PARAMETERS]
    moments: list[dict[str, torch.Tensor]] = [{} for _ in weights]
    stopping = training.EarlyStopping(training.PATIENCE, training.MIN_DELTA)
    best = training.snapshot(weights)

    def outputs(part: torch.Tensor, of: list[torch.Tensor]) -> torch.Tensor:
        hidden = torch.relu(part.reshape(-1, part.shape[2]) @ of[0].T + of[1])
        return hidden @ of[2].T + of[3]

    for step in range(training.MAX_STEPS):
        if step % training.EVAL_EVERY == 0:
            with torch.no_grad():
                losses = [float(nt_xent(outputs(features[:, r], weights), variant.temperature)) for r in held_out]
            if stopping.improved(float(np.mean(losses)) if losses else -float(step)):
                best = training.snapshot(weights)
            if stopping.stop:
                break
        batches = batches_of(variant, train, rng)
        loss = sum(nt_xent(outputs(features[:, rows], weights), variant.temperature) for rows in batches) / len(batches)
        training.adam_step(weights, torch.autograd.grad(loss, weights), moments)
    with torch.no_grad():
        vectors = outputs(features, best).reshape(*features.shape[:2], -1).numpy()
    return AugmentedFeatures(vectors=vectors, name=views.name, key="", rows=views.rows)


def variant_outputs(variant: Variant, views: AugmentedFeatures, bin_of: Ints, seed: int) -> list[AugmentedFeatures]:
    """Return the outputs of every head of a variant."""
    with torch_threads(1):
        return [outputs_of(variant, views, bin_of, 1000 * head + seed) for head in range(variant.n_heads)]


def mean_diversity(scores: list[BinDiversity]) -> Floats:
    """Return Div as 1 / the mean of |mean of the unit vectors|^2 over several heads, (m,)."""
    return 1 / np.mean([1 / score.diversity for score in scores], axis=0)
