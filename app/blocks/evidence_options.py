"""The probe and the test images of the page "Better than random?"."""

from __future__ import annotations

from typing import NamedTuple

import streamlit as st

from adq_core import Run, Settings
from adq_core.data import ImageDataset
from adq_core.errors import AdqError
from adq_core.evidence import DEFAULT_PROBE, PROBES, check_probe
from adq_core.run_probes import check_test_set
from app import access, server, session
from app.error_boundary import JobFailed
from app.text import evidence as evidence_text
from app.text.evidence import PROBE_NAMES
from app.text.markdown import escape


class Options(NamedTuple):
    """How the evidence is measured."""

    probe: str
    test_set: ImageDataset | None  # None: images of the data set itself


def choose(run: Run) -> Options | None:
    """Draw the choices and return them, or None with a message if they cannot be used for this data set."""
    with st.container(key="wide-columns-options"):
        columns = st.columns([2, 3], vertical_alignment="bottom")
    probe = columns[0].segmented_control(
        "Probe",
        list(PROBES),
        default=DEFAULT_PROBE,
        key="evidence_probe",
        format_func=lambda name: PROBE_NAMES[name],
        help="\n".join(f"- **{PROBE_NAMES[name]}**: {evidence_text.probe_help(name)}" for name in PROBES),
    )
    name = columns[1].text_input(
        "Test images",
        key="evidence_test",
        placeholder="images of this data set",
        help="A folder, a file or a built-in set with the same class names, whose images are the test images. Empty: "
        "the images that the data set holds out, or a fifth of each class.",
    )
    try:
        check_probe(probe or DEFAULT_PROBE, has_images=run.dataset.has_images, data=run.dataset.name)
        test_set = _opened(name.strip()) if name and name.strip() else None
        if test_set is not None:
            check_test_set(run, test_set)
        return Options(probe or DEFAULT_PROBE, test_set)
    except AdqError as error:
        if isinstance(error, JobFailed):
            error.forget()
        st.info(escape(access.error_text(error)), icon=":material/info:")
        return None


def _opened(name: str) -> ImageDataset:
    """Return the data set of this name or path; draws a bar and ends the page while it is opened."""
    settings = Settings(dataset=name)
    key = server.dataset_key(settings)
    known = server.open_datasets()
    session.wait_for(
        lambda: None if key in known else (key, "Opening the test images", server.dataset_opener(settings), True)
    )
    server.use_dataset(key)
    return known[key]
