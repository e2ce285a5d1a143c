"""Training of the inpainting networks on images without labels."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.attention import SDPBackend, sdpa_kernel

from adq_core.models.networks import build
from adq_core.progress import Progress, no_progress

from .config import INPAINTER_TRAININGS, EpochCallback, TrainingConfig, TrainingState, no_callback
from .loop import fit, seeded

PATCH_SIZE = 4
SIDE = 32  # pixels of a training image; larger images are cropped to it
HELD_OUT_BATCH = 250
INPAINTER_NETWORKS = {  # 2.4 and 2.3 million parameters: of similar size, so that they can be compared
    "mae": {"width": 64, "n_values": 256, "depth": 4, "heads": 4},
    "unet": {"width": 64},
}


def patch_texture(images: Tensor, patch_size: int = PATCH_SIZE) -> Tensor:
    """Return the mean texture of every patch, (B, 3, S, S) in [0, 1] -> (B, S / patch_size, S / patch_size).

    0.5 |Sobel x| + 0.5 |Sobel y| of the grey image, border reflected: the same measure as `texture_map`, in torch.
    """
    grey = (images * torch.tensor([0.299, 0.587, 0.114]).view(1, 3, 1, 1)).sum(1, keepdim=True)
    sobel_x = torch.tensor([[-1.0, 0.0, 1.0], [-2.0, 0.0, 2.0], [-1.0, 0.0, 1.0]])
    kernels = torch.stack([sobel_x, sobel_x.T])[:, None]  # (2, 1, 3, 3)
    gradients = F.conv2d(F.pad(grey, (1, 1, 1, 1), mode="reflect"), kernels).abs()  # (B, 2, S, S)
    return F.avg_pool2d(gradients.mean(1), patch_size)


def random_masks(images: Tensor, patch_size: int = PATCH_SIZE) -> Tensor:
    """Return random masks, (B, 1, S, S), 1 = kept, 0 = dropped: 25 to 75 % of the patches of each image are dropped.

    With probability 1/2 the patches of lowest texture are dropped, otherwise random ones.
    """
    texture = patch_texture(images, patch_size)
    n_images, height, width = texture.shape
    order = torch.where(torch.rand(n_images, 1) < 0.5, torch.rand(n_images, height * width), texture.flatten(1))
    rank = order.argsort(1).argsort(1)  # rank 0 is dropped first
    n_dropped = (torch.empty(n_images, 1).uniform_(0.25, 0.75) * height * width).round()
    keep = (rank >= n_dropped).float().view(n_images, 1, height, width)
    return keep.repeat_interleave(patch_size, 2).repeat_interleave(patch_size, 3)


def masked_squared_error(network: nn.Module, images: Tensor, known: Tensor) -> tuple[Tensor, Tensor]:
    """Return the sum of squared errors over the dropped pixels and colours, and their number."""
    # oneDNN's bf16 halves the time of a step; for 64 patches, plain attention is faster than the blocked kernels.
    with torch.autocast("cpu", torch.bfloat16), sdpa_kernel(SDPBackend.MATH):
        reconstruction = network(images, known)
    return (reconstruction - images).square().sum(), 3 * (1 - known).sum()


def train_inpainter(
    images: npt.NDArray[np.uint8],
    *,
    architecture: str,
    checkpoint: Path,
    config: TrainingConfig | None = None,
    network_config: Mapping[str, int] | None = None,
    progress: Progress = no_progress,
    on_epoch_end: EpochCallback = no_callback,
) -> tuple[nn.Module, TrainingState]:
    """Return a network that inpaints dropped patches, and the final state of its training.

    Loss: mean squared error over the dropped pixels, from which `psnr_dropped` computes its decibels.
    `architecture` is "mae" or "unet". images (N, S, S, 3), S at least 32; may be a memory map. Raises as `fit` does.
    """
    config = config or INPAINTER_TRAININGS[architecture]
    with seeded(config.seed, 4):
        network = build(architecture, network_config or INPAINTER_NETWORKS[architecture])
        network = network.to(memory_format=torch.channels_last)

    def batch(indices: npt.NDArray[np.int64]) -> Tensor:
        top, left = (
            torch.randint(0, images.shape[1] - SIDE + 1, (2,)) if images.shape[1] > SIDE else torch.zeros(2)
        ).int()
        crops = torch.from_numpy(images[indices])[:, top : top + SIDE, left : left + SIDE]
        return crops.permute(0, 3, 1, 2).contiguous().float() / 255

    def train_loss(indices: npt.NDArray[np.int64]) -> Tensor:
        crops = batch(indices)
        if torch.rand(()) < 0.5:
            crops = crops.flip(3)
        # The app's images have 64 pixels and may have coarser patches: one step in eight trains on patches of 8 pixels.
        patch_size = PATCH_SIZE * 2 if torch.rand(()) < 0.125 else PATCH_SIZE
        error, count = masked_squared_error(network, crops, random_masks(crops, patch_size))
        return error / count

    def held_out_loss(indices: npt.NDArray[np.int64]) -> float:
        total, count = 0.0, 0.0
        for start in range(0, len(indices), HELD_OUT_BATCH):
            crops = batch(indices[start : start + HELD_OUT_BATCH])
            error, number = masked_squared_error(network, crops, random_masks(crops))
            total, count = total + float(error), count + float(number)
        return total / count

    state = fit(
        network,
        train_loss,
        held_out_loss,
        len(images),
        config,
        checkpoint=checkpoint,
        name=architecture,
        progress=progress,
        on_epoch_end=on_epoch_end,
    )
    return network, state
