"""Settings of the trainings. Imports no torch, so that the app can show them at once."""

from __future__ import annotations

from dataclasses import dataclass

# By default a training sees as many images as the training of the shipped weights, however small the data set is;
# early stopping ends it before it overfits.
SHIPPED_ON = 48_000  # training images of the shipped weights: CIFAR-10's without those held out
MAX_EPOCHS = 200.0
MAX_HELD_OUT = 2_000


@dataclass(frozen=True)
class Recipe:
    """All settings of a training, besides its images and its network."""

    epochs: float
    batch_size: int
    learning_rate: float
    weight_decay: float = 0.05
    warmup: float = 0.02  # share of the steps in which the learning rate rises from 0
    decay: float = 0.4  # share of the steps, at the end, in which it falls to 0
    held_out: float = 0.04  # share of the images that are never trained on and decide about the early stop
    patience: int = 6  # stop after so many epochs without a better held-out loss
    seed: int = 0
    data: str = ""  # key of the data set, so that a checkpoint is never continued on other images

    def learning_rate_at(self, step: int, n_steps: int) -> float:
        """Return the rate of one step: up, constant, down.

        The constant part lets a stopped training be resumed with more or fewer epochs.
        """
        rise = (step + 1) / max(1.0, self.warmup * n_steps)
        fall = (n_steps - step) / max(1.0, self.decay * n_steps)
        return self.learning_rate * min(1.0, rise, fall)


ENCODER_RECIPE = Recipe(epochs=11.5, batch_size=256, learning_rate=2e-3, weight_decay=0.02)
PAINTER_RECIPES = {
    "mae": Recipe(epochs=2, batch_size=64, learning_rate=2e-3, weight_decay=0.01),
    "unet": Recipe(epochs=2, batch_size=128, learning_rate=2e-3, weight_decay=0.01),
}
RECIPES: dict[str, Recipe] = {"encoder": ENCODER_RECIPE, **PAINTER_RECIPES}


def n_held_out(n_images: int, recipe: Recipe) -> int:
    """Return the number of images that a training never trains on: 4 to 2,000."""
    return min(MAX_HELD_OUT, max(4, round(recipe.held_out * n_images)))


def usual_epochs(what: str, n_images: int) -> float:
    """Return the number of epochs of a training that is given none: as many images as the shipped weights saw."""
    return min(MAX_EPOCHS, RECIPES[what].epochs * SHIPPED_ON / n_images)
