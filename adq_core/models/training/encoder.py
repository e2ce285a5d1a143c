"""Contrastive training of the encoder, from images alone (SimCLR, Chen et al. 2020)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from adq_core.models.networks import Encoder, Projector
from adq_core.models.training.loop import State, Watch, fit, seeded, unwatched
from adq_core.models.training.recipes import ENCODER_RECIPE, Recipe
from adq_core.progress import Progress, no_progress

ENCODER_CONFIG = {"width": 64, "depth": 1}
TEMPERATURE = 0.2
VIEW = 24  # pixels a side
GROUP = 8  # images that share one draw of the augmentation


def two_views(size: int) -> Callable[[Tensor], Tensor]:
    """Return the augmentation: (B, 3, S, S) uint8 -> (B, 3, size, size) float in [0, 1], another one at every call.

    Crop of 20 to 100 % of the area, mirror, colours, grey: SimCLR's for small images, from torchvision. Drawing anew
    for every single image takes as long as the network; groups of `GROUP` images share a draw, five times cheaper. The
    crop comes out smaller than the image, because a step's cost goes with its pixels.
    """
    from torchvision.transforms import v2

    augment = v2.Compose(
        [
            v2.RandomResizedCrop(size, scale=(0.2, 1.0)),
            v2.RandomHorizontalFlip(),
            v2.ToDtype(torch.float32, scale=True),
            v2.RandomApply([v2.ColorJitter(0.4, 0.4, 0.4, 0.1)], 0.8),
            v2.RandomGrayscale(0.2),
        ]
    )

    def view(images: Tensor) -> Tensor:
        return torch.cat([augment(group) for group in torch.split(images, GROUP)])

    return view


def contrastive_loss(first: Tensor, second: Tensor, temperature: float = TEMPERATURE) -> Tensor:
    """Return how badly the two views of each image find each other among all others: decoupled NT-Xent.

    Mean over the 2B views of  -cos(z, z+)/t + log sum over the other images of exp(cos(z, z-)/t).  NT-Xent has the
    positive pair in the sum as well, which weakens the gradient of pairs already close; without it a short training
    gets further (Yeh et al. 2022, "Decoupled contrastive learning"). first, second (B, n), any length.
    """
    n_images = len(first)
    views = F.normalize(torch.cat([first, second]).float())  # (2B, n)
    similarity = views @ views.T / temperature  # (2B, 2B)
    positive = (views[:n_images] * views[n_images:]).sum(1).repeat(2) / temperature
    own = torch.eye(n_images, dtype=torch.bool, device=views.device).repeat(2, 2)  # itself and its other view
    return (torch.logsumexp(similarity.masked_fill(own, -torch.inf), 1) - positive).mean()


def train_encoder(
    images: npt.NDArray[np.uint8],
    *,
    checkpoint: Path,
    recipe: Recipe = ENCODER_RECIPE,
    config: Mapping[str, int] = ENCODER_CONFIG,
    progress: Progress = no_progress,
    watch: Watch = unwatched,
) -> tuple[nn.Module, State]:
    """Return an encoder that puts two views of one image close together, and how its training went.

    images (N, S, S, 3) with S from 32 to 64; may be a memory map. The views have 24 pixels a side, so that the encoder
    is at home on images of 32.
    """
    with seeded(recipe.seed, 4):
        encoder = Encoder(**config)
        both = nn.ModuleDict({"encoder": encoder, "projector": Projector(encoder.n_values)})
    both.to(memory_format=torch.channels_last)
    view = two_views(VIEW)

    def loss(indices: npt.NDArray[np.int64]) -> Tensor:
        batch = torch.from_numpy(images[indices]).permute(0, 3, 1, 2)
        pair = torch.cat([view(batch), view(batch)]).contiguous(memory_format=torch.channels_last)
        with torch.autocast("cpu", torch.bfloat16):  # oneDNN's bf16 halves the time of a step
            projected = both["projector"](both["encoder"](pair))
        first, second = projected.float().chunk(2)
        return contrastive_loss(first, second)

    def held_out_loss(indices: npt.NDArray[np.int64]) -> float:
        parts = np.array_split(indices, max(1, len(indices) // 500))
        return float(np.mean([float(loss(part)) for part in parts]))

    state = fit(
        both,
        loss,
        held_out_loss,
        len(images),
        recipe,
        checkpoint=checkpoint,
        what="encoder",
        progress=progress,
        watch=watch,
    )
    return encoder, state
