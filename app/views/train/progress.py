"""What the Train view is put together from: the start, the curve while it runs, and what came out."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import streamlit as st

from app import session
from app.blocks import layout
from app.charts import palette
from app.charts.figure import Figure, Trace, dress, titled
from app.jobs import trainings
from app.jobs.progress_bar import draw_bar
from app.jobs.registry import duration
from app.jobs.trainings import Training
from app.pages import script
from app.state import widget_sync

LONGEST = 200  # passes


def start(one: Training) -> None:
    """Draw the number of passes, how long they take, and the button that starts them."""
    usual, batch_size = _recipe(one)
    held_out = trainings.held_out(one.n_images)
    layout.numbers(
        {
            "images": f"{one.n_images:,}",
            "never trained on": f"{held_out:,}",
            "steps a pass": f"{max(1, (one.n_images - held_out) // batch_size):,}",
        }
    )
    line = st.container(horizontal=True, vertical_alignment="bottom")
    key = f"epochs_{one.what}_{one.n_images}"
    asked: dict[str, int] = st.session_state.setdefault("passes", {})  # while it runs there is no box to remember it
    epochs = asked[key] = int(
        line.number_input("Passes over the images", 1, LONGEST, asked.get(key, usual), key=key, width=220)
    )
    going_on = one.checkpoint.exists()
    line.button(
        "Go on" if going_on else "Train",
        icon=":material/play_arrow:",
        type="primary",
        on_click=_start,
        args=(one, epochs),
    )
    spent = trainings.minutes(one.what, one.n_images, epochs, batch_size)
    st.caption(
        f"{one.n_images:,} images, {epochs} passes: about {duration(60 * spent)} of one core like the one that "
        "trained the shipped weights" + ("; a part of it is done already." if going_on else ".")
    )


def _recipe(one: Training) -> tuple[int, int]:
    """Return (passes, batch size) without torch: as many images as the shipped weights saw, at most 200 passes."""
    epochs, batch_size = trainings.RECIPES[one.what]
    return max(1, math.ceil(min(LONGEST, epochs * trainings.SHIPPED_ON / one.n_images))), batch_size


def _start(one: Training, epochs: int) -> None:
    trainings.jobs().forget(one.key)
    trainings.jobs().start(one.key, f"Training the {one.what}", trainings.work(one, epochs), bare=True)


@st.fragment(run_every=1.0)
def watch(one: Training) -> None:
    """Draw bar and curve of a running training; bring the page back at its end."""
    with session.boundary():
        job = trainings.jobs().find(one.key)
        if job is None or job.finished:
            st.rerun()
        draw_bar(job)
        st.caption("Stop keeps what was learnt so far. The page may be closed: the training goes on.")
        curve(one)


def outcome(one: Training) -> None:
    """Draw how the last training ended, its curve, and what can be done with the weights."""
    job = trainings.jobs().find(one.key)
    if job is not None and job.error is not None:
        (st.info if job.cancelled else st.error)(job.error)
    curve(one)
    if one.out.exists():
        offer(one.out)


def curve(one: Training) -> None:
    """Draw the held-out score after every pass, and the best one as a number."""
    history: list[dict[str, Any]] = one.told().get("history", [])
    if not history:
        return
    name, values, best = score(one.what, history)
    layout.numbers(
        {
            f"best {name}": f"{best:.2f}" + (" dB" if one.what != "encoder" else ""),
            "passes": f"{history[-1]['epoch']:g}",
            "time of one core": duration(history[-1]["cpu_seconds"]),
        }
    )
    layout.chart(figure(name, [row["cpu_seconds"] / 60 for row in history], values, session.is_dark()), "learning")


def score(what: str, history: list[dict[str, Any]]) -> tuple[str, list[float], float]:
    """Return the name of the held-out score, its values pass by pass, and the best: a PSNR for painters, else a loss.

    A painter's loss is the mean squared error over dropped pixels in [0, 1], so its PSNR is -10 log10(loss).
    """
    losses = [row["held_out_loss"] for row in history]
    if what == "encoder":
        return "held-out loss", losses, min(losses)
    values = [-10 * math.log10(max(loss, 1e-10)) for loss in losses]
    return "held-out PSNR", values, max(values)


def figure(name: str, minutes: list[float], values: list[float], dark: bool) -> Figure:
    """Return the score over the minutes of processor time."""
    line: Trace = {
        "type": "scatter",
        "x": minutes,
        "y": values,
        "mode": "lines+markers",
        "line": {"color": palette.ACCENT[dark]},
        "hovertemplate": "%{y:.3f} after %{x:.1f} min<extra></extra>",
    }
    title = f"{name}, dB" if "PSNR" in name else name
    return dress([line], dark, 280, titled("minutes of one core"), titled(title))


def offer(path: Path) -> None:
    """Draw a finished file with its two ways out: used in the app, or taken home."""
    what = path.stem.rsplit("-", 1)[1]
    line = st.container(horizontal=True, vertical_alignment="center")
    line.markdown(f"`{path.name}` · {what} · {layout.size(path.stat().st_size)}")
    line.button(
        "Use as embedding" if what == "encoder" else "Use as painter",
        icon=":material/check:",
        key=f"use-{path.name}",
        on_click=use,
        args=(path, what),
    )
    line.download_button(
        "Download", path.read_bytes(), path.name, icon=":material/download:", key=f"take-{path.name}", on_click="ignore"
    )
    if str(path) in (st.session_state["weights"], st.session_state["painter"]):
        st.caption("In use.")
        if what != "encoder":
            st.page_link(script("patches"), label="See it paint", icon=":material/grid_view:")


def use(path: Path, what: str) -> None:
    """Set the app's embedding or painter to these weights: the callback of a button."""
    if what == "encoder":
        widget_sync.put(embeddings="small", weights=str(path))
    else:
        widget_sync.put(painter=str(path), patches="painted again")
