"""Trainings beside the page: each in a process of its own, its weights in the folder `trained` of the store.

In a process of its own, because a training takes torch's random numbers and the interpreter for minutes: other stages
in the same process would come out differently, and the page would stand still.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import streamlit as st

from adq_core import Run
from adq_core.errors import AdqError, Cancelled, InputError
from adq_core.models import idle_cores
from adq_core.progress import Progress
from adq_core.storage import CACHE_VARIABLE, default_folder
from app import session
from app.export.archive import safe_name

from .registry import Jobs

ROOT = Path(__file__).parents[2]
POLL = 0.2  # seconds between two looks at the report
RECIPES = {"encoder": (11.5, 256), "unet": (2, 128), "mae": (2, 64)}  # epochs, batch size; there it takes torch to ask
SHIPPED_ON = 48_000  # images; and both as in adq_core/training
SECONDS_A_STEP = {"encoder": 0.70, "unet": 0.58, "mae": 0.81}  # of one core: time / steps in the cards
KEPT = (
    "Stopped. What was learnt so far is kept: start it again, with as many passes or more, and it goes on from there."
)


@dataclass(frozen=True)
class Training:
    """What is to be trained on what, and where the weights go."""

    what: str
    out: Path
    dataset: str
    labels: str | None
    n_images: int

    @property
    def key(self) -> str:
        """Return the key of its job; one for every file, so that no two processes write the same one."""
        return f"train:{self.out}"

    @property
    def checkpoint(self) -> Path:
        """Return the file from which a stopped training goes on."""
        return self.out.with_name(self.out.name + ".checkpoint")

    @property
    def report(self) -> Path:
        """Return the file in which the process tells how it goes."""
        return self.out.with_suffix(".json")

    def told(self) -> dict[str, Any]:
        """Return the last report, empty where there is none that can be read."""
        try:
            told = json.loads(self.report.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return told if isinstance(told, dict) else {}


@st.cache_resource(show_spinner=False)
def jobs() -> Jobs:
    """Return the jobs that train: apart from the others, whose turns they would take for minutes, and one at a time."""
    return Jobs(workers=1)


def folder() -> Path:
    """Return where trained weights lie."""
    return (session.store().folder or default_folder()) / "trained"


def training(run: Run, what: str) -> Training:
    """Return the training of `what` on the run's images."""
    data = run.dataset
    name = f"{safe_name(data.name)}-{data.key[:8]}-{what}.safetensors"
    return Training(what, folder() / name, run.settings.dataset, run.settings.labels, len(data))


def trained(kinds: tuple[str, ...]) -> list[Path]:
    """Return the finished weights of these kinds, the newest first."""
    files = [path for what in kinds for path in folder().glob(f"*-{what}.safetensors")]
    return sorted(files, key=lambda path: -path.stat().st_mtime)


def held_out(n_images: int) -> int:
    """Return how many images a training never trains on; as in adq_core/training."""
    return min(2000, max(4, round(0.04 * n_images)))


def minutes(what: str, n_images: int, epochs: float, batch_size: int) -> float:
    """Return about how long a training takes on one core, from the cards of the shipped weights."""
    n_train = max(1, n_images - held_out(n_images))
    return SECONDS_A_STEP[what] * epochs * (n_train // min(batch_size, n_train)) / 60


def work(one: Training, epochs: int) -> Callable[[Progress], Path]:
    """Return what a job does: start the process, pass on what it reports, and interrupt it when asked to stop."""

    def train(progress: Progress) -> Path:
        one.out.parent.mkdir(parents=True, exist_ok=True)
        one.report.unlink(missing_ok=True)
        command = [sys.executable, "-m", "adq_core", "train", one.what, one.dataset, "--out", str(one.out)]
        command += ["--epochs", str(epochs), "--report", str(one.report), "--quiet"]
        command += ["--labels", one.labels] if one.labels is not None else []
        threads = str(max(1, idle_cores() - 1))  # one core for the page
        environment = os.environ | {CACHE_VARIABLE: str(folder().parent), "OMP_NUM_THREADS": threads}
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True)
        try:
            while process.poll() is None:
                told = one.told()
                what = "steps" if told.get("what") == one.what else str(told.get("what", ""))
                progress(int(told.get("done", 0)), int(told.get("total", 0)), what)
                time.sleep(POLL)
        except Cancelled:
            process.send_signal(signal.SIGINT)
            process.communicate()
            raise Cancelled(KEPT if one.checkpoint.exists() else "Stopped before anything was learnt.") from None
        finally:
            _, complaint = process.communicate() if process.stderr and not process.stderr.closed else ("", "")
        if process.returncode != 0:
            raise _error(complaint)
        return one.out

    return train


def _error(complaint: str) -> AdqError:
    """Return the sentence that the process ended with."""
    lines = [line.removeprefix("adq: ") for line in complaint.splitlines() if line.startswith("adq: ")]
    return InputError(lines[-1] if lines else f"The training ended without weights. {complaint[-200:]}")
