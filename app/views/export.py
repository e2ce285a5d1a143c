"""Export: the files of the command line as one .zip, and the images in the format of another tool."""

import pandas as pd
import streamlit as st

from adq_core.digests import derive_key
from app import session, trainings
from app.blocks import as_code, export_formats, filter_bar, layout
from app.export import download
from app.text.format import file_size

run = session.current_run()
session.require(run, "projection", "scores", "draw_order", "texture")
data, selection = run.dataset, run.selection
named = download.with_names(run.settings, trainings.shown_names(run.settings))
files = session.compute_cached(
    derive_key(download.key(run), named.to_json()),
    "Writing the files",
    lambda progress: download.export_files(run, named),
)

layout.number_row(
    {
        "selected": f"{int(selection.selected.sum()):,} of {len(data):,} {data.kind}",
        "files": f"{len(files)}",
        "size": file_size(sum(len(content) for content in files.values())),
    }
)
st.download_button(
    "Download the .zip",
    lambda: download.zipped(files),  # computed on click
    file_name=f"adq-{download.safe_name(data.name)}.zip",
    mime="application/zip",
    icon=":material/download:",
    type="primary",
    on_click="ignore",
)

st.header("Contents", anchor=False)
contents = download.CONTENTS | download.LIST_CONTENTS
st.table(
    pd.DataFrame(
        [
            (
                name,
                file_size(len(content)).replace(" ", "\u00a0"),
                {**download.CONTENTS, **download.LIST_CONTENTS}.get(name, ""),
            )
            for name, content in files.items()
        ],
        columns=["file", "size", "content"],
    ),
    hide_index=True,
)
st.header("For another tool", anchor=False)
name, path = export_formats.formats(run, files, derive_key(download.key(run), named.to_json()))
as_code.copy_code(run.settings, export=(name, path))

st.header("Selected images", anchor=False)
shown = filter_bar.bar(run)
rows = shown.of(selection.indices)
layout.images(run, rows[:60], by_bin=True)
if len(rows) > 60:
    st.caption(f"The first 60 of {len(rows):,}, ordered by id.")
if shown.mask is not None:
    st.caption(
        f"{len(rows):,} of the {len(selection.indices):,} selected images match the filter. The files above have all "
        "selected images: a filter changes what is shown, not what is selected."
    )

layout.how_to_read(
    "`manifest.json` has every setting and the digest of every stage. With `--settings manifest.json` the command line "
    "repeats the run and reports any difference. The files have the same bytes on the same machine with the same "
    "versions of the libraries; on another processor, the map and `bins.csv` can differ in the last digits. Use the "
    "ids to find the images again, not the order of files in a folder."
)
