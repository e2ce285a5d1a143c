"""Views of images, and their feature vectors: random crops, flipped at random, through a network."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from PIL import Image as PillowImage

from .progress import Progress, silent
from .records import Bools, Floats, Head, Image, ImageDataset, Ints, Views

BATCH = 256
SCALE = (0.08, 1.0)  # of the image's area in a crop
RATIO = (3 / 4, 4 / 3)  # of its width to its height
TRIES = 10
CIFAR_MEAN, CIFAR_STD = (0.4914, 0.4822, 0.4465), (0.2023, 0.1994, 0.2010)

Network = Callable[[Any], Any]
"""(B, 3, S, S) float32 torch tensor in [0, 1] -> (B, d) torch tensor, without gradients."""


def view_vectors(
    dataset: ImageDataset,
    network: Network,
    *,
    name: str,
    n_views: int = 2,
    size: int = 32,
    seed: int = 0,
    head: Head | None = None,
    key: str = "",
    progress: Progress = silent,
) -> Views:
    """Return the network's vectors of `n_views` random views of every image, (V, M, d) float32.

    A view is a crop of 8 % to 100 % of the area and a ratio of 3/4 to 4/3, resized to size x size with antialiasing and
    flipped left to right in half of the cases: torchvision's RandomResizedCrop and RandomHorizontalFlip with their
    defaults, as in the published code, drawn from the seed and the row, so that batches change nothing. With a head,
    the vectors are the head's. Streams: one batch of images is in memory.
    """
    import torch

    rngs = [np.random.default_rng([seed, view]) for view in range(n_views)]
    out: Floats | None = None
    for rows, images in dataset.batches(BATCH):
        crops = [random_crops(dataset.sizes[rows], rng) for rng in rngs]
        pixels = np.concatenate([_cut(images, *crop, size) for crop in crops])  # (V B, S, S, 3)
        with torch.inference_mode():
            batch = torch.from_numpy(pixels).permute(0, 3, 1, 2).float() / 255
            vectors = network(batch).float().cpu().numpy()
        if head is not None:
            vectors = apply_head(head, vectors)
        if out is None:
            out = np.empty((n_views, len(dataset), vectors.shape[1]), np.float32)
        out[:, rows] = vectors.reshape(n_views, len(rows), -1)
        progress(int(rows[-1]) + 1, len(dataset), "views")
    assert out is not None  # a data set has at least one image
    return Views(vectors=out, name=name, key=key)


def random_crops(sizes: Ints, rng: np.random.Generator) -> tuple[Ints, Bools]:
    """Return the boxes (B, 4) left, top, right, bottom of one random crop an image, and (B,) whether it is flipped.

    The first of ten tries that fits is taken; where none does, the largest centred box of an allowed ratio.
    """
    height, width = sizes[:, :1].astype(np.float64), sizes[:, 1:].astype(np.float64)
    draws = rng.random((len(sizes), 2 * TRIES + 3))
    area = height * width * (SCALE[0] + (SCALE[1] - SCALE[0]) * draws[:, :TRIES])
    low, high = np.log(RATIO)
    ratio = np.exp(low + (high - low) * draws[:, TRIES : 2 * TRIES])
    tall, wide = np.rint(np.sqrt(area / ratio)), np.rint(np.sqrt(area * ratio))  # (B, tries)
    fits = (tall >= 1) & (wide >= 1) & (tall <= height) & (wide <= width)
    first = np.argmax(fits, axis=1)[:, None]
    h, w = np.take_along_axis(tall, first, 1)[:, 0], np.take_along_axis(wide, first, 1)[:, 0]
    height, width = height[:, 0], width[:, 0]
    u, v, flip = draws[:, -3], draws[:, -2], draws[:, -1] < 0.5
    none = ~fits.any(axis=1)
    h = np.where(none, np.maximum(np.minimum(height, np.rint(width / RATIO[0])), 1), h)
    w = np.where(none, np.maximum(np.minimum(width, np.rint(height * RATIO[1])), 1), w)
    top = np.where(none, (height - h) // 2, np.floor(u * (height - h + 1)))
    left = np.where(none, (width - w) // 2, np.floor(v * (width - w + 1)))
    return np.stack([left, top, left + w, top + h], axis=1).astype(np.int64), flip


def _cut(images: list[Image], boxes: Ints, flips: Bools, size: int) -> np.ndarray:
    """Return (B, S, S, 3) uint8, the boxes of the images resized."""
    out = np.empty((len(images), size, size, 3), np.uint8)
    for i, (image, box) in enumerate(zip(images, boxes.tolist(), strict=True)):
        view = PillowImage.fromarray(image).resize((size, size), PillowImage.Resampling.BILINEAR, box=tuple(box))
        out[i] = np.asarray(view)
    out[flips] = out[flips, :, ::-1]
    return out


def apply_head(head: Head, vectors: Floats) -> Floats:
    """Return ReLU(x W_in + b_in) W_out + b_out, (N, k), not normalised."""
    hidden = np.maximum(vectors @ head.weight_in.T + head.bias_in, 0)
    return np.asarray(hidden @ head.weight_out.T + head.bias_out)


def random_head(features: int, *, hidden: int = 512, out: int = 128, seed: int = 0, key: str = "") -> Head:
    """Return a head that was never trained, weights and biases uniform in +-1/sqrt(inputs), as torch draws them."""
    rng = np.random.default_rng([seed, 512])

    def uniform(inputs: int, *shape: int) -> Floats:
        return rng.uniform(-1, 1, shape).astype(np.float32) / np.float32(np.sqrt(inputs))

    return Head(
        weight_in=uniform(features, hidden, features),
        bias_in=uniform(features, hidden),
        weight_out=uniform(hidden, out, hidden),
        bias_out=uniform(hidden, out),
        losses=np.empty((0, 2)),
        key=key,
    )


def random_resnet18(seed: int = 0) -> Network:
    """Return torchvision's ResNet-18 with weights drawn from the seed and never trained, as a `Network` (d = 512)."""
    import torch
    from torchvision.models import resnet18

    model = resnet18(weights=None)
    drawn = torch.Generator().manual_seed(seed)  # of our own: the global one is shared by all sessions of a process
    for module in model.modules():
        if isinstance(module, torch.nn.Conv2d):
            torch.nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu", generator=drawn)
    return _headless(model)


def _headless(model: Any) -> Network:
    """Return the features of a torchvision ResNet at the mean and deviation that the published code has."""
    import torch

    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    model.fc = torch.nn.Identity()
    model.eval().to(device)
    mean = torch.tensor(CIFAR_MEAN, device=device)[:, None, None]
    std = torch.tensor(CIFAR_STD, device=device)[:, None, None]
    return lambda images: model((images.to(device) - mean) / std)
