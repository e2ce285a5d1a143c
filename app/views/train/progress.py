"""Parts of the Train page: start of a training, its progress, and its weights."""

from __future__ import annotations

import math
from functools import partial
from pathlib import Path
from typing import Any

import streamlit as st

from adq_core.models.training.config import MAX_EPOCHS, TRAINING_CONFIGS, default_epochs, held_out_count
from app import access, session, trainings
from app.blocks import layout
from app.charts.figure import Figure, Trace, make_figure, titled
from app.charts.theme import Theme
from app.jobs.progress_bar import draw_bar
from app.jobs.registry import duration
from app.pages import script
from app.state import page_widgets, widget_sync
from app.text.format import file_size
from app.text.markdown import code, escape
from app.trainings import Training


def start(training: Training) -> None:
    """Draw the number of epochs, the estimated duration, and the button that starts the training."""
    recipe = TRAINING_CONFIGS[training.model]
    held_out = held_out_count(training.n_images, recipe)
    layout.number_row(
        {
            "images": f"{training.n_images:,}",
            "held out": f"{held_out:,}",
            "steps per epoch": f"{max(1, (training.n_images - held_out) // recipe.batch_size):,}",
        }
    )
    line = st.container(horizontal=True, vertical_alignment="bottom")
    key = f"epochs_{training.model}_{training.n_images}"
    entered: dict[str, int] = st.session_state.setdefault("epochs", {})  # the widget is not drawn during a training
    usual = max(1, math.ceil(default_epochs(training.model, training.n_images)))
    epochs = entered[key] = int(
        line.number_input("Epochs", 1, int(MAX_EPOCHS), entered.get(key, usual), key=key, width=220)
    )
    resumes = training.checkpoint.exists()
    line.button(
        "Resume" if resumes else "Train",
        icon=":material/play_arrow:",
        type="primary",
        on_click=trainings.start,
        args=(training, epochs),
    )
    needed = trainings.minutes(training.model, training.n_images, epochs, recipe.batch_size)
    st.caption(
        f"{training.n_images:,} images, {epochs} epochs: about {duration(60 * needed)} on one core of the kind that "
        "trained the bundled weights" + ("; a part of the training is already done." if resumes else ".")
    )


@st.fragment(run_every=1.0)
def watch(training: Training) -> None:
    """Draw the progress bar and the curve of a running training; run the page again at its end."""
    with session.boundary():
        job = trainings.find(training)
        if job is None or job.finished:
            st.rerun()
        draw_bar(job, lambda: trainings.stop(training))
        st.caption("*Stop* stores the progress. The training continues if you close the page.")
        curve(training)


@st.fragment(run_every=1.0)
def watch_others(keys: frozenset[str]) -> None:
    """Draw the progress bars of the owner's other running trainings; run the page again when one ends."""
    with session.boundary():
        jobs = [job for job in trainings.running() if job.key in keys]
        if len(jobs) < len(keys):
            st.rerun()
        for job in jobs:
            draw_bar(job, partial(trainings.stop_job, job))


def outcome(training: Training) -> None:
    """Draw the error or the stop message of the last training, its curve, and buttons for its weights."""
    job = trainings.find(training)
    if job is not None and job.error is not None:
        (st.info if job.cancelled else st.error)(escape(access.visible(job.error)))
    curve(training)
    if training.out.exists():
        offer(training.out)


def curve(training: Training) -> None:
    """Draw the held-out score after every epoch, and the best score as a number."""
    history: list[dict[str, Any]] = training.last_report().get("history", [])
    if not history:
        return
    name, values, best = score(training.model, history)
    layout.number_row(
        {
            f"best {name}": f"{best:.2f}" + (" dB" if training.model != "encoder" else ""),
            "epochs": f"{history[-1]['epoch']:g}",
            "time on one core": duration(history[-1]["cpu_seconds"]),
        }
    )
    layout.chart(figure(name, [row["cpu_seconds"] / 60 for row in history], values, layout.current_theme()), "learning")


def score(model: str, history: list[dict[str, Any]]) -> tuple[str, list[float], float]:
    """Return the name of the held-out score (a PSNR or a loss), its value after every epoch, and its best value.

    The loss of an inpainting network is the mean squared error over dropped pixels in [0, 1], so its PSNR is
    -10 log10(loss).
    """
    losses = [row["held_out_loss"] for row in history]
    if model == "encoder":
        return "held-out loss", losses, min(losses)
    values = [-10 * math.log10(max(loss, 1e-10)) for loss in losses]
    return "held-out PSNR", values, max(values)


def figure(name: str, minutes: list[float], values: list[float], theme: Theme) -> Figure:
    """Return the score over the minutes of processor time."""
    line: Trace = {
        "type": "scatter",
        "x": minutes,
        "y": values,
        "mode": "lines+markers",
        "line": {"color": theme.accent},
        "hovertemplate": "%{y:.3f} after %{x:.1f} min<extra></extra>",
    }
    title = f"{name}, dB" if "PSNR" in name else name
    return make_figure([line], theme, 280, titled("minutes on one core"), titled(title))


def offer(path: Path) -> None:
    """Draw a file of weights with two buttons: use it in the app, or download it."""
    model = path.stem.rsplit("-", 1)[1]
    line = st.container(horizontal=True, vertical_alignment="center")
    line.markdown(f"{code(path.name)} · {escape(model)} · {file_size(path.stat().st_size)}")
    line.button(
        "Use as embedding" if model == "encoder" else "Use for reconstruction",
        icon=":material/check:",
        key=f"use-{path.name}",
        on_click=use,
        args=(path, model),
    )
    line.download_button(
        "Download", path.read_bytes, path.name, icon=":material/download:", key=f"take-{path.name}", on_click="ignore"
    )
    chosen = (st.session_state["weights"], page_widgets.value_of("painter"))
    if str(path) in map(trainings.weights_file, chosen):
        st.caption("In use.")
        if model != "encoder":
            st.page_link(script("patches"), label="See its reconstructions", icon=":material/grid_view:")


def use(path: Path, model: str) -> None:
    """Use these weights for the embedding or for the reconstruction of patches: the callback of a button."""
    if model == "encoder":
        widget_sync.set_widgets(embeddings="small", weights=trainings.weights_name(str(path)))
    else:
        widget_sync.set_widgets(painter=trainings.weights_name(str(path)), patches=page_widgets.RECONSTRUCTED)
