"""Augmented views of images (random crops and flips) and their feature vectors under a network."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from functools import partial
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image as PillowImage

from adq_core.data import ImageDataset
from adq_core.errors import InputError
from adq_core.models import (
    device_and_precision,
    encode,
    find_backbone,
    is_backbone,
    load_backbone,
    network_inference,
    published_file,
    torch_threads,
    weights_path,
)
from adq_core.parallel import map_ordered
from adq_core.progress import Progress, no_progress
from adq_core.records import AugmentedFeatures, Bools, Floats, Image, Ints

# Images per call of the network, each with two views. Larger batches make tensors of more than 32 MB, which the C
# library takes from the system anew for every layer, which costs page faults and system time.
BATCH = 8
SCALE = (0.08, 1.0)  # of the image's area in a crop
RATIO = (3 / 4, 4 / 3)  # of its width to its height
N_TRIES = 10  # random boxes per crop before the fallback
N_DRAWS = 2 * N_TRIES + 3  # random numbers per view: area and ratio of each box, its position (2), the flip
Scale = tuple[tuple[float, ...], tuple[float, ...]]
CIFAR: Scale = (
    (0.4914, 0.4822, 0.4465),
    (0.2023, 0.1994, 0.2010),
)  # mean and deviation per colour, as in the published code
PUBLISHED_SIZE = 32  # pixels, as in the published code
AUGMENTATION_SIZE = 96  # pixels, of networks that accept several sizes
AUGMENTATION_SIZES = {"resnet18": 64, "resnet50": 64, "vit_b_16": 224}  # 224 is the only size that ViT-B/16 accepts


class ViewEncoder(NamedTuple):
    """The network that encodes augmented images, and its input size."""

    encode: Callable[[NDArray[np.float32]], Floats]  # (B, 3, S, S) in [0, 1] -> (B, d)
    size: int  # S, in pixels


def encode_augmentations(
    dataset: ImageDataset,
    encoder: ViewEncoder,
    *,
    name: str,
    rows: Ints | None = None,
    n_views: int = 2,
    seed: int = 0,
    key: str = "",
    progress: Progress = no_progress,
) -> AugmentedFeatures:
    """Return the features of `n_views` random views of these rows (default: all images), (V, K, d) float16.

    A view is a crop of 8 % to 100 % of the area with an aspect ratio of 3/4 to 4/3, resized to S x S pixels with
    antialiasing and flipped left to right with probability 1/2: torchvision's RandomResizedCrop and
    RandomHorizontalFlip with their defaults, as in the published code. The views of an image depend on the seed and on
    its row in the data set, and not on the other rows. `rows` must be ascending.

    While the network encodes one batch, a thread decodes and crops the next ones. Memory: three batches, and the
    features. float16 loses nothing, because a CPU computes the features in bfloat16.
    """
    chosen = np.arange(len(dataset)) if rows is None else np.asarray(rows, np.int64)
    batches = [chosen[start : start + BATCH] for start in range(0, len(chosen), BATCH)]
    pixels = np.empty((n_views * BATCH, encoder.size, encoder.size, 3), np.float32)  # used again for every batch
    out: NDArray[np.float16] | None = None
    done = 0
    read = partial(read_views, dataset, n_views=n_views, size=encoder.size, seed=seed)
    with closing(map_ordered(read, batches, 1)) as results:
        for views in results:
            np.divide(views, np.float32(255), out=pixels[: len(views)])
            vectors = encoder.encode(pixels[: len(views)].transpose(0, 3, 1, 2))
            if out is None:
                out = np.empty((n_views, len(chosen), vectors.shape[1]), np.float16)
            count = len(views) // n_views
            out[:, done : done + count] = vectors.reshape(n_views, count, -1)
            done += count
            progress(done, len(chosen), "augmented images")
    assert out is not None  # a data set has at least one image
    return AugmentedFeatures(vectors=out, name=name, key=key, rows=chosen)


def read_views(dataset: ImageDataset, rows: Ints, *, n_views: int, size: int, seed: int) -> NDArray[np.uint8]:
    """Return the random views of these rows, first view 0 of all rows, then view 1, (V B, S, S, 3) uint8."""
    views = np.empty((n_views, len(rows), size, size, 3), np.uint8)
    for _, images in dataset.batches(len(rows), rows.tolist()):  # one batch
        for view in range(n_views):
            boxes, flips = random_resized_crops(dataset.sizes[rows], row_draws(rows, seed, view))
            resize_crops(images, boxes, flips, views[view])
    return views.reshape(-1, size, size, 3)


def row_draws(rows: Ints, seed: int, view: int) -> NDArray[np.float64]:
    """Return the random numbers in [0, 1) of one view of these ascending rows, (B, N_DRAWS).

    Row r has the numbers r N_DRAWS to (r + 1) N_DRAWS - 1 of one random stream per view, whichever rows are drawn.
    """
    stream = np.random.PCG64([seed, view])
    rng = np.random.Generator(stream)
    draws = np.empty((len(rows), N_DRAWS))
    position = 0
    for draw, row in zip(draws, rows.tolist(), strict=True):
        stream.advance((row - position) * N_DRAWS)
        rng.random(out=draw)
        position = row + 1
    return draws


def random_resized_crops(sizes: Ints, draws: NDArray[np.float64]) -> tuple[Ints, Bools]:
    """Return one random box per image, (B, 4) left, top, right, bottom in pixels, and whether to flip it, (B,).

    sizes (B, 2): height and width; draws (B, N_DRAWS): random numbers in [0, 1). The first of ten random boxes that
    fits into the image is used; if none fits, the largest centred box with an allowed aspect ratio.
    """
    height, width = sizes[:, :1].astype(np.float64), sizes[:, 1:].astype(np.float64)
    area = height * width * (SCALE[0] + (SCALE[1] - SCALE[0]) * draws[:, :N_TRIES])
    low, high = np.log(RATIO)
    ratio = np.exp(low + (high - low) * draws[:, N_TRIES : 2 * N_TRIES])
    tall, wide = np.rint(np.sqrt(area / ratio)), np.rint(np.sqrt(area * ratio))  # (B, tries)
    fits = (tall >= 1) & (wide >= 1) & (tall <= height) & (wide <= width)
    first = np.argmax(fits, axis=1)[:, None]
    h, w = np.take_along_axis(tall, first, 1)[:, 0], np.take_along_axis(wide, first, 1)[:, 0]
    height, width = height[:, 0], width[:, 0]
    u, v, flip = draws[:, -3], draws[:, -2], draws[:, -1] < 0.5
    no_fit = ~fits.any(axis=1)
    h = np.where(no_fit, np.maximum(np.minimum(height, np.rint(width / RATIO[0])), 1), h)
    w = np.where(no_fit, np.maximum(np.minimum(width, np.rint(height * RATIO[1])), 1), w)
    top = np.where(no_fit, (height - h) // 2, np.floor(u * (height - h + 1)))
    left = np.where(no_fit, (width - w) // 2, np.floor(v * (width - w + 1)))
    return np.stack([left, top, left + w, top + h], axis=1).astype(np.int64), flip


def resize_crops(images: list[Image], boxes: Ints, flips: Bools, out: NDArray[np.uint8]) -> None:
    """Write the boxes of the images, resized to S x S and flipped, into `out`, (B, S, S, 3)."""
    size = out.shape[1:3]
    for i, (image, box) in enumerate(zip(images, boxes.tolist(), strict=True)):
        view = PillowImage.fromarray(image).resize(size, PillowImage.Resampling.BILINEAR, box=tuple(box))
        out[i] = np.asarray(view)
    out[flips] = out[flips, :, ::-1]


def random_resnet18(seed: int, weights: str | None, progress: Progress) -> ViewEncoder:
    """Return torchvision's ResNet-18 with untrained random weights, for views of 32 pixels (d = 512)."""
    import torch
    from torchvision.models import resnet18

    model = resnet18(weights=None)
    generator = torch.Generator().manual_seed(seed)  # torch's global generator is shared by all sessions of a process
    for module in model.modules():
        if isinstance(module, torch.nn.Conv2d):
            torch.nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu", generator=generator)
    model.fc = torch.nn.Identity()
    return ViewEncoder(_encoder_of(model, CIFAR), 32)


