"""The training loop of all networks: seeded, with checkpoints and an early stop."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from adq_core.errors import Cancelled, InputError
from adq_core.progress import Progress, no_progress

from .checkpoint import Checkpoint
from .config import EpochCallback, TrainingConfig, TrainingState, held_out_count, no_callback
from .optimizer import Muon

MIN_IMAGES = 16

TrainLoss = Callable[[npt.NDArray[np.int64]], Tensor]
"""The loss of one batch, given the indices of its images."""

HeldOutLoss = Callable[[npt.NDArray[np.int64]], float]
"""The loss on all held-out images, given their indices."""


def split(n_images: int, config: TrainingConfig) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return the indices to train on and the held-out indices, both sorted and drawn from the seed.

    At least 4 and at most 2,000 images are held out. Raises `InputError` for fewer than 16 images.
    """
    if n_images < MIN_IMAGES:
        raise InputError(f"Training needs at least {MIN_IMAGES} images, got {n_images}. Choose a larger data set.")
    order = np.random.default_rng([config.seed, 0]).permutation(n_images)
    n_held_out = held_out_count(n_images, config)
    return np.sort(order[n_held_out:]), np.sort(order[:n_held_out])


def batch_at(step: int, train: npt.NDArray[np.int64], config: TrainingConfig) -> npt.NDArray[np.int64]:
    """Return the indices of the batch of a step.

    They depend on the seed and the step only, so that a continued training has the same batches.
    """
    size = min(config.batch_size, len(train))
    epoch, position = divmod(step, len(train) // size)
    order = np.random.default_rng([config.seed, 1, epoch]).permutation(len(train))
    return train[order[position * size : (position + 1) * size]]


@contextmanager
def seeded(*entropy: int) -> Iterator[None]:
    """Seed torch's random generator from these integers inside the block, and restore it afterwards."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(int(np.random.SeedSequence(entropy).generate_state(1)[0]))
        yield


def fit(
    network: nn.Module,
    train_loss: TrainLoss,
    held_out_loss: HeldOutLoss,
    n_images: int,
    config: TrainingConfig,
    *,
    checkpoint: Path,
    name: str,
    progress: Progress = no_progress,
    on_epoch_end: EpochCallback = no_callback,
) -> TrainingState:
    """Train `network` in place, leave it with the parameters of the lowest held-out loss, and return the final state.

    Both losses run with seeded random numbers. The checkpoint is written every minute, after every epoch, and when
    `progress` raises `Cancelled`. If the file `checkpoint` exists, the training continues from it and ends with the
    same parameters as an uninterrupted one.

    Raises `InputError` for fewer than 16 images or a checkpoint of another training, `Cancelled` if `progress` raises
    it or the user presses Ctrl-C.
    """
    train, held_out = split(n_images, config)
    steps_per_epoch = len(train) // min(config.batch_size, len(train))
    n_steps = max(1, round(config.epochs * steps_per_epoch))
    optimizer = Muon(network, config.learning_rate, config.weight_decay)
    saved = Checkpoint(checkpoint, network, optimizer, config)
    state = saved.state
    if saved.restored:
        on_epoch_end(state)
    losses: list[float] = []
    try:
        while state.step < n_steps and state.epochs_since_best < config.patience:
            try:
                progress(state.step, n_steps, name)
            except Cancelled:
                saved.save()
                raise
            set_learning_rate(optimizer, config.learning_rate_at(state.step, n_steps))
            with seeded(config.seed, 2, state.step):
                losses.append(train_step(network, optimizer, train_loss, batch_at(state.step, train, config)))
            state.step += 1
            if state.step % steps_per_epoch == 0 or state.step == n_steps:
                loss = evaluate(network, held_out_loss, held_out, config)
                record_epoch(saved, network, state.step / steps_per_epoch, float(np.mean(losses)), loss)
                losses.clear()
                on_epoch_end(state)
                saved.save()
            elif saved.due:
                saved.save()
    except (KeyboardInterrupt, Cancelled) as error:
        # Ctrl-C can interrupt a step, so nothing is saved here: the last checkpoint is complete.
        raise _stopped(name, state.step, n_steps, checkpoint) from error
    saved.save()
    network.load_state_dict(saved.best)
    network.eval()
    progress(n_steps, n_steps, name)
    return state


def set_learning_rate(optimizer: Muon, learning_rate: float) -> None:
    """Set the learning rate of all parameter groups."""
    for group in optimizer.param_groups:
        group["lr"] = learning_rate


def train_step(network: nn.Module, optimizer: Muon, train_loss: TrainLoss, batch: npt.NDArray[np.int64]) -> float:
    """Update the parameters on one batch and return its loss before the update."""
    network.train()
    loss = train_loss(batch)
    optimizer.zero_grad()
    loss.backward()  # type: ignore[no-untyped-call]
    optimizer.step()
    return float(loss.detach())


def evaluate(
    network: nn.Module, held_out_loss: HeldOutLoss, held_out: npt.NDArray[np.int64], config: TrainingConfig
) -> float:
    """Return the loss on the held-out images, with the same random numbers after every epoch."""
    network.eval()
    with torch.no_grad(), seeded(config.seed, 3):
        return held_out_loss(held_out)


def record_epoch(
    checkpoint: Checkpoint, network: nn.Module, epoch: float, train_loss: float, held_out_loss: float
) -> None:
    """Add an epoch to the history and copy the parameters if their held-out loss is the lowest so far."""
    state = checkpoint.state
    if held_out_loss < state.best_loss:
        state.best_loss, state.epochs_since_best = held_out_loss, 0
        checkpoint.best = {name: value.clone() for name, value in network.state_dict().items()}
    else:
        state.epochs_since_best += 1
    state.history.append(
        {
            "epoch": round(epoch, 2),
            "train_loss": train_loss,
            "held_out_loss": held_out_loss,
            "cpu_seconds": round(checkpoint.cpu_seconds, 1),
        }
    )


def _stopped(name: str, step: int, n_steps: int, checkpoint: Path) -> Cancelled:
    saved = f"The checkpoint {checkpoint} is kept: start the same training again to continue from it."
    return Cancelled(
        f"Training of the {name} was stopped at step {step} of {n_steps}. "
        + (saved if checkpoint.exists() else "There was no checkpoint yet.")
    )
