"""Dropped patches painted again from the kept ones, and how well."""

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
from adq_core.models import load_network, torch_threads, weights_path
from adq_core.progress import Progress, no_progress
from adq_core.records import Bools

if TYPE_CHECKING:
    from torch import Tensor, nn

BATCH = 32  # images of 64 x 64; fewer where they are larger
FEW = 12  # images of 64 x 64 that are painted in a moment
WORKERS = 2
FILL = "fill"  # the painter without a network: what the networks correct
MULTIPLE = 8  # sides are padded to a multiple of this: the U-Net halves three times


def reconstruct(
    images: NDArray[np.uint8],
    keep: Bools,
    *,
    patch_size: int,
    model: str | Path = "unet",
    mirrored: bool = True,
    progress: Progress = no_progress,
) -> NDArray[np.uint8]:
    """Return the images with their dropped patches painted, (K, S, S, 3); every kept pixel is the very pixel given.

    keep (K, L), True = kept, patches row by row from the top left, L = (S / patch_size)^2. What lies under a dropped
    patch is blanked before the network sees the image. `model` is a name in `PAINTERS` or a .safetensors file from
    `python -m adq_core train mae`, or `FILL`, the smooth fill that the networks start from. Trained at 32 px with
    patches of 4 and 8; other sizes work, less well. `mirrored` takes the mean with the mirror image painted and
    mirrored back: nearly 0.1 dB nearer, for twice the time.

    How it misleads: what is painted is the mean of what could be there, so it is smooth; it looks best where nothing
    was lost. Source of the task: He et al. 2022, "Masked Autoencoders Are Scalable Vision Learners".
    """
    known = known_pixels(images, keep, patch_size=patch_size)
    network = _smooth if model == FILL else _loaded(str(model), weights_path(model).stat().st_mtime_ns)
    painted = np.empty_like(images)
    share = max(1.0, images.shape[1] ** 2 / 64**2)
    few = len(images) * share <= FEW
    batch = -(-len(images) // WORKERS) if few else int(BATCH / share)
    parts = [slice(start, start + max(1, batch)) for start in range(0, len(images), max(1, batch))]

    def paint(part: slice) -> None:
        painted[part] = _paint(network, images[part], known[part], mirrored)

    if few:
        # Shared out to workers of one thread each, which do not wait for one another: torch's own threads do, spinning,
        # and took twenty times as long where one of them shared its core with other work.
        with torch_threads(1), ThreadPoolExecutor(WORKERS) as workers:
            list(workers.map(paint, parts))
        progress(len(images), len(images), "painting")
        return painted
    with torch_threads():
        for part in parts:
            paint(part)
            progress(min(part.stop, len(images)), len(images), "painting")
    return painted


def known_pixels(images: NDArray[np.uint8], keep: Bools, *, patch_size: int) -> Bools:
    """Return (K, S, S) True where a pixel lies in a kept patch. Raises `InputError` where shapes do not fit.

    A masked autoencoder's own mask is True where something is removed; everything in this project is True where it is
    kept, and this is the one place where patches become pixels.
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
            f"keep must be bool of the shape {(len(images), cells * cells)}, one value a patch, got {keep.dtype} of "
            f"{keep.shape}. Make it for these images and this patch_size."
        )
    grid = keep.reshape(-1, cells, cells)
    return grid.repeat(patch_size, axis=1).repeat(patch_size, axis=2)


def psnr_dropped(images: NDArray[np.uint8], painted: NDArray[np.uint8], keep: Bools, *, patch_size: int) -> float:
    """Return the peak signal-to-noise ratio over the dropped pixels of all these images together, in dB.

    10 log10(255^2 / mean squared error), the mean over all dropped pixels and colours. Infinite where they are equal,
    NaN where nothing was dropped. How it misleads: the mean of many images is ruled by the few bad ones, a smooth guess
    beats a sharp one, and dropping the flat patches first makes every method look better.
    """
    return psnr(*dropped_error(images, painted, keep, patch_size=patch_size))


def dropped_error(
    images: NDArray[np.uint8], painted: NDArray[np.uint8], keep: Bools, *, patch_size: int
) -> tuple[int, int]:
    """Return the sum of squared errors over the dropped pixels and colours, and how many those are; parts add up."""
    dropped = ~known_pixels(images, keep, patch_size=patch_size)
    error = images[dropped].astype(np.int64) - painted[dropped]
    return int((error**2).sum()), error.size


def psnr(error: int, count: int) -> float:
    """Return the dB of a sum of squared errors over so many values from 0 to 255."""
    if count == 0:
        return math.nan
    return math.inf if error == 0 else 10 * math.log10(255**2 * count / error)


@lru_cache(maxsize=4)
def _loaded(name: str, modified: int) -> nn.Module:
    """Return the network; `modified` is there so that a file trained anew under the same name is read anew."""
    del modified
    return load_network(name, PAINTERS)


def _smooth(images: Tensor, known: Tensor) -> Tensor:
    from adq_core.models.networks import pyramid_fill

    return pyramid_fill(images, known)


def _paint(
    network: Callable[[Tensor, Tensor], Tensor], images: NDArray[np.uint8], known: Bools, mirrored: bool
) -> NDArray[np.uint8]:
    import torch

    side = images.shape[1]
    more = -side % MULTIPLE
    blanked = np.where(known[..., None], images, np.uint8(0))
    padded = np.pad(blanked, ((0, 0), (0, more), (0, more), (0, 0)), mode="edge")
    mask = np.pad(known, ((0, 0), (0, more), (0, more)), mode="edge")
    with torch.inference_mode():
        batch = torch.from_numpy(padded).permute(0, 3, 1, 2).float().div(255)
        kept = torch.from_numpy(mask)[:, None].float()
        output = network(batch, kept)
        if mirrored:
            output = (output + network(batch.flip(3), kept.flip(3)).flip(3)) / 2
        pixels = output[:, :, :side, :side].clamp(0, 1).mul(255).round().byte().permute(0, 2, 3, 1).numpy()
    return np.where(known[..., None], images, pixels)


# Name of the shipped weights, and what they are. Both are of one size; the card of each says how well it paints.
PAINTERS: dict[str, str] = {
    "unet": "U-Net: convolutions over three resolutions",
    "mae": "Masked autoencoder: a transformer over the patches, the method's own model",
}
