"""The Export view: the files of the command line, and the line that writes them."""

from __future__ import annotations

import io
import zipfile

from adq_core import Run, Settings

from .pages import Open


def test_export_is_what_the_command_line_writes(open_app: Open, run: Run) -> None:
    from app import archive

    app = open_app("export")
    assert app.get("download_button")[0].proto.label == "Download the zip"
    files = run.export_files()
    assert list(app.table[0].value["file"]) == list(files)
    with zipfile.ZipFile(io.BytesIO(archive.zipped(files))) as packed:
        assert {name: packed.read(name) for name in packed.namelist()} == files
    assert archive.zipped(files) == archive.zipped(run.export_files()), "the same run gives the same bytes"
    assert archive.command(Settings(dataset="digits", alpha=0.5)) == [
        "python", "-m", "adq_core", "run", "digits", "--alpha", "0.5", "--out", "DIR",
    ]  # fmt: off
