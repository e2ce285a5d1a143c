"""A small head 512-128 on a backbone's features: drawn at random, as published, or trained contrastively."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from adq_core.models import torch_threads
from adq_core.progress import Progress, no_progress
from adq_core.records import AugmentedFeatures, Floats, Head, Ints

HIDDEN, OUT = 512, 128
TEMPERATURE = 0.07  # as in the published code, where the loss is defined and never called
BATCH = 256  # images of one bin in a step, fewer in a smaller bin
STEPS = 400  # at most
LOOK = 10  # steps between two looks at the images held out
PATIENCE = 4  # looks without a gain before training stops
GAIN = 0.005  # of the loss, in nats
LEARNING_RATE = 1e-3
HELD_OUT = 0.1


def random_head(features: int, *, seed: int = 0, key: str = "") -> Head:
    """Return a head that was never trained, weights and biases uniform in +-1/sqrt(inputs), as torch draws them."""
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
    """Return W_out ReLU(W_in x + b_in) + b_out of every vector, (V, M, 128) float32, not of unit length."""
    out = np.empty((*views.vectors.shape[:2], len(head.bias_out)), np.float32)
    for view, features in enumerate(views.vectors):
        for start in range(0, len(features), 4096):
            part = np.asarray(features[start : start + 4096], np.float32)
            hidden = np.maximum(part @ head.weight_in.T + head.bias_in, 0)
            out[view, start : start + 4096] = hidden @ head.weight_out.T + head.bias_out
    return AugmentedFeatures(vectors=out, name=views.name, key=f"{views.key}:{head.key}")


def train_head(
    views: AugmentedFeatures, bin_of: Ints, *, seed: int = 0, key: str = "", progress: Progress = no_progress
) -> Head:
    """Return one head for all bins, trained so that two views of an image are near and the bin's other images far.

    InfoNCE at temperature 0.07 over batches of one bin: for every view z of B images, -log of exp(z.z+ / t) over the
    sum of exp(z.z' / t) for all other 2 B - 1 views, z+ the image's other view (van den Oord et al. 2018; Chen et al.
    2020). A tenth of every bin's images is held out; training stops when their loss no longer falls, and the head of
    the lowest is returned. The backbone is frozen. One head, not one a bin: else the bins' scores would not compare.
    The paper trains such a discriminator and prints no equation for it; the published code never trains it.
    Needs a bin of at least two images to train on; without, the head stays as it was drawn. Uses torch.
    """
    drawn = random_head(views.vectors.shape[2], seed=seed, key=key)
    with torch_threads(1):  # so small a head is no faster on more, and its bits would depend on how many there are
        return _trained(drawn, views, bin_of, seed, progress)


def _trained(drawn: Head, views: AugmentedFeatures, bin_of: Ints, seed: int, progress: Progress) -> Head:
    """Return the head, trained on one thread."""
    import torch

    rng = np.random.default_rng([seed, BATCH])
    train, held = _split(bin_of, rng)
    if not train:
        return drawn
    features = torch.from_numpy(np.array(views.vectors, np.float32))
    mean, std = features.mean(dim=(0, 1)), features.std(dim=(0, 1)).clamp_min(1e-6)
    features = (features - mean) / std
    names = ("weight_in", "bias_in", "weight_out", "bias_out")
    head = [torch.from_numpy(getattr(drawn, name).copy()).requires_grad_() for name in names]
    moments = [(torch.zeros_like(p), torch.zeros_like(p)) for p in head]
    sizes = np.array([len(rows) for rows in train], np.float64)
    best, best_loss, since = [p.detach().clone() for p in head], np.inf, 0
    losses: list[tuple[float, float]] = []
    recent: list[float] = []
    for step in range(STEPS + 1):
        if step % LOOK == 0:
            with torch.no_grad():
                seen = [float(_info_nce(torch, features[:, rows], head)) for rows in held]
            loss = float(np.mean(seen)) if seen else -float(step)  # nothing to hold out: train for all the steps
            losses.append((float(np.mean(recent)) if recent else np.nan, float(np.mean(seen)) if seen else np.nan))
            recent = []
            progress(step, STEPS, "head")
            better = loss < best_loss - GAIN
            since = 0 if better else since + 1
            if better:
                best, best_loss = [p.detach().clone() for p in head], loss
            if since >= PATIENCE or step == STEPS:
                break
        rows = train[rng.choice(len(train), p=sizes / sizes.sum())]
        batch = torch.from_numpy(rng.permutation(rows)[:BATCH])
        value = _info_nce(torch, features[:, batch], head)
        _adam(torch, head, torch.autograd.grad(value, head), moments, step + 1)
        recent.append(float(value.detach()))
    progress(STEPS, STEPS, "head")
    weight_in, bias_in, weight_out, bias_out = best
    scaled = weight_in / std  # the standardisation of the features becomes part of the head
    kept = (scaled, bias_in - scaled @ mean, weight_out, bias_out)
    return Head(**{n: p.numpy() for n, p in zip(names, kept, strict=True)}, losses=np.array(losses), key=drawn.key)


def _split(bin_of: Ints, rng: np.random.Generator) -> tuple[list[Ints], list[Ints]]:
    """Return the rows to train on and those held out, an array for every bin with at least two of them."""
    train, held = [], []
    for number in np.unique(bin_of):
        rows = rng.permutation(np.flatnonzero(bin_of == number))
        out = int(len(rows) * HELD_OUT)
        out = 0 if out < 2 else min(out, BATCH)
        if len(rows) - out >= 2:
            train.append(rows[out:])
            if out:
                held.append(rows[:out])
    return train, held


def _adam(torch: Any, head: list[Any], gradients: Sequence[Any], moments: list[tuple[Any, Any]], step: int) -> None:
    """Take one step of Adam (Kingma and Ba 2015) in place. torch's own brings its compiler along: seconds of import."""
    with torch.no_grad():
        for p, gradient, (first, second) in zip(head, gradients, moments, strict=True):
            first.lerp_(gradient, 0.1)
            second.lerp_(gradient * gradient, 0.001)
            p -= LEARNING_RATE * (first / (1 - 0.9**step)) / ((second / (1 - 0.999**step)).sqrt() + 1e-8)


def _info_nce(torch: Any, features: Any, head: list[Any]) -> Any:
    """Return the InfoNCE loss of (2, B, d) features under a head: every view against all others of the batch."""
    functional = torch.nn.functional
    weight_in, bias_in, weight_out, bias_out = head
    flat = features.reshape(-1, features.shape[2])
    hidden = functional.relu(functional.linear(flat, weight_in, bias_in))
    z = functional.normalize(functional.linear(hidden, weight_out, bias_out), dim=1)
    logits = (z @ z.T / TEMPERATURE).fill_diagonal_(-torch.inf)
    n = features.shape[1]
    other = torch.cat([torch.arange(n, 2 * n), torch.arange(n)])
    return functional.cross_entropy(logits, other)


def untrained(
    views: AugmentedFeatures, bin_of: Ints, *, seed: int = 0, key: str = "", progress: Progress = no_progress
) -> Head:
    """Return the random head, as the published code scores with it."""
    return random_head(views.vectors.shape[2], seed=seed, key=key)


HEADS: dict[str, Callable[..., Head]] = {  # diversity: how its head comes about
    "contrastive": train_head,
    "published": untrained,
    "random-backbone": untrained,
}
