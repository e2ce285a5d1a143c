"""The checkpoint of a training: a file from which a stopped training continues."""

from __future__ import annotations

import io
import json
import time
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from adq_core.errors import InputError
from adq_core.storage import atomic_file

from .config import TrainingConfig, TrainingState
from .optimizer import Muon

SAVE_EVERY = 60  # seconds between two checkpoints within an epoch


class Checkpoint:
    """The state and the best parameters of a training, read from the file at `path` if it exists.

    Reading also sets the parameters of network and optimizer. Raises `InputError` if the file is damaged, or if it
    belongs to another network or another training; only epochs and patience may differ.
    """

    def __init__(self, path: Path, network: nn.Module, optimizer: Muon, config: TrainingConfig) -> None:
        self.path, self._network, self._optimizer, self._config = path, network, optimizer, config
        self.state = TrainingState()
        self.best: dict[str, Tensor] = {}  # parameters of the lowest held-out loss
        self.restored = path.exists()
        if self.restored:
            self._restore()
        self._started = time.process_time() - self.state.cpu_seconds
        self._saved_at = time.monotonic()

    @property
    def cpu_seconds(self) -> float:
        """CPU time of the training, including the time before it was continued."""
        return time.process_time() - self._started

    @property
    def due(self) -> bool:
        """Whether the last checkpoint is older than a minute."""
        return time.monotonic() - self._saved_at > SAVE_EVERY

    def save(self) -> None:
        """Write the checkpoint; if the process ends while writing, the previous file stays complete."""
        self.state.cpu_seconds = self.cpu_seconds
        content = {
            "recipe": json.dumps(asdict(self._config)),
            "state": json.dumps(asdict(self.state)),
            "network": self._network.state_dict(),
            "best": self.best,
            "optimizer": self._optimizer.state_dict(),
        }
        with atomic_file(self.path, option="--out") as temporary:
            buffer = io.BytesIO()  # torch raises a RuntimeError when the disk is full
            torch.save(content, buffer)
            temporary.write_bytes(buffer.getvalue())  # a view can outlive the buffer after an error
        self._saved_at = time.monotonic()

    def _restore(self) -> None:
        try:
            content: dict[str, Any] = torch.load(self.path, map_location="cpu", weights_only=True)
            saved = TrainingConfig(**json.loads(content["recipe"]))
            state = TrainingState(**json.loads(content["state"]))
            same = replace(saved, epochs=0, patience=0) == replace(self._config, epochs=0, patience=0)
            if same:
                self._network.load_state_dict(content["network"])
                self._optimizer.load_state_dict(content["optimizer"])
                self.state, self.best = state, content["best"]
        except Exception as error:  # torch raises many kinds of errors for a damaged file
            raise InputError(
                f"The checkpoint {self.path} cannot be read or does not fit this network. Delete it to start from the "
                "beginning."
            ) from error
        if not same:
            raise InputError(
                f"The checkpoint {self.path} belongs to another training ({saved}). Continue with the same settings "
                "(only epochs and patience may change), or delete the checkpoint to start from the beginning."
            )
