"""Train a network on a data set and write its weights: for `python -m adq_core train` and the app's training job."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from adq_core.data import ImageDataset
from adq_core.errors import unknown_name
from adq_core.linalg import block_sums, repeat_pixels
from adq_core.models.weights import save_network
from adq_core.progress import Progress, no_progress

from .config import TRAINING_CONFIGS, EpochCallback, TrainingConfig, TrainingState, default_epochs, no_callback
from .encoder import ENCODER_NETWORK, train_encoder
from .inpainter import INPAINTER_NETWORKS, SIDE, train_inpainter

HALVING_BATCH = 1024


@dataclass(frozen=True)
class TrainingResult:
    """The result of a training: the weights file, its SHA-256, the configuration and the final state."""

    path: Path
    sha256: str
    config: TrainingConfig
    state: TrainingState


def train(
    model: str,
    dataset: ImageDataset,
    out: Path,
    *,
    seed: int = 0,
    epochs: int | None = None,
    progress: Progress = no_progress,
    on_epoch_end: EpochCallback = no_callback,
) -> TrainingResult:
    """Train `model` ("encoder", "mae" or "unet") on the images of a data set, without labels, and write `out`.

    Until the training is finished its checkpoint is at OUT.checkpoint, and the same call continues from it. Raises
    `SettingsError` for an unknown model, `InputError` for fewer than 16 images or a checkpoint of another training,
    `Cancelled` if it is stopped, `StorageError` if `out` cannot be written.
    """
    if model not in TRAINING_CONFIGS:
        raise unknown_name("model to train", model, TRAINING_CONFIGS)
    config = TRAINING_CONFIGS[model]
    n_epochs = epochs or default_epochs(model, len(dataset))
    patience = max(config.patience, round(n_epochs / 10))  # epochs of a small data set are short
    config = replace(config, seed=seed, epochs=n_epochs, patience=patience, data=dataset.key)
    return train_on(model, training_images(dataset), out, config=config, progress=progress, on_epoch_end=on_epoch_end)


def train_on(
    model: str,
    images: NDArray[np.uint8],
    out: Path,
    *,
    config: TrainingConfig,
    progress: Progress = no_progress,
    on_epoch_end: EpochCallback = no_callback,
) -> TrainingResult:
    """Train on an array of images (N, S, S, 3) and write `out`; the bundled weights were trained by this function."""
    checkpoint = out.with_name(out.name + ".checkpoint")
    if model == "encoder":
        network, state = train_encoder(
            images, checkpoint=checkpoint, config=config, progress=progress, on_epoch_end=on_epoch_end
        )
    else:
        network, state = train_inpainter(
            images,
            architecture=model,
            checkpoint=checkpoint,
            config=config,
            progress=progress,
            on_epoch_end=on_epoch_end,
        )
    sha256 = save_network(network, out, architecture=model, config=NETWORK_CONFIGS[model])
    checkpoint.unlink(missing_ok=True)
    return TrainingResult(out, sha256, config, state)


def training_images(dataset: ImageDataset) -> NDArray[np.uint8]:
    """Return the images to train on, (M, S, S, 3): the thumbnails, halved if most images are not larger than that.

    A network trained on enlarged images would learn that images are blurred. Thumbnails below 32 pixels, which are
    drawn rather than photographed, are enlarged by repeating pixels. Raises `InputError` for a set without images.
    """
    dataset.need_images()
    thumbnails = dataset.thumbnails
    side = thumbnails.shape[1]
    if side < SIDE:
        return repeat_pixels(thumbnails, SIDE // side)
    if side % 2 or side < 64 or np.median(dataset.sizes) > side // 2:
        return thumbnails
    halved = np.empty((len(dataset), side // 2, side // 2, 3), np.uint8)
    for start in range(0, len(dataset), HALVING_BATCH):
        sums = block_sums(thumbnails[start : start + HALVING_BATCH], 2)
        halved[start : start + HALVING_BATCH] = (sums + 2) // 4  # the mean of 2 x 2 pixels, rounded
    return halved


NETWORK_CONFIGS = {"encoder": ENCODER_NETWORK, **INPAINTER_NETWORKS}