def published_backbone() -> str:
    """Return the backbone of diversity `published`: ResNet-18 if its weights are on this machine, else Lite0."""
    return "resnet18" if published_file("resnet18").is_file() else "lite0"


def published_note() -> tuple[str, ...]:
    """Return a sentence for the user if diversity `published` has another backbone than the published code, or none."""
    if published_backbone() == "resnet18":
        return ()
    return (
        "Diversity published is measured with EfficientNet-Lite0. The published code uses ResNet-18, whose weights are "
        "not on this machine; the embedding resnet18 downloads them.",
    )


def published(seed: int, weights: str | None, progress: Progress) -> ViewEncoder:
    """Return an ImageNet backbone for views of 32 pixels, scaled by CIFAR-10's mean and deviation as published.

    The published code has ResNet-18. Without a network its weights cannot be had, so EfficientNet-Lite0 takes its place
    if they are not on this machine; the scores say which backbone was used.
    """
    network = load_backbone(published_backbone(), None, progress).network
    return ViewEncoder(_encoder_of(network, CIFAR), PUBLISHED_SIZE)


def has_encoder(weights: str | None) -> bool:
    """Return whether the file of the bundled encoder, or of these weights, exists."""
    try:
        return weights_path(weights or "small").is_file()
    except InputError:
        return False


