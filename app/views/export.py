"""The command line's files in one zip."""

import shlex

import pandas as pd
import streamlit as st

from app import session
from app.blocks import layout
from app.export import archive

run = session.current_run()
session.require(run, "projection", "scores", "draw_order", "texture")
data, selection = run.dataset, run.selection
files = session.compute_cached(archive.key(run), "Writing the files", lambda progress: run.export_files())

layout.numbers(
    {
        "chosen": f"{int(selection.selected.sum()):,} of {len(data):,} {data.kind}",
        "files": f"{len(files)}",
        "size": layout.size(sum(len(content) for content in files.values())),
    }
)
st.download_button(
    "Download the zip",
    lambda: archive.zipped(files),  # made when the button is pressed
    file_name=f"adq-{archive.safe_name(data.name)}.zip",
    mime="application/zip",
    icon=":material/download:",
    type="primary",
    on_click="ignore",
)

st.subheader("What is inside", anchor=False)
st.table(
    pd.DataFrame(
        [
            (name, layout.size(len(content)).replace(" ", "\u00a0"), archive.CONTENTS.get(name, ""))
            for name, content in files.items()
        ],
        columns=["file", "size", "what it holds"],
    ),
    hide_index=True,
)
st.subheader("The same on the command line", anchor=False)
st.code(shlex.join(archive.command(run.settings)), language="bash", wrap_lines=True)

st.subheader("The chosen images", anchor=False)
layout.images(run, selection.indices[:60], by_bin=True)
if len(selection.indices) > 60:
    st.caption(f"The first 60 of {len(selection.indices):,}, in the order of their ids.")

layout.how_to_read(
    "`manifest.json` holds every setting and the digest of every step: with `--settings manifest.json` the command "
    "line repeats the run and says so if anything came out differently. Use the ids, not the order of files in a "
    "folder, to find the images again."
)
