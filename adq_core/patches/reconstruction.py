"""Inpainting: reconstruction of dropped patches from the kept ones, and its error."""

from __future__ import annotations

import math
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from adq_core.errors import InputError
from adq_core.models import load_network, torch_threads, weights_identity
from adq_core.progress import Progress, no_progress
from adq_core.records import Bools

if TYPE_CHECKING:
    from torch import Tensor, nn

BATCH = 32  # images of 64 x 64 pixels; fewer if they are larger
SMALL_BATCH = 12  # images of 64 x 64 pixels up to which each worker inpaints one part
WORKERS = 2
FILL = "fill"  # smooth fill without a network, which the networks correct
MULTIPLE = 8  # sides are padded to a multiple of this, because the U-Net halves the resolution three times


def reconstruct(
    images: NDArray[np.uint8],
    keep: Bools,
    *,
    patch_size: int,
    model: str | Path = "unet",
    mirrored: bool = True,
    progress: Progress = no_progress,
) -> NDArray[np.uint8]:
    """Return the images with their dropped patches inpainted, (K, S, S, 3) uint8; kept pixels stay unchanged.

    images (K, S, S, 3) uint8. keep (K, L) bool, True = kept, patches row by row from the top left,
    L = (S / patch_size)^2. Dropped pixels are set to 0 before the network receives the image. `model` is a name in
    `INPAINTING_NETWORKS`, a .safetensors file from `python -m adq_core train mae`, or `FILL`. The bundled networks were
    trained at 32 px with patches of 4 and 8; other sizes are less accurate. `mirrored` averages with the reconstruction
    of the mirror image: nearly 0.1 dB better in twice the time. Raises `InputError` for shapes that do not fit, and as
    `load_network` does.

    How it misleads: a reconstruction is the mean of the possible contents, so it is smooth, and it is best where a
    patch contained no detail. Reference: He et al. 2022, "Masked Autoencoders Are Scalable Vision Learners",
    https://arxiv.org/abs/2111.06377.
    """
    known = known_pixels(images, keep, patch_size=patch_size)
    network = _fill if model == FILL else _loaded(str(model), weights_identity(model))
    result = np.empty_like(images)
    relative_size = max(1.0, images.shape[1] ** 2 / 64**2)
    small = len(images) * relative_size <= SMALL_BATCH
    batch = -(-len(images) // WORKERS) if small else int(BATCH / relative_size)
    parts = [slice(start, start + max(1, batch)) for start in range(0, len(images), max(1, batch))]

    def inpaint_part(part: slice) -> None:
        result[part] = inpaint(network, images[part], known[part], mirrored)

    if small:
        # Each worker has one thread and does not wait for the other. torch's own threads wait in a busy loop and took
        # twenty times as long when one of them shared its core with other work.
        with torch_threads(1), ThreadPoolExecutor(WORKERS) as workers:
            list(workers.map(inpaint_part, parts))
        progress(len(images), len(images), "reconstruction")
        return result
    with torch_threads():
        for part in parts:
            inpaint_part(part)
            progress(min(part.stop, len(images)), len(images), "reconstruction")
    return result


def known_pixels(images: NDArray[np.uint8], keep: Bools, *, patch_size: int) -> Bools:
    """Return (K, S, S) bool, True for the pixels of kept patches. Raises `InputError` for shapes that do not fit.

    Masks in publications on masked autoencoders are True for removed patches; here True always means kept.
    """
    if images.ndim != 4 or images.shape[1] != images.shape[2] or images.shape[3] != 3 or images.dtype != np.uint8:
        raise InputError(
            f"Images must be (K, S, S, 3) of uint8, got {images.shape} of {images.dtype}. Crop them to squares first."
        )
    side = images.shape[1]
    if patch_size < 1 or side % patch_size:
        raise InputError(f"patch_size must divide the side of {side} pixels, got {patch_size}. Choose a divisor.")
    cells = side // patch_size
    if keep.shape != (len(images), cells * cells) or keep.dtype != np.bool_:
        raise InputError(
            f"keep must be bool of the shape {(len(images), cells * cells)}, one value per patch, got {keep.dtype} of "
            f"{keep.shape}. Make it for these images and this patch_size."
        )
    grid = keep.reshape(-1, cells, cells)
    return grid.repeat(patch_size, axis=1).repeat(patch_size, axis=2)


def psnr_dropped(
    images: NDArray[np.uint8], reconstruction: NDArray[np.uint8], keep: Bools, *, patch_size: int
) -> float:
    """Return the peak signal-to-noise ratio over the dropped pixels of all these images together, in dB.

    10 log10(255^2 / MSE), MSE the mean squared error over all dropped pixels and colours. Infinite for equal images,
    NaN if nothing was dropped.

    How it misleads: a few bad images dominate the mean, a smooth estimate scores better than a sharp one, and every
    method scores better if the flat patches are dropped first.
    """
    return psnr(*dropped_error(images, reconstruction, keep, patch_size=patch_size))


def dropped_error(
    images: NDArray[np.uint8], reconstruction: NDArray[np.uint8], keep: Bools, *, patch_size: int
) -> tuple[int, int]:
    """Return the sum of squared errors over the dropped pixels and colours, and their number; batches add up."""
    dropped = ~known_pixels(images, keep, patch_size=patch_size)
    error = images[dropped].astype(np.int64) - reconstruction[dropped]
    return int((error**2).sum()), error.size


def psnr(error: int, count: int) -> float:
    """Return the PSNR in dB for a sum of squared errors over `count` values from 0 to 255."""
    if count == 0:
        return math.nan
    return math.inf if error == 0 else 10 * math.log10(255**2 * count / error)


@lru_cache(maxsize=4)
def _loaded(name: str, identity: str) -> nn.Module:
    """Return the network; `identity` is part of the key of the memory cache, so a changed file is read again."""
    del identity
    return load_network(name, INPAINTING_NETWORKS)


def _fill(images: Tensor, known: Tensor) -> Tensor:
    from adq_core.models.networks import pyramid_fill

    return pyramid_fill(images, known)


def inpaint(
    network: Callable[[Tensor, Tensor], Tensor], images: NDArray[np.uint8], known: Bools, mirrored: bool
) -> NDArray[np.uint8]:
    """Return the images with their unknown pixels predicted by a network; see `reconstruct`."""
    import torch

    side = images.shape[1]
    padding = -side % MULTIPLE
    blanked = np.where(known[..., None], images, np.uint8(0))
    padded = np.pad(blanked, ((0, 0), (0, padding), (0, padding), (0, 0)), mode="edge")
    mask = np.pad(known, ((0, 0), (0, padding), (0, padding)), mode="edge")
    with torch.inference_mode():
        batch = torch.from_numpy(padded).permute(0, 3, 1, 2).float().div(255)
        kept = torch.from_numpy(mask)[:, None].float()
        output = network(batch, kept)
        if mirrored:
            output = (output + network(batch.flip(3), kept.flip(3)).flip(3)) / 2
        pixels = output[:, :, :side, :side].clamp(0, 1).mul(255).round().byte().permute(0, 2, 3, 1).numpy()
    return np.where(known[..., None], images, pixels)


# Name of the bundled weights: their description. Both have a similar size; the card of each reports its accuracy.
INPAINTING_NETWORKS: dict[str, str] = {
    "unet": "U-Net: convolutions over three resolutions",
    "mae": "Masked autoencoder: a transformer over the patches, as in the method",
}