def bundled_encoder(seed: int, weights: str | None, progress: Progress) -> ViewEncoder:
    """Return the bundled encoder, or one from a file of weights, for views of 32 pixels, its training size."""

    def encode_images(images: NDArray[np.float32]) -> Floats:
        with torch_threads():
            return encode(images, weights=weights or "small")

    return ViewEncoder(encode_images, 32)


def augmentation_size(name: str) -> int:
    """Return the side in pixels of the augmentations for a backbone."""
    return AUGMENTATION_SIZES.get(name) or find_backbone(name).input.side or AUGMENTATION_SIZE


def backbone(name: str, weights: str | None, progress: Progress) -> ViewEncoder:
    """Return a backbone with the input scaling of its training, for views of `augmentation_size` pixels."""
    loaded = load_backbone(name, weights, progress)
    return ViewEncoder(_encoder_of(loaded.network, (loaded.input.mean, loaded.input.std)), augmentation_size(name))


def _encoder_of(model: Any, scale: Scale) -> Callable[[NDArray[np.float32]], Floats]:
    """Return the network as a function of arrays; it runs as `network_inference` does."""
    import torch

    device, _ = device_and_precision()
    model = model.eval().to(device, memory_format=torch.channels_last)
    mean, std = (torch.tensor(values, device=device)[:, None, None] for values in scale)

    def encode_images(images: NDArray[np.float32]) -> Floats:
        with network_inference():
            batch = (torch.from_numpy(images).to(device) - mean) / std
            vectors = model(batch.contiguous(memory_format=torch.channels_last))
            return np.asarray(vectors.float().cpu().numpy())

    return encode_images


def load_view_encoder(
    name: str, *, seed: int = 0, weights: str | None = None, progress: Progress = no_progress
) -> ViewEncoder:
    """Return the network of this name: a backbone, or one of `VIEW_ENCODERS`."""
    return backbone(name, weights, progress) if is_backbone(name) else VIEW_ENCODERS[name](seed, weights, progress)


VIEW_ENCODERS: dict[str, Callable[[int, str | None, Progress], ViewEncoder]] = {
    "random-resnet18": random_resnet18,
    "published": published,
    "small": bundled_encoder,
}
