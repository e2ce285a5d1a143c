"""The parameters, the state and the defaults of a training. Does not import torch, so that the app can show them."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field

# By default a training processes as many images as the training of the bundled weights, for any size of the data set;
# early stopping prevents overfitting on small sets.
BUNDLED_TRAINING_IMAGES = 48_000  # CIFAR-10's training images without the held-out ones
MAX_EPOCHS = 200.0
MAX_HELD_OUT = 2000
PARENT_VARIABLE = "ADQ_PARENT_PROCESS"  # id of the process that started the training and reads its report


@dataclass(frozen=True)
class TrainingConfig:
    """The parameters of a training, apart from its images and its network."""

    epochs: float
    batch_size: int
    learning_rate: float
    weight_decay: float = 0.05
    warmup: float = 0.02  # share of the steps, at the start, in which the learning rate rises from 0
    decay: float = 0.4  # share of the steps, at the end, in which it falls to 0
    held_out: float = 0.04  # share of the images that are not trained on; their loss decides about the early stop
    patience: int = 6  # epochs without a lower held-out loss after which training stops
    seed: int = 0
    data: str = ""  # key of the data set, so that a checkpoint is not continued on other images

    def learning_rate_at(self, step: int, n_steps: int) -> float:
        """Return the learning rate of a step: linear rise, constant, linear fall.

        Because of the constant part a stopped training can be continued with more or fewer epochs.
        """
        rise = (step + 1) / max(1.0, self.warmup * n_steps)
        fall = (n_steps - step) / max(1.0, self.decay * n_steps)
        return self.learning_rate * min(1.0, rise, fall)


@dataclass
class TrainingState:
    """The progress of a training, which a checkpoint holds besides the parameters."""

    step: int = 0
    cpu_seconds: float = 0.0
    best_loss: float = math.inf  # on the held-out images
    epochs_since_best: int = 0
    history: list[dict[str, float]] = field(default_factory=list)  # epoch, train_loss, held_out_loss, cpu_seconds


EpochCallback = Callable[[TrainingState], None]
"""Called after every epoch with the state, which it must not change."""


def no_callback(state: TrainingState) -> None:
    """Do nothing after an epoch: the default."""


ENCODER_TRAINING = TrainingConfig(epochs=11.5, batch_size=256, learning_rate=2e-3, weight_decay=0.02)
INPAINTER_TRAININGS = {
    "mae": TrainingConfig(epochs=2, batch_size=64, learning_rate=2e-3, weight_decay=0.01),
    "unet": TrainingConfig(epochs=2, batch_size=128, learning_rate=2e-3, weight_decay=0.01),
}
TRAINING_CONFIGS: dict[str, TrainingConfig] = {"encoder": ENCODER_TRAINING, **INPAINTER_TRAININGS}


def held_out_count(n_images: int, config: TrainingConfig) -> int:
    """Return the number of images that a training does not train on: 4 to 2,000."""
    return min(MAX_HELD_OUT, max(4, round(config.held_out * n_images)))


def default_epochs(model: str, n_images: int) -> float:
    """Return the number of epochs in which a training processes as many images as that of the bundled weights."""
    return min(MAX_EPOCHS, TRAINING_CONFIGS[model].epochs * BUNDLED_TRAINING_IMAGES / n_images)
