"""The network probe: a small convolutional network, trained from scratch on the pixels of a subset."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from adq_core.parallel import cpu_count
from adq_core.progress import Progress, no_progress
from adq_core.records import Ints

NETWORK_VERSION = 1  # of the network and its training, part of the keys of measured cells
SIDE = 32  # pixels of the images
MEASURED_STEPS = 6  # from which the time of a training is estimated


@dataclass(frozen=True)
class NetworkRecipe:
    """The network and its training. The number of steps is the same for every size of the subset.

    Chosen on balanced random subsets of 5,000 CIFAR-10 images for about a minute on one core with bfloat16.
    """

    steps: int = 500
    batch_size: int = 128
    widths: tuple[int, int, int] = (32, 64, 128)  # channels at 15, 7 and 3 pixels
    learning_rate: float = 0.4  # the largest of the one-cycle schedule
    warmup: float = 0.2  # share of the steps in which the learning rate rises
    weight_decay: float = 5e-4
    label_smoothing: float = 0.1
    shift: int = 4  # pixels by which an image is shifted, at most
    cutout: int = 0  # pixels of the side of the square that is set to the mean colour


RECIPE = NetworkRecipe()


def network_device() -> tuple[str, str]:
    """Return the device and the precision of the training: bfloat16 where the processor has it, else float32.

    Both are part of the keys of measured cells.
    """
    import torch

    from adq_core.models import device_and_precision

    if torch.cuda.is_available():
        return "cuda", "bfloat16" if torch.cuda.is_bf16_supported() else "float32"
    return device_and_precision()


def network_images(thumbnails: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return thumbnails (K, T, T, 3) as the images of the network, (K, 32, 32, 3) uint8.

    Larger ones are reduced to the mean of squares of pixels, smaller ones are enlarged by repeating pixels. T divides
    32 or is a multiple of it.
    """
    side = thumbnails.shape[1]
    if side < SIDE:
        return thumbnails.repeat(SIDE // side, axis=1).repeat(SIDE // side, axis=2)
    factor = side // SIDE
    if factor == 1:
        return np.asarray(thumbnails)
    squares = thumbnails.reshape(len(thumbnails), SIDE, factor, SIDE, factor, 3)
    return np.asarray(np.rint(squares.mean(axis=(2, 4), dtype=np.float32)), np.uint8)


def train_and_predict(
    images: NDArray[np.uint8],
    labels: Ints,
    n_classes: int,
    test_images: NDArray[np.uint8],
    *,
    seed: int = 0,
    recipe: NetworkRecipe = RECIPE,
    progress: Progress = no_progress,
) -> Ints:
    """Return the class that a network trained on `images` (n, 32, 32, 3) gives each test image, (K,) int64.

    The final parameters are used, never the best ones. `progress` is called after every step. On a CPU one thread
    computes, so that the same seed gives the same result for any number of cores; on a GPU sums can differ in the last
    digit. How it misleads: a small network that is trained for a minute is not a large one that is trained for a day;
    subsets of a few images are seen many times, so hard images hurt them more.
    """
    from .network_training import predict, train

    network = train(images, labels, n_classes, seed=seed, recipe=recipe, progress=progress)
    return predict(network, test_images)


def seconds_per_training(
    images: NDArray[np.uint8], labels: Ints, n_classes: int, n_test: int, recipe: NetworkRecipe
) -> float:
    """Return the seconds that a training and `n_test` predictions take here, measured on a few steps.

    The first steps, in which torch chooses its kernels, do not count. As many trainings as `trainings_at_once` run at
    the same time, so this is the time of one divided by their number. Other work on the machine makes it longer.
    """
    times: list[float] = []
    few = replace(recipe, steps=MEASURED_STEPS + 2)
    tested = images[: min(len(images), 500)]
    train_and_predict(
        images, labels, n_classes, tested[:2], recipe=few, progress=lambda *_: times.append(time.perf_counter())
    )
    began = time.perf_counter()
    train_and_predict(images, labels, n_classes, tested, recipe=replace(recipe, steps=1))
    predicted = time.perf_counter() - began
    step = (times[-1] - times[2]) / MEASURED_STEPS
    return (recipe.steps * step + predicted * n_test / len(tested)) / trainings_at_once()


def trainings_at_once() -> int:
    """Return how many trainings run at the same time: one per core, or one on a GPU."""
    return cpu_count() if network_device()[0] == "cpu" else 1
