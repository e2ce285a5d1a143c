"""The progress bar of a job: its progress, its pace, the time left, and the Stop button."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from app.text.markdown import escape

from .registry import Job, duration


def draw_bar(job: Job, stop: Callable[[], None]) -> None:
    """Draw the progress of a job, its pace, the time left, and the button that calls `stop`."""
    pace = job.pace()
    details = ["in the queue"] if job.started is None else []
    if job.what and job.what not in job.title:
        details.append(job.what)
    if job.total > 1:
        details.append(f"{job.done:,} of {job.total:,}")
    if pace is not None:
        rate = f"{pace[0]:,.{1 if pace[0] < 10 else 0}f} per second" if pace[0] >= 1 else f"{1 / pace[0]:,.1f} s each"
        details += [rate, f"about {duration(pace[1])} left"]
    line = st.container(horizontal=True, vertical_alignment="center")
    text = " · ".join([job.title, *details]) if details else f"{job.title} …"
    line.progress(job.fraction, text=escape(text))
    line.button("Stop", key=f"stop-{job.key}", on_click=stop, width="content")


def draw_waiting(job: Job) -> None:
    """Draw that this part of the page waits for a job whose bar is elsewhere on the page."""
    st.caption(f"Waiting for: {escape(job.title)} …")
