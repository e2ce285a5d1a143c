from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from adq_core import cli

ROOT = Path(__file__).parents[2]
QUICK = ("--embeddings", "pixels", "--projection", "pca", "--diversity", "vendi")  # loads no network


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


def run(first: object, *arguments: object) -> int:
    quick = () if first == "--settings" else QUICK
    return cli.main(["run", *map(str, (first, *quick, *arguments))])


def test_a_run_repeated_from_its_manifest_writes_the_same_bytes(tmp_path: Path, cache: Path, capsys) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    assert run("digits", "--n-bins", 5, "--alpha", 0.3, "--cache", cache, "--out", one) == 0
    printed = capsys.readouterr().out
    assert "digits: 1,797 images in 10 classes, 0 skipped" in printed
    assert "Kept 180 (10.0%), rule budget, alpha 0.3" in printed
    assert run("--settings", one / "manifest.json", "--cache", tmp_path / "fresh", "--out", two, "--quiet") == 0
    assert capsys.readouterr().out == ""
    assert {p.name: p.read_bytes() for p in one.iterdir()} == {p.name: p.read_bytes() for p in two.iterdir()}


def test_options_replace_values_of_a_manifest(tmp_path: Path, cache: Path) -> None:
    run("digits", "--n-bins", 5, "--cache", cache, "--out", tmp_path / "a", "--quiet")
    manifest = tmp_path / "a" / "manifest.json"
    assert run("--settings", manifest, "--alpha", 0, "--cache", cache, "--out", tmp_path / "b", "--quiet") == 0
    settings = json.loads((tmp_path / "b" / "manifest.json").read_text())["settings"]
    assert (settings["alpha"], settings["n_bins"]) == (0, 5)


def test_a_repeat_with_other_digests_prints_a_warning(tmp_path: Path, cache: Path, capsys) -> None:
    run("digits", "--cache", cache, "--out", tmp_path / "a", "--quiet")
    path = tmp_path / "a" / "manifest.json"
    manifest = json.loads(path.read_text())
    manifest["stations"]["embeddings"]["digest"] = "0" * 32
    path.write_text(json.dumps(manifest))
    assert run("--settings", path, "--cache", cache, "--out", tmp_path / "b", "--quiet") == 0
    assert capsys.readouterr().err == (
        f"adq: the result of stage embeddings differs from the one recorded in {path}; the subset may differ.\n"
    )


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["digits", "--alpha", "1.5"], "alpha must be in [0, 1], got 1.5."),
        (["digits", "--keep-ratio", "0"], "--keep-ratio must be in (0, 1], got 0."),
        (["digits", "--keep-ratio", "nan"], "--keep-ratio must be in (0, 1], got nan."),
        (["digits", "--rule", "fair"], "Unknown --rule 'fair'. Choose one of: "),
        (["digits", "--n-bins", "0"], "--n-bins must be 1 or more, got 0."),
        (
            ["digits", "--keep-ratio", "0.0001"],
            "--keep-ratio must keep at least one of 1797 images, got 0.0001.",
        ),
        (["--settings", "nowhere.json"], "--settings must be a readable file, got nowhere.json: "),
        (["no-such-thing"], "no-such-thing"),
    ],
)
def test_bad_input_prints_one_sentence_and_returns_2(
    arguments: list[str], sentence: str, tmp_path: Path, cache: Path, capsys
) -> None:
    out = tmp_path / "out"
    assert run(*arguments, "--cache", cache, "--out", out, "--quiet") == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("adq: ")
    assert sentence in printed.err
    assert printed.err.count("\n") == 1
    assert not out.exists()


def test_too_many_bins_names_the_size_of_the_largest_class(tmp_path: Path, cache: Path, capsys) -> None:
    out = tmp_path / "out"
    assert run("digits", "--n-bins", 200, "--cache", cache, "--out", out, "--quiet") == 2
    assert "--n-bins must be between 1 and 183 (the largest class has 183 images), got 200" in capsys.readouterr().err
    assert run("digits", "--n-bins", 200, "--pool", "all", "--cache", cache, "--out", out) == 0


def test_ctrl_c_returns_130_and_writes_nothing(tmp_path: Path) -> None:
    images = np.random.default_rng(0).integers(0, 255, (60_000, 32, 32, 3), dtype=np.uint8)
    np.savez(tmp_path / "many.npz", images=images, labels=np.zeros(len(images), np.int64))
    out, cache = tmp_path / "out", tmp_path / "cache"
    command = [sys.executable, "-m", "adq_core", "run", str(tmp_path / "many.npz"), "--out", str(out)]
    process = subprocess.Popen(
        [*command, "--cache", str(cache)], cwd=ROOT, stderr=subprocess.PIPE, env=os.environ | {"PYTHONUNBUFFERED": "1"}
    )
    assert process.stderr is not None
    process.stderr.read(10)  # the first progress bar: a stage is running
    process.send_signal(signal.SIGINT)
    rest = process.communicate(timeout=60)[1].decode()
    assert process.returncode == 130
    assert "adq: stopped. No files were written; finished stages remain in the cache." in rest
    assert "Traceback" not in rest
    assert not out.exists()


def test_names_of_files_do_not_control_the_terminal(tmp_path: Path, cache: Path, capsys) -> None:
    for number in range(12):
        (tmp_path / "set" / str(number % 2)).mkdir(parents=True, exist_ok=True)
        pixels = np.random.default_rng(number).integers(0, 256, (16, 16, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(tmp_path / "set" / str(number % 2) / f"{number}.png")
    (tmp_path / "set" / "0" / "a\x1b[31m\nSkipped nothing.png").write_bytes(b"")
    (tmp_path / "set" / "notes.txt").write_text("text")
    assert run(tmp_path / "set", "--n-bins", 2, "--cache", cache, "--out", tmp_path / "out") == 0
    printed = capsys.readouterr().out
    assert "Skipped 0/a\\x1b[31m\\nSkipped nothing.png: is empty" in printed.splitlines()
    assert "Not taken as images: 1 other file (1 .txt)." in printed.splitlines()
    assert "\x1b" not in printed
