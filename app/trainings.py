"""Trainings in the background, each in its own process; weights are in the folder `trained` of the library.

In the process of the server, a training would change torch's random numbers for other stages and block the page.

A training belongs to the browser that started it: other users cannot see, stop or download it. It goes on when its page
is closed, and its owner finds it again.
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

from adq_core import Run, Settings
from adq_core.errors import AdqError, Cancelled, InputError
from adq_core.models import idle_cores
from adq_core.models.training.config import PARENT_VARIABLE, TRAINING_CONFIGS, held_out_count
from adq_core.progress import Progress
from adq_core.storage import CACHE_VARIABLE, default_folder
from app import access, stores, visitors
from app.export.download import safe_name
from app.jobs.registry import Job, Jobs
from app.uploads import read_reference

ROOT = Path(__file__).parents[1]
POLL = 0.2  # seconds between two readings of the report
SECONDS_PER_STEP = {"encoder": 0.70, "unet": 0.58, "mae": 0.81}  # of one core: time / steps in the model cards
RESUMABLE = "Stopped. The progress is stored: start the training again with at least as many epochs to resume it."
LOST = "Stopped before the first checkpoint. No progress was stored."


@dataclass(frozen=True)
class Training:
    """A model to train on a data set, and the file for its weights."""

    model: str
    out: Path
    dataset: str
    labels: str | None
    n_images: int
    name: str = "these images"  # of the data set
    unlabelled: str = "error"

    @property
    def key(self) -> str:
        """Return the key of its job; one per file, so that no two processes write the same file."""
        return f"train:{self.out}"

    @property
    def checkpoint(self) -> Path:
        """Return the file from which a stopped training resumes."""
        return self.out.with_name(self.out.name + ".checkpoint")

    @property
    def report(self) -> Path:
        """Return the file in which the process reports its progress."""
        return self.out.with_suffix(".json")

    def last_report(self) -> dict[str, Any]:
        """Return the last report, empty when there is none or it cannot be read."""
        try:
            report = json.loads(self.report.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return report if isinstance(report, dict) else {}


@st.cache_resource(show_spinner=False)
def jobs() -> Jobs:
    """Return the jobs that train, one at a time; other jobs are separate, so that they do not wait for a training."""
    return Jobs(workers=1)


def folder() -> Path:
    """Return the folder of the owner's trained weights."""
    return stores.library().files(access.TRAINED) / visitors.owner()


def _folders() -> list[Path]:
    """Return the folders whose weights this user sees; on the user's own machine, also those without an owner.

    Earlier versions stored weights without an owner there.
    """
    own = folder()
    return [own] if stores.is_public() else [own, own.parent]


def training_of(run: Run, model: str) -> Training:
    """Return the training of this model on the images of the run."""
    data = run.dataset
    name = f"{safe_name(data.name)}-{data.key[:8]}-{model}.safetensors"
    return Training(
        model,
        folder() / name,
        access.locate(run.settings.dataset),
        run.settings.labels,
        len(data),
        data.name,
        run.settings.unlabelled,
    )


def trained(kinds: tuple[str, ...]) -> list[Path]:
    """Return the owner's finished weights of these models, the newest first."""
    files = [path for model in kinds for place in _folders() for path in place.glob(f"*-{model}.safetensors")]
    return sorted(files, key=lambda path: -path.stat().st_mtime)


def delete_weights(path: Path) -> None:
    """Delete weights that this user sees, with the report of their training: the callback of a button."""
    if path.parent in _folders():
        for file in (path, path.with_suffix(".json")):
            file.unlink(missing_ok=True)


def weights_file(name: str | None) -> str | None:
    """Return the path of the owner's trained weights with this file name, or the name itself if there are none."""
    if name and "/" not in name and "\\" not in name and name.endswith(".safetensors"):
        return next((str(place / name) for place in _folders() if (place / name).is_file()), name)
    return name


