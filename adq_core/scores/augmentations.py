"""Views of images, and their feature vectors: random crops, flipped at random, through a network."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image as PillowImage

from adq_core.data import ImageDataset
from adq_core.errors import InputError
from adq_core.models import BACKBONES, device_and_precision, load_backbone, torch_threads, weights_path
from adq_core.progress import Progress, no_progress
from adq_core.records import AugmentedFeatures, Bools, Floats, Image, Ints

BATCH = 256
SCALE = (0.08, 1.0)  # of the image's area in a crop
RATIO = (3 / 4, 4 / 3)  # of its width to its height
TRIES = 10
CIFAR = ((0.4914, 0.4822, 0.4465), (0.2023, 0.1994, 0.2010))  # mean and deviation, as the published code has them
IMAGENET = ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
AUGMENTATION_SIZES = {
    "resnet18": 64,
    "resnet50": 64,
    "vit_b_16": 224,
}  # a residual network takes any size; 224 is 12 x slower


class ViewEncoder(NamedTuple):
    """What looks at the views, and their size in pixels."""

    look: Callable[[NDArray[np.float32]], Floats]  # (B, 3, S, S) in [0, 1] -> (B, d)
    size: int


def encode_augmentations(
    dataset: ImageDataset,
    eye: ViewEncoder,
    *,
    name: str,
    n_views: int = 2,
    seed: int = 0,
    key: str = "",
    progress: Progress = no_progress,
) -> AugmentedFeatures:
    """Return the features of `n_views` random views of every image, (V, M, d) float16.

    A view is a crop of 8 % to 100 % of the area and a ratio of 3/4 to 4/3, resized to S x S with antialiasing and
    flipped left to right in half of the cases: torchvision's RandomResizedCrop and RandomHorizontalFlip with their
    defaults, as in the published code, drawn from the seed and the row, so that batches change nothing. Streams: one
    batch of images is in memory, and the features. Half precision is as good as the bfloat16 a CPU computes them in.
    """
    rngs = [np.random.default_rng([seed, view]) for view in range(n_views)]
    out: NDArray[np.float16] | None = None
    for rows, images in dataset.batches(BATCH):
        crops = [random_crops(dataset.sizes[rows], rng) for rng in rngs]
        pixels = np.concatenate([_cut(images, *crop, eye.size) for crop in crops])  # (V B, 3, S, S)
        vectors = eye.look(pixels)
        if out is None:
            out = np.empty((n_views, len(dataset), vectors.shape[1]), np.float16)
        out[:, rows] = vectors.reshape(n_views, len(rows), -1)
        progress(int(rows[-1]) + 1, len(dataset), "views")
    assert out is not None  # a data set has at least one image
    return AugmentedFeatures(vectors=out, name=name, key=key)


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


def _cut(images: list[Image], boxes: Ints, flips: Bools, size: int) -> NDArray[np.float32]:
    """Return (B, 3, S, S) in [0, 1], the boxes of the images resized and flipped."""
    out = np.empty((len(images), size, size, 3), np.uint8)
    for i, (image, box) in enumerate(zip(images, boxes.tolist(), strict=True)):
        view = PillowImage.fromarray(image).resize((size, size), PillowImage.Resampling.BILINEAR, box=tuple(box))
        out[i] = np.asarray(view)
    out[flips] = out[flips, :, ::-1]
    return np.ascontiguousarray(out.transpose(0, 3, 1, 2), np.float32) / np.float32(255)


def random_resnet18(seed: int, weights: str | None, progress: Progress) -> ViewEncoder:
    """Return torchvision's ResNet-18 with weights drawn from the seed and never trained, at 32 pixels (d = 512)."""
    import torch
    from torchvision.models import resnet18

    model = resnet18(weights=None)
    drawn = torch.Generator().manual_seed(seed)  # of our own: the global one is shared by all sessions of a process
    for module in model.modules():
        if isinstance(module, torch.nn.Conv2d):
            torch.nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu", generator=drawn)
    model.fc = torch.nn.Identity()
    return ViewEncoder(_look(model, CIFAR), 32)


def published(seed: int, weights: str | None, progress: Progress) -> ViewEncoder:
    """Return ImageNet's ResNet-18 at 32 pixels, input scaled by CIFAR-10's mean and deviation, as published."""
    return ViewEncoder(_look(load_backbone("resnet18", weights, progress), CIFAR), 32)


def has_encoder(weights: str | None) -> bool:
    """Return whether the shipped encoder, or the one in this file, is there."""
    try:
        return weights_path(weights or "small").is_file()
    except InputError:
        return False


def encoder(seed: int, weights: str | None, progress: Progress) -> ViewEncoder:
    """Return the shipped encoder, or one from a file of weights, at the 32 pixels it was trained on."""
    from adq_core.models import encode

    def look(images: NDArray[np.float32]) -> Floats:
        with torch_threads():
            return encode(images, weights=weights or "small")

    return ViewEncoder(look, 32)


def backbone(name: str, weights: str | None, progress: Progress) -> ViewEncoder:
    """Return one of the published networks of torchvision as ImageNet wants it, at a size of `AUGMENTATION_SIZES`."""
    return ViewEncoder(_look(load_backbone(name, weights, progress), IMAGENET), AUGMENTATION_SIZES[name])


def _look(model: Any, scale: tuple[tuple[float, ...], tuple[float, ...]]) -> Callable[[NDArray[np.float32]], Floats]:
    """Return the network as a function from arrays to arrays, on the GPU or in bfloat16 where there is one."""
    import torch

    device, precision = device_and_precision()
    model = model.eval().to(device, memory_format=torch.channels_last)
    mean, std = (torch.tensor(values, device=device)[:, None, None] for values in scale)

    def look(images: NDArray[np.float32]) -> Floats:
        with (
            torch_threads(),
            torch.inference_mode(),
            torch.autocast(device, torch.bfloat16, enabled=precision == "bfloat16"),
        ):
            batch = (torch.from_numpy(images).to(device) - mean) / std
            vectors = model(batch.contiguous(memory_format=torch.channels_last))
            return np.asarray(vectors.float().cpu().numpy())

    return look


def load_view_encoder(
    name: str, *, seed: int = 0, weights: str | None = None, progress: Progress = no_progress
) -> ViewEncoder:
    """Return the network of this name from `VIEW_ENCODERS`, or a published one of torchvision."""
    return backbone(name, weights, progress) if name in BACKBONES else VIEW_ENCODERS[name](seed, weights, progress)


VIEW_ENCODERS: dict[str, Callable[[int, str | None, Progress], ViewEncoder]] = {
    "random-resnet18": random_resnet18,
    "published": published,
    "small": encoder,
}
