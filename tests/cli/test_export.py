"""`export` and `verify` on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from adq_core.cli import main
from adq_core.data import open_dataset
from tests.export.exported import write_pictures

QUICK = [
    "--embeddings",
    "pixels",
    "--projection",
    "pca",
    "--diversity",
    "vendi",
    "--n-bins",
    "2",
    "--keep-ratio",
    "0.6",
]


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the images `pics` and the export `sub`."""
    work = tmp_path_factory.mktemp("work")
    write_pictures(work / "pics", ("cat", "dog"))
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(work)
        assert main(["run", "pics", *QUICK, "--out", "sub", "--cache", "cache", "--quiet"]) == 0
    return work


@pytest.fixture
def inside(work: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Run in the folder of the images; return a folder for exports."""
    monkeypatch.chdir(work)
    return tmp_path


def run(*words: str | Path) -> int:
    return main([*map(str, words), "--cache", "cache"])


def test_export_writes_what_verify_finds_unchanged(inside: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("export", "sub", "--format", "imagefolder", "--to", inside / "out", "--croissant") == 0
    said = capsys.readouterr().out
    n_images = len(np.load("sub/selected_indices.npy"))
    assert said.startswith(f"Wrote {n_images} images as imagefolder to {inside / 'out'}: {n_images + 3} files, ")
    assert main(["verify", str(inside / "out")]) == 0
    assert capsys.readouterr().out == "Every file is the one that was exported.\n"
    assert len(open_dataset(str(inside / "out"))) == n_images


def test_verify_names_what_differs_and_exits_with_1(inside: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("export", "sub", "--format", "csv", "--to", inside / "out", "--quiet") == 0
    (inside / "out" / "selected.csv").write_text("x")
    (inside / "out" / "more\n.txt").write_text("x")
    capsys.readouterr()
    assert main(["verify", str(inside / "out")]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("selected.csv has changed: 1 bytes instead of ")
    assert lines[1:] == ["more\\n.txt is not part of the export", "2 differences"]
    (inside / "out" / "selected.csv").unlink()
    (inside / "out" / "more\n.txt").unlink()
    assert main(["verify", str(inside / "out"), "--quiet"]) == 1
    assert capsys.readouterr().out == "selected.csv is missing\n"
    assert main(["verify", str(inside / "nothing")]) == 2


def test_verify_reads_the_export_of_run(inside: Path) -> None:
    assert main(["verify", "sub", "--quiet"]) == 0


def test_an_export_in_npy_is_exported_again(inside: Path) -> None:
    assert run("export", "sub", "--format", "npy", "--to", inside / "npy", "--quiet") == 0
    assert run("export", inside / "npy", "--format", "parquet", "--to", inside / "again", "--quiet") == 0
    assert run("run", "--settings", inside / "npy/manifest.json", "--out", inside / "repeated", "--quiet") == 0
    for file in Path("sub").iterdir():
        assert (inside / "repeated" / file.name).read_bytes() == file.read_bytes()


@pytest.mark.parametrize(
    "name", ["npy", "parquet", "imagefolder", "zip", "webdataset", "hf-parquet", "embedding-atlas"]
)
def test_formats_from_the_command_line(name: str, inside: Path) -> None:
    target = inside / ("out.zip" if name == "zip" else "out")
    assert run("export", "sub", "--format", name, "--to", target, "--names", "numbered", "--quiet") == 0
    assert main(["verify", str(target), "--quiet"]) == 0


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["sub", "--format", "csv", "--to", "sub"], "sub exists already. Give another name or add --overwrite."),
        (["pics", "--format", "csv", "--to", "new"], "pics must be the folder of an export with manifest.json and"),
        (["nothing", "--format", "csv", "--to", "new"], "nothing must be the folder of an export with manifest.json"),
        (["sub", "--format", "zip", "--to", "new"], "--to must end in .zip for this format, got new. Add the ending."),
        (["sub", "--format", "imagefolder", "--to", "pics/new"], "is inside the folder of the images ("),
    ],
)
def test_errors_are_one_sentence(words: list[str], text: str, inside: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("export", *words, "--quiet") == 2
    error = capsys.readouterr().err
    assert error.startswith("adq: ")
    assert text in error
    assert error.count("\n") == 1
    assert not Path("new").exists()


def test_a_damaged_export_is_not_exported_again(inside: Path, work: Path, capsys: pytest.CaptureFixture[str]) -> None:
    import shutil

    copy = shutil.copytree(work / "sub", inside / "sub")
    table = bytearray((copy / "samples.parquet").read_bytes())
    table[40] ^= 1
    (copy / "samples.parquet").write_bytes(table)
    assert run("export", copy, "--format", "csv", "--to", inside / "out") == 2
    assert "is not as it was exported: samples.parquet has changed" in capsys.readouterr().err


def test_changed_images_are_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    write_pictures(tmp_path / "pics", ("cat", "dog"))
    assert run("run", "pics", *QUICK, "--out", "sub", "--quiet") == 0
    ids = [json.loads(line)["id"] for line in Path("sub/selected.jsonl").read_text().splitlines()]
    other = next(p for p in sorted(Path("pics").rglob("*.png")) if p.relative_to("pics").as_posix() not in ids)
    other.unlink()
    capsys.readouterr()
    assert run("export", "sub", "--format", "imagefolder", "--to", "out", "--quiet") == 0
    assert "pics has changed since sub was exported from it" in capsys.readouterr().err
