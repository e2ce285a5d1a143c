"""`torchvision:NAME` to an `ImageDataset`: the published sets whose images are arrays."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adq_core.errors import InputError, unknown_name
from adq_core.progress import Progress, no_progress

from .arrays import dataset_from_arrays
from .dataset import ImageDataset

Loaded = tuple[NDArray[np.uint8], NDArray[Any], Sequence[str]]  # images, labels, class names


def open_torchvision(
    name: str,
    *,
    root: Path,
    cache: Path | None = None,
    progress: Progress = no_progress,
    load: Callable[[str, Path], Loaded] | None = None,
) -> ImageDataset:
    """Return the training images of one of torchvision's sets, from `root` or, if it is not there, downloaded to it.

    `load(name, root)` fetches the arrays; tests give one of their own.
    """
    known = {each.lower(): each for each in SETS}
    if name.lower() not in known:
        raise unknown_name("torchvision data set", name, SETS)
    name = known[name.lower()]
    progress(0, 1, f"fetching {name}")
    try:
        images, labels, class_names = (load or load_with_torchvision)(name, root)
    except (OSError, RuntimeError) as error:
        reason = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise InputError(
            f"torchvision's {name} is not in {root} and could not be downloaded ({reason}). "
            f"Where there is no network, put the files there as torchvision lays them out: {SETS[name]}."
        ) from None
    progress(1, 1, f"fetching {name}")
    return dataset_from_arrays(
        images,
        labels,
        class_names,
        name=name,
        about=f"The {len(images):,} training images of {name}, by way of torchvision.",
        cache=cache,
        progress=progress,
    )


def load_with_torchvision(name: str, root: Path) -> Loaded:
    """Return images (M, H, W[, 3]), labels and class names of one of torchvision's sets, downloading it if need be."""
    from torchvision import datasets

    root.mkdir(parents=True, exist_ok=True)
    options = {"split": "train"} if name in ("SVHN", "STL10") else {"train": True}
    opened = getattr(datasets, name)(str(root), download=True, **options)
    images, labels = np.asarray(opened.data), np.asarray(opened.labels if "split" in options else opened.targets)
    if "split" in options:
        images = np.ascontiguousarray(images.transpose(0, 2, 3, 1))  # these two keep the channels first
    return images, labels, getattr(opened, "classes", None) or [str(label) for label in range(10)]


SETS = {  # name: where its files belong, below the folder that the error names
    "CIFAR10": "cifar-10-batches-py/",
    "CIFAR100": "cifar-100-python/",
    "FashionMNIST": "FashionMNIST/raw/",
    "KMNIST": "KMNIST/raw/",
    "MNIST": "MNIST/raw/",
    "STL10": "stl10_binary/",
    "SVHN": "train_32x32.mat",
}
