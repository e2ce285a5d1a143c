"""The loop that both trainings share: seeded, resumable, with early stop and checkpoints."""

from __future__ import annotations

import json
import math
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from adq_core.errors import Cancelled, InputError
from adq_core.models.training.optimizer import Muon
from adq_core.models.training.recipes import Recipe, n_held_out
from adq_core.progress import Progress, no_progress


@dataclass
class State:
    """What a checkpoint holds beside the parameters."""

    step: int = 0
    cpu_seconds: float = 0.0
    best_loss: float = math.inf
    epochs_since_best: int = 0
    history: list[dict[str, float]] = field(default_factory=list)


Watch = Callable[[State], None]
"""Called after every epoch with how the training goes; the state must be left alone."""


def unwatched(state: State) -> None:
    """Ignore how a training goes: the default."""


def split(n_images: int, recipe: Recipe) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return indices to train on and indices held out, both seeded; at most 2,000 are held out."""
    if n_images < 16:
        raise InputError(f"Training needs at least 16 images, got {n_images}. Choose a larger data set.")
    order = np.random.default_rng([recipe.seed, 0]).permutation(n_images)
    n_out = n_held_out(n_images, recipe)
    return np.sort(order[n_out:]), np.sort(order[:n_out])


def batch_at(step: int, train: npt.NDArray[np.int64], recipe: Recipe) -> npt.NDArray[np.int64]:
    """Return the indices of one step: a pure function of seed and step, so that a resumed run sees the same batches."""
    size = min(recipe.batch_size, len(train))
    epoch, place = divmod(step, len(train) // size)
    order = np.random.default_rng([recipe.seed, 1, epoch]).permutation(len(train))
    return train[order[place * size : (place + 1) * size]]


@contextmanager
def seeded(*entropy: int) -> Iterator[None]:
    """Run a block with torch's random numbers from these integers, and put the generator back afterwards."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(int(np.random.SeedSequence(entropy).generate_state(1)[0]))
        yield


def fit(
    network: nn.Module,
    train_loss: Callable[[npt.NDArray[np.int64]], Tensor],
    held_out_loss: Callable[[npt.NDArray[np.int64]], float],
    n_images: int,
    recipe: Recipe,
    *,
    checkpoint: Path,
    what: str,
    progress: Progress = no_progress,
    watch: Watch = unwatched,
) -> State:
    """Train `network` in place and leave it with the parameters of the best held-out loss.

    `train_loss` takes the indices of one batch; `held_out_loss` those of the held-out images, after every epoch. Both
    run inside their own seed. The checkpoint is written every minute, after every epoch, and when `progress` raises
    `Cancelled`; Ctrl-C raises `Cancelled` too and keeps the last one. A run that finds a checkpoint goes on from it,
    and ends with the same parameters as without the break. Raises `InputError` for a checkpoint of another recipe.
    """
    train, held_out = split(n_images, recipe)
    steps_per_epoch = len(train) // min(recipe.batch_size, len(train))
    n_steps = max(1, round(recipe.epochs * steps_per_epoch))
    optimizer = Muon(network, recipe.learning_rate, recipe.weight_decay)
    state = State()
    best: dict[str, Tensor] = {}
    if checkpoint.exists():
        state, best = restore(checkpoint, network, optimizer, recipe)
        watch(state)
    started = time.process_time() - state.cpu_seconds
    saved_at = time.monotonic()

    def save_now() -> None:
        state.cpu_seconds = time.process_time() - started
        save(checkpoint, network, optimizer, recipe, state, best)

    losses: list[float] = []
    try:
        while state.step < n_steps and state.epochs_since_best < recipe.patience:
            try:
                progress(state.step, n_steps, what)
            except Cancelled:
                save_now()
                raise
            for group in optimizer.param_groups:
                group["lr"] = recipe.learning_rate_at(state.step, n_steps)
            network.train()
            with seeded(recipe.seed, 2, state.step):
                loss = train_loss(batch_at(state.step, train, recipe))
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            state.step += 1
            losses.append(float(loss.detach()))
            if state.step % steps_per_epoch == 0 or state.step == n_steps:
                network.eval()
                with torch.no_grad(), seeded(recipe.seed, 3):
                    now = held_out_loss(held_out)
                if now < state.best_loss:
                    state.best_loss, state.epochs_since_best = now, 0
                    best = {name: value.clone() for name, value in network.state_dict().items()}
                else:
                    state.epochs_since_best += 1
                state.history.append(
                    {
                        "epoch": round(state.step / steps_per_epoch, 2),
                        "train_loss": float(np.mean(losses)),
                        "held_out_loss": now,
                        "cpu_seconds": round(time.process_time() - started, 1),
                    }
                )
                losses.clear()
                watch(state)
                save_now()
                saved_at = time.monotonic()
            elif time.monotonic() - saved_at > 60:
                save_now()
                saved_at = time.monotonic()
    except (KeyboardInterrupt, Cancelled) as error:
        # Ctrl-C can fall into the middle of a step, so nothing is saved here: the checkpoint of a minute ago is whole.
        kept = f"The checkpoint {checkpoint} is kept: start the same training again to go on from it."
        raise Cancelled(
            f"Training of the {what} was stopped at step {state.step} of {n_steps}. "
            + (kept if checkpoint.exists() else "There was no checkpoint yet.")
        ) from error
    save_now()
    network.load_state_dict(best)
    network.eval()
    progress(n_steps, n_steps, what)
    return state


def save(
    path: Path, network: nn.Module, optimizer: Muon, recipe: Recipe, state: State, best: dict[str, Tensor]
) -> None:
    """Write a checkpoint; a run that dies while writing leaves the one before it whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    content = {
        "recipe": json.dumps(asdict(recipe)),
        "state": json.dumps(asdict(state)),
        "network": network.state_dict(),
        "best": best,
        "optimizer": optimizer.state_dict(),
    }
    unfinished = path.with_name(path.name + f".{os.getpid()}.tmp")
    torch.save(content, unfinished)
    os.replace(unfinished, path)


def restore(path: Path, network: nn.Module, optimizer: Muon, recipe: Recipe) -> tuple[State, dict[str, Tensor]]:
    """Put a checkpoint's parameters into network and optimizer and return the state and the best parameters."""
    try:
        content: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
        before = Recipe(**json.loads(content["recipe"]))
        state = State(**json.loads(content["state"]))
        if replace(before, epochs=0, patience=0) == replace(recipe, epochs=0, patience=0):
            network.load_state_dict(content["network"])
            optimizer.load_state_dict(content["optimizer"])
            return state, content["best"]
    except Exception as error:  # torch raises many kinds on a damaged file
        raise InputError(
            f"The checkpoint {path} cannot be read or does not fit this network. Delete it to start from the beginning."
        ) from error
    raise InputError(
        f"The checkpoint {path} belongs to another recipe ({before}). Go on with that recipe (only epochs and "
        "patience may change), or delete the checkpoint to start from the beginning."
    )
