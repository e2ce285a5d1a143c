"""The page Export: the files of the command line, and the command that writes them."""

from __future__ import annotations

import io
import json
import zipfile

import pytest

from adq_core import Run
from tests.app.pages import Open, html_of, number, widget


def test_export_is_what_the_command_line_writes(open_app: Open, run: Run) -> None:
    from app.export import download

    app = open_app("export")
    assert app.get("download_button")[0].proto.label == "Download the .zip"
    files = run.export_files()
    assert list(app.table[0].value["file"]) == list(files)
    with zipfile.ZipFile(io.BytesIO(download.zipped(files))) as packed:
        assert {name: packed.read(name) for name in packed.namelist()} == files
    assert download.zipped(files) == download.zipped(run.export_files()), "the same run gives the same bytes"


def test_every_exported_file_has_a_description(run: Run) -> None:
    from app.export import download

    assert list(run.export_files()) == list(download.CONTENTS)
    assert all(download.CONTENTS.values())


def test_the_command_and_the_files_follow_the_sidebar(open_app: Open) -> None:
    app = open_app("export")
    assert "--alpha" not in app.code[1].value
    assert "alpha=" not in app.code[0].value
    widget(app, "alpha").set_value(0.9).run()
    widget(app, "keep_ratio").set_value(0.5).run()
    assert " --alpha 0.9 --keep-ratio 0.5 --" in app.code[1].value
    assert "    alpha=0.9,\n    keep_ratio=0.5,\n" in app.code[0].value
    assert number(app, "selected") == "40 of 80 images"
    assert html_of(app).count('<div role="img"') == 40


def test_only_the_manifest_has_the_shown_names(run: Run) -> None:
    from app.export import download

    shown = download.with_names(run.settings, {"dataset": "кошки.zip", "weights": None})
    files, usual = download.export_files(run, shown), run.export_files()
    assert json.loads(files["manifest.json"])["settings"]["dataset"] == "кошки.zip"
    assert {name for name in files if files[name] != usual[name]} == {"manifest.json"}
    assert json.loads(usual["manifest.json"])["settings"] == run.settings.recorded(), "the run itself stays"
    assert download.export_files(run, run.settings) == usual


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("my cats", "my-cats"),
        ("кошки и собаки", "кошки-и-собаки"),
        ("बिल्लियाँ", "बिल्लियाँ"),
        ("a/b\\c:d*e?f", "a-b-c-d-e-f"),
        ("../..", "dataset"),
        ("\u202egpj", "gpj"),
        ("=1+1", "1-1"),
        ("", "dataset"),
        ("猫" * 200, "猫" * 40),
    ],
)
def test_names_of_downloads_keep_letters_of_all_scripts(name: str, expected: str) -> None:
    from app.export import download

    assert download.safe_name(name) == expected
