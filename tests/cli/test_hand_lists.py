"""`--always` and `--never`: lists of images in files, their record in the export, and the repeated run."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from adq_core import cli

FAST = ["digits", "--embeddings", "pixels", "--diversity", "vectors", "--projection", "pca", "--quiet"]


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    return ["--cache", str(tmp_path_factory.mktemp("cache"))]


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.mark.parametrize("count", [3, 1200], ids=["in the manifest", "in a file beside it"])
def test_a_run_with_lists_is_repeated_to_the_byte(
    tmp_path: Path, cache: list[str], count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("keep.txt").write_text("3\n5\n")
    np.save("leave.npy", np.arange(10, 10 + count))
    out, again = tmp_path / "out", tmp_path / "again"
    assert cli.main(["run", *FAST, *cache, "--always", "keep.txt", "--never", "leave.npy", "--out", str(out)]) == 0
    manifest = json.loads((out / "manifest.json").read_text())
    assert manifest["settings"]["always"] == ["3", "5"]
    never = manifest["settings"]["never"]
    assert never == ({"file": "never_ids.txt"} if count > 1000 else ["10", "11", "12"])
    ids = (out / "selected_ids.txt").read_text().split()
    assert {"3", "5"} <= set(ids)
    assert not set(ids) & {str(number) for number in range(10, 10 + count)}
    assert len(ids) == 180
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert cli.main(["run", "--settings", str(out / "manifest.json"), *cache, "--quiet", "--out", str(again)]) == 0
    assert contents(again) == contents(out)
    if count > 1000:
        (out / "never_ids.txt").unlink()
        assert cli.main(["run", "--settings", str(out / "manifest.json"), *cache, "--out", str(tmp_path / "c")]) == 2


def test_a_run_without_lists_records_none(tmp_path: Path, cache: list[str]) -> None:
    assert cli.main(["run", *FAST, *cache, "--out", str(tmp_path / "out")]) == 0
    assert not {"always", "never"} & set(json.loads((tmp_path / "out" / "manifest.json").read_text())["settings"])
    assert not [name for name in contents(tmp_path / "out") if name.endswith("_ids.txt") and name != "selected_ids.txt"]


@pytest.mark.parametrize(
    ("always", "never", "sentence"),
    [
        ("3\n", "3\n", "--always and --never must not have the same image, but 1 image is in both, for example 3."),
        ("5000\n", "", "keep.txt must have indices of digits, but of 1 entry, 1 is outside 0 to 1,796."),
        ("\n".join(map(str, range(181))), "", "--always must have at most as many images as are kept, 180, got 181."),
    ],
)
def test_lists_that_do_not_fit_are_one_sentence(
    tmp_path: Path, cache: list[str], always: str, never: str, sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "keep.txt").write_text(always)
    (tmp_path / "leave.txt").write_text(never or "1700\n")
    options = ["--always", str(tmp_path / "keep.txt"), "--never", str(tmp_path / "leave.txt")]
    assert cli.main(["run", *FAST, *cache, *options, "--out", str(tmp_path / "out")]) == 2
    assert sentence in capsys.readouterr().err


def test_check_says_what_the_lists_cost(tmp_path: Path, cache: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "keep.txt").write_text("3\n5\n")
    arguments = [part for part in FAST if part != "--quiet"]
    options = [*cache, "--always", str(tmp_path / "keep.txt"), "--checks", "lists"]
    assert cli.main(["check", *arguments, *options]) == 0
    assert "2 images are always kept" in " ".join(capsys.readouterr().out.split())
