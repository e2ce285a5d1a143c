"""Training of the head of the diversity `contrastive`. Imports torch at its top: import it inside functions."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from adq_core.models.training.losses import nt_xent
from adq_core.models.training.optimizer import adam_moments
from adq_core.progress import Progress
from adq_core.records import AugmentedFeatures, Floats, Head, Ints

TEMPERATURE = 0.07  # as in the published code, which defines this loss and never calls it
BATCH = 256  # images of one bin per step; smaller bins give smaller batches
MAX_STEPS = 400
EVAL_EVERY = 10  # steps between two evaluations on the held-out images
PATIENCE = 4  # evaluations without an improvement before training stops
MIN_DELTA = 0.005  # smallest improvement of the held-out loss, in nats
LEARNING_RATE = 1e-3
BETAS = (0.9, 0.999)  # of Adam
HELD_OUT = 0.1  # share of each bin
PARAMETERS = ("weight_in", "bias_in", "weight_out", "bias_out")


class EarlyStopping:
    """Stop after `patience` evaluations in a row that do not lower the best loss by more than `min_delta`."""

    def __init__(self, patience: int, min_delta: float) -> None:
        self.patience, self.min_delta = patience, min_delta
        self.best_loss = np.inf
        self.n_without_improvement = 0

    def improved(self, loss: float) -> bool:
        """Record one evaluation and return whether its loss is the new best."""
        improved = loss < self.best_loss - self.min_delta
        if improved:
            self.best_loss = loss
        self.n_without_improvement = 0 if improved else self.n_without_improvement + 1
        return improved

    @property
    def stop(self) -> bool:
        """Whether training should stop."""
        return self.n_without_improvement >= self.patience


def fit_head(initial: Head, views: AugmentedFeatures, bin_of: Ints, *, seed: int, progress: Progress) -> Head:
    """Return the head with the lowest held-out loss, or `initial` if no bin has two images to train on.

    views: (2, K, d); bin_of (K,): the bin of each of these K images.
    Same bytes for the same input on one torch thread; `train_head` sets that limit.
    """
    rng = np.random.default_rng([seed, BATCH])
    train, held_out = split_bins(bin_of, rng)
    if not train:
        return initial
    features, mean, std = standardise(views)
    parameters = [torch.from_numpy(getattr(initial, name).copy()).requires_grad_() for name in PARAMETERS]
    moments: list[dict[str, Tensor]] = [{} for _ in parameters]
    early_stopping = EarlyStopping(PATIENCE, MIN_DELTA)
    best = snapshot(parameters)
    losses: list[tuple[float, float]] = []
    batch_losses: list[float] = []
    for step in range(MAX_STEPS + 1):
        if step % EVAL_EVERY == 0:
            held_out_losses = evaluate(features, held_out, parameters)
            losses.append((_mean(batch_losses), _mean(held_out_losses)))
            batch_losses = []
            progress(step, MAX_STEPS, "head")
            # Without held-out images every evaluation counts as better, so that training runs for all steps.
            if early_stopping.improved(_mean(held_out_losses) if held_out_losses else -float(step)):
                best = snapshot(parameters)
            if early_stopping.stop or step == MAX_STEPS:
                break
        loss = head_loss(features[:, draw_batch(train, rng)], parameters)
        adam_step(parameters, torch.autograd.grad(loss, parameters), moments)
        batch_losses.append(float(loss.detach()))
    progress(MAX_STEPS, MAX_STEPS, "head")
    return head_of(best, mean, std, losses=np.array(losses), key=initial.key)


def split_bins(bin_of: Ints, rng: np.random.Generator) -> tuple[list[Ints], list[Ints]]:
    """Return the rows to train on and the held-out rows, one array for each bin with at least two training rows.

    A tenth of each bin is held out, at most one batch; none if that would be a single image.
    """
    train, held_out = [], []
    for number in np.unique(bin_of):
        rows = rng.permutation(np.flatnonzero(bin_of == number))
        n_held_out = int(len(rows) * HELD_OUT)
        n_held_out = 0 if n_held_out < 2 else min(n_held_out, BATCH)
        if len(rows) - n_held_out >= 2:
            train.append(rows[n_held_out:])
            if n_held_out:
                held_out.append(rows[:n_held_out])
    return train, held_out


def standardise(views: AugmentedFeatures) -> tuple[Tensor, Tensor, Tensor]:
    """Return the features (V, K, d) scaled to mean 0 and standard deviation 1, and the mean and deviation (d,)."""
    features = torch.from_numpy(np.array(views.vectors, np.float32))
    mean, std = features.mean(dim=(0, 1)), features.std(dim=(0, 1)).clamp_min(1e-6)
    return features.sub_(mean).div_(std), mean, std  # in place: the features of 20,000 views have 100 MB


def draw_batch(train: Sequence[Ints], rng: np.random.Generator) -> Tensor:
    """Return the rows of one batch, all of one bin; a bin is drawn in proportion to its training rows."""
    sizes = np.array([len(rows) for rows in train], np.float64)
    rows = train[rng.choice(len(train), p=sizes / sizes.sum())]
    return torch.from_numpy(rng.permutation(rows)[:BATCH])


def head_loss(features: Tensor, parameters: Sequence[Tensor]) -> Tensor:
    """Return the NT-Xent loss of (2, B, d) features under a head with these parameters."""
    weight_in, bias_in, weight_out, bias_out = parameters
    hidden = F.relu(F.linear(features.reshape(-1, features.shape[2]), weight_in, bias_in))
    return nt_xent(F.linear(hidden, weight_out, bias_out), TEMPERATURE)


@torch.no_grad()
def evaluate(features: Tensor, held_out: Sequence[Ints], parameters: Sequence[Tensor]) -> list[float]:
    """Return the loss on the held-out images of each bin that has any."""
    return [float(head_loss(features[:, rows], parameters)) for rows in held_out]


@torch.no_grad()
def adam_step(parameters: Sequence[Tensor], gradients: Sequence[Tensor], moments: Sequence[dict[str, Tensor]]) -> None:
    """Update the parameters in place by one step of Adam. Reference: Kingma and Ba 2015, arXiv:1412.6980.

    `torch.optim.Adam` is not used because its first use imports torch's compiler, which takes about a second.
    """
    for parameter, gradient, state in zip(parameters, gradients, moments, strict=True):
        mean, deviation = adam_moments(gradient, state, *BETAS)
        parameter -= LEARNING_RATE * mean / deviation


def snapshot(parameters: Sequence[Tensor]) -> list[Tensor]:
    """Return copies of the parameters."""
    return [parameter.detach().clone() for parameter in parameters]


def head_of(parameters: Sequence[Tensor], mean: Tensor, std: Tensor, *, losses: Floats, key: str) -> Head:
    """Return the head for features as they are: the standardisation becomes part of its first layer."""
    weight_in, bias_in, weight_out, bias_out = parameters
    scaled = weight_in / std
    folded = (scaled, bias_in - scaled @ mean, weight_out, bias_out)
    return Head(**{name: p.numpy() for name, p in zip(PARAMETERS, folded, strict=True)}, losses=losses, key=key)


def _mean(losses: Sequence[float]) -> float:
    return float(np.mean(losses)) if losses else np.nan
