"""Training of the painters of dropped patches, from images alone."""

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
from adq_core.models.training.loop import State, Watch, fit, seeded, unwatched
from adq_core.models.training.recipes import PAINTER_RECIPES, Recipe
from adq_core.progress import Progress, no_progress

PATCH_SIZE = 4
SIDE = 32  # pixels of a training image; larger images are cropped to it
PAINTER_CONFIGS = {  # 2.4 and 2.3 million parameters: of one size, so that they can be compared
    "mae": {"width": 64, "n_values": 256, "depth": 4, "heads": 4},
    "unet": {"width": 64},
}


def patch_texture(images: Tensor, patch_size: int = PATCH_SIZE) -> Tensor:
    """Return the texture of every patch, (B, 3, S, S) -> (B, g, g).

    The mean of 0.5|Sobel x| + 0.5|Sobel y| of the grey image, border reflected: what ranks patches elsewhere, in torch.
    """
    grey = (images * torch.tensor([0.299, 0.587, 0.114]).view(1, 3, 1, 1)).sum(1, keepdim=True)
    sobel_x = torch.tensor([[-1.0, 0.0, 1.0], [-2.0, 0.0, 2.0], [-1.0, 0.0, 1.0]])
    kernels = torch.stack([sobel_x, sobel_x.T])[:, None]  # (2, 1, 3, 3)
    slopes = F.conv2d(F.pad(grey, (1, 1, 1, 1), mode="reflect"), kernels).abs()  # (B, 2, S, S)
    return F.avg_pool2d(slopes.mean(1), patch_size)


def random_keep(images: Tensor, patch_size: int = PATCH_SIZE) -> Tensor:
    """Return masks to train on: 25 to 75 % of an image's patches dropped, half at random, half by texture.

    By texture means that the patches with the lowest texture are dropped first. 0 and 1, (B, 1, S, S).
    """
    texture = patch_texture(images, patch_size)
    n_images, height, width = texture.shape
    order = torch.where(torch.rand(n_images, 1) < 0.5, torch.rand(n_images, height * width), texture.flatten(1))
    place = order.argsort(1).argsort(1)  # 0 is dropped first
    n_dropped = (torch.empty(n_images, 1).uniform_(0.25, 0.75) * height * width).round()
    keep = (place >= n_dropped).float().view(n_images, 1, height, width)
    return keep.repeat_interleave(patch_size, 2).repeat_interleave(patch_size, 3)


def dropped_error(network: nn.Module, images: Tensor, known: Tensor) -> tuple[Tensor, Tensor]:
    """Return the sum of the squared errors over the dropped pixels and colours, and their number."""
    # oneDNN's bf16 halves the time of a step; attention over 64 patches is too small for the blocked kernels.
    with torch.autocast("cpu", torch.bfloat16), sdpa_kernel(SDPBackend.MATH):
        painted = network(images, known)
    return (painted - images).square().sum(), 3 * (1 - known).sum()


def train_painter(
    images: npt.NDArray[np.uint8],
    *,
    architecture: str,
    checkpoint: Path,
    recipe: Recipe | None = None,
    config: Mapping[str, int] | None = None,
    progress: Progress = no_progress,
    watch: Watch = unwatched,
) -> tuple[nn.Module, State]:
    """Return a network that paints dropped patches, and how its training went.

    The loss is the mean squared error over the dropped pixels, the same quantity that `psnr_dropped` reports.
    `architecture` is "mae" or "unet". images (N, S, S, 3), S at least 32; may be a memory map.
    """
    recipe = recipe or PAINTER_RECIPES[architecture]
    with seeded(recipe.seed, 4):
        network = build(architecture, config or PAINTER_CONFIGS[architecture]).to(memory_format=torch.channels_last)

    def batch(indices: npt.NDArray[np.int64]) -> Tensor:
        top, left = (
            torch.randint(0, images.shape[1] - SIDE + 1, (2,)) if images.shape[1] > SIDE else torch.zeros(2)
        ).int()
        crops = torch.from_numpy(images[indices])[:, top : top + SIDE, left : left + SIDE]
        return crops.permute(0, 3, 1, 2).contiguous().float() / 255

    def train_loss(indices: npt.NDArray[np.int64]) -> Tensor:
        chosen = batch(indices)
        if torch.rand(()) < 0.5:
            chosen = chosen.flip(3)
        # The app's images have 64 pixels and may be cut coarser: one step in eight sees patches twice as wide.
        patch_size = PATCH_SIZE * 2 if torch.rand(()) < 0.125 else PATCH_SIZE
        error, count = dropped_error(network, chosen, random_keep(chosen, patch_size))
        return error / count

    def held_out_loss(indices: npt.NDArray[np.int64]) -> float:
        total, count = 0.0, 0.0
        for start in range(0, len(indices), 250):
            chosen = batch(indices[start : start + 250])
            error, number = dropped_error(network, chosen, random_keep(chosen))
            total, count = total + float(error), count + float(number)
        return total / count

    state = fit(
        network,
        train_loss,
        held_out_loss,
        len(images),
        recipe,
        checkpoint=checkpoint,
        what=architecture,
        progress=progress,
        watch=watch,
    )
    return network, state