def weights_name(path: str | None) -> str | None:
    """Return the file name of the owner's trained weights at this path, or the path itself if they are others."""
    return Path(path).name if path and Path(path).parent in _folders() else path


def shown_names(settings: Settings) -> dict[str, str | None]:
    """Return the names of files in these settings as an export has them: without folders that only the server knows."""
    reference = read_reference(settings.dataset)
    names = {
        "dataset": settings.dataset if reference is None else reference.name,
        "labels": settings.labels,
        "embeddings": settings.embeddings,
        "weights": weights_name(settings.weights),
    }
    return {key: name and access.visible(name) for key, name in names.items()}


def shown_values(settings: Settings) -> dict[str, Any]:
    """Return the values of settings for a file that the user downloads, with the names of files of `shown_names`."""
    return settings.recorded() | shown_names(settings)


def running() -> list[Job]:
    """Return the owner's unfinished trainings, the oldest first."""
    return [job for job in jobs().running() if visitors.owner() in job.waiters]


def minutes(model: str, n_images: int, epochs: float, batch_size: int) -> float:
    """Return the estimated duration on one core, from the model cards of the bundled weights."""
    n_train = max(1, n_images - held_out_count(n_images, TRAINING_CONFIGS[model]))
    return SECONDS_PER_STEP[model] * epochs * (n_train // min(batch_size, n_train)) / 60


def find(training: Training) -> Job | None:
    """Return the job of a training, running or finished, else None."""
    return jobs().find(training.key, visitors.owner())


def start(training: Training, epochs: int) -> None:
    """Start a training or resume a stopped one: the callback of a button."""
    jobs().forget(training.key, visitors.owner())
    title = f"Training the {training.model} on {training.name}"
    jobs().start(training.key, title, work(training, epochs), bare=True, waiter=visitors.owner())


def stop(training: Training) -> None:
    """Stop a training at its next step; its progress is stored."""
    jobs().stop(training.key, visitors.owner())


def stop_job(job: Job) -> None:
    """Stop one of the owner's trainings at its next step; its progress is stored."""
    jobs().stop(job.key, visitors.owner())


def work(training: Training, epochs: int) -> Callable[[Progress], Path]:
    """Return the work of a job: it starts the process, forwards its progress, and interrupts it when the job stops."""
    folder_of_store = (stores.store().folder or default_folder()).absolute()

    def train(progress: Progress) -> Path:
        training.out.parent.mkdir(parents=True, exist_ok=True)
        training.report.unlink(missing_ok=True)
        process = _start_process(training, epochs, folder_of_store)
        try:
            while process.poll() is None:
                report = training.last_report()
                what = "steps" if report.get("what") == training.model else str(report.get("what", ""))
                progress(int(report.get("done", 0)), int(report.get("total", 0)), what)
                time.sleep(POLL)
        except Cancelled:
            process.send_signal(signal.SIGINT)
            process.communicate()
            raise Cancelled(RESUMABLE if training.checkpoint.exists() else LOST) from None
        finally:
            _, messages = process.communicate() if process.stderr and not process.stderr.closed else ("", "")
        if process.returncode != 0:
            raise _error(messages)
        return training.out

    return train


def _start_process(training: Training, epochs: int, cache: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "adq_core", "train", training.model, training.dataset, "--out", str(training.out)]
    command += ["--epochs", str(epochs), "--report", str(training.report), "--quiet"]
    command += ["--labels", training.labels] if training.labels is not None else []
    command += ["--unlabelled", training.unlabelled]
    threads = str(max(1, idle_cores() - 1))  # one core stays free for the page
    own = {CACHE_VARIABLE: str(cache), "OMP_NUM_THREADS": threads, PARENT_VARIABLE: str(os.getpid())}
    environment = os.environ | own
    return subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True)


def _error(messages: str) -> AdqError:
    """Return the error that the process ended with."""
    lines = [line.removeprefix("adq: ") for line in messages.splitlines() if line.startswith("adq: ")]
    return InputError(lines[-1] if lines else f"The training ended without weights. {messages[-200:]}")
