"""From a data set to a weights file: what `python -m adq_core train` and the app's training job call."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from adq_core.data import ImageDataset
from adq_core.errors import unknown_name
from adq_core.models.training.encoder import ENCODER_CONFIG, train_encoder
from adq_core.models.training.loop import State, Watch, unwatched
from adq_core.models.training.painter import PAINTER_CONFIGS, SIDE, train_painter
from adq_core.models.training.recipes import RECIPES, Recipe, usual_epochs
from adq_core.models.weights import save_network
from adq_core.progress import Progress, no_progress


@dataclass(frozen=True)
class Trained:
    """What came out of a training: the file, its SHA-256, the recipe, and how it went."""

    path: Path
    sha256: str
    recipe: Recipe
    state: State


def train(
    what: str,
    dataset: ImageDataset,
    out: Path,
    *,
    seed: int = 0,
    epochs: int | None = None,
    progress: Progress = no_progress,
    watch: Watch = unwatched,
) -> Trained:
    """Train `what` ("encoder", "mae" or "unet") on the images of a data set, without labels, and write `out`.

    The checkpoint lies beside `out`, as OUT.checkpoint, until the training is finished: the same call goes on from it.
    Raises `Cancelled` when stopped, `InputError` for fewer than 16 images or a checkpoint of another training.
    """
    if what not in RECIPES:
        raise unknown_name("model to train", what, RECIPES)
    recipe = RECIPES[what]
    n_epochs = epochs or usual_epochs(what, len(dataset))
    patience = max(recipe.patience, round(n_epochs / 10))  # epochs of a small data set are short
    recipe = replace(recipe, seed=seed, epochs=n_epochs, patience=patience, data=dataset.key)
    return train_on(what, training_images(dataset), out, recipe=recipe, progress=progress, watch=watch)


def train_on(
    what: str,
    images: NDArray[np.uint8],
    out: Path,
    *,
    recipe: Recipe,
    progress: Progress = no_progress,
    watch: Watch = unwatched,
) -> Trained:
    """Train on an array of images (N, S, S, 3) under a recipe and write `out`; the shipped weights came from here."""
    checkpoint = out.with_name(out.name + ".checkpoint")
    if what == "encoder":
        network, state = train_encoder(images, checkpoint=checkpoint, recipe=recipe, progress=progress, watch=watch)
    else:
        network, state = train_painter(
            images, architecture=what, checkpoint=checkpoint, recipe=recipe, progress=progress, watch=watch
        )
    sha256 = save_network(network, out, architecture=what, config=CONFIGS[what])
    checkpoint.unlink(missing_ok=True)
    return Trained(out, sha256, recipe, state)


def training_images(dataset: ImageDataset) -> NDArray[np.uint8]:
    """Return the thumbnails, (M, S, S, 3): as they are, or halved where most images are no larger than that.

    Training on enlarged images would teach a painter that images are blurred. Those below 32 pixels, which are drawn
    rather than photographed, are enlarged by repeating pixels.
    """
    dataset.need_images()
    thumbnails = dataset.thumbnails
    side = thumbnails.shape[1]
    if side < SIDE:
        return thumbnails.repeat(SIDE // side, axis=1).repeat(SIDE // side, axis=2)
    if side % 2 or side < 64 or np.median(dataset.sizes) > side // 2:
        return thumbnails
    halved = np.empty((len(dataset), side // 2, side // 2, 3), np.uint8)
    for start in range(0, len(dataset), 1024):
        part = thumbnails[start : start + 1024].astype(np.uint16)
        total = part[:, ::2, ::2] + part[:, 1::2, ::2] + part[:, ::2, 1::2] + part[:, 1::2, 1::2]
        halved[start : start + 1024] = (total + 2) // 4
    return halved


CONFIGS = {"encoder": ENCODER_CONFIG, **PAINTER_CONFIGS}
