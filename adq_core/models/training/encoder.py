"""Contrastive training of the encoder on images without labels (SimCLR)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from adq_core.models.networks import Encoder, Projector
from adq_core.progress import Progress, no_progress

from .config import ENCODER_TRAINING, EpochCallback, TrainingConfig, TrainingState, no_callback
from .loop import fit, seeded
from .losses import decoupled_nt_xent

ENCODER_NETWORK = {"width": 64, "depth": 1}
TEMPERATURE = 0.2
VIEW_SIZE = 24  # pixels per side
GROUP = 8  # images that share one random draw of the augmentation
HELD_OUT_BATCH = 500


def simclr_augment(size: int) -> Callable[[Tensor], Tensor]:
    """Return SimCLR's augmentation for small images: (B, 3, S, S) uint8 -> (B, 3, size, size) float in [0, 1].

    A crop of 20 to 100 % of the area, a horizontal flip, colour jitter and random grey, by torchvision; each call draws
    new random numbers. Groups of 8 images share one draw, because a draw per image takes as long as the network. The
    result is smaller than the image, because the cost of a step is proportional to its pixels.
    Reference: Chen et al. 2020, https://arxiv.org/abs/2002.05709, appendix A and B.9.
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


def train_encoder(
    images: npt.NDArray[np.uint8],
    *,
    checkpoint: Path,
    config: TrainingConfig = ENCODER_TRAINING,
    network_config: Mapping[str, int] = ENCODER_NETWORK,
    progress: Progress = no_progress,
    on_epoch_end: EpochCallback = no_callback,
) -> tuple[nn.Module, TrainingState]:
    """Return an encoder that maps two views of one image to similar vectors, and the final state of its training.

    images (N, S, S, 3) with S from 32 to 64; may be a memory map. Loss: `decoupled_nt_xent` at temperature 0.2. The
    views have 24 pixels per side, which suits images of 32. Raises as `fit` does.
    """
    with seeded(config.seed, 4):
        encoder = Encoder(**network_config)
        model = nn.ModuleDict({"encoder": encoder, "projector": Projector(encoder.n_values)})
    model.to(memory_format=torch.channels_last)
    augment = simclr_augment(VIEW_SIZE)

    def loss(indices: npt.NDArray[np.int64]) -> Tensor:
        batch = torch.from_numpy(images[indices]).permute(0, 3, 1, 2)
        views = torch.cat([augment(batch), augment(batch)]).contiguous(memory_format=torch.channels_last)
        with torch.autocast("cpu", torch.bfloat16):  # oneDNN's bf16 halves the time of a step
            projected = model["projector"](model["encoder"](views))
        first, second = projected.float().chunk(2)
        return decoupled_nt_xent(first, second, TEMPERATURE)

    def held_out_loss(indices: npt.NDArray[np.int64]) -> float:
        parts = np.array_split(indices, max(1, len(indices) // HELD_OUT_BATCH))
        return float(np.mean([float(loss(part)) for part in parts]))

    state = fit(
        model,
        loss,
        held_out_loss,
        len(images),
        config,
        checkpoint=checkpoint,
        name="encoder",
        progress=progress,
        on_epoch_end=on_epoch_end,
    )
    return encoder, state
