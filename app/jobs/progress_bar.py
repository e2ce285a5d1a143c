"""The bar of a job: how far it is, its pace, the time left, and the button that stops it."""

from __future__ import annotations

import streamlit as st

from .registry import Job, duration


def draw_bar(job: Job) -> None:
    """Draw how far a job is, its pace, the time left, and the button that stops it."""
    pace = job.pace()
    detail = "waiting for its turn" if job.started is None else job.what
    if job.total > 1:
        detail += f" · {job.done:,} of {job.total:,}"
    if pace is not None:
        rate = f"{pace[0]:,.{1 if pace[0] < 10 else 0}f} a second" if pace[0] >= 1 else f"{1 / pace[0]:,.1f} s each"
        detail += f" · {rate} · about {duration(pace[1])} left"
    line = st.container(horizontal=True, vertical_alignment="center")
    line.progress(job.fraction, text=f"{job.title} · {detail}" if detail else f"{job.title} …")
    line.button("Stop", key=f"stop-{job.key}", on_click=job.cancel, width="content")
