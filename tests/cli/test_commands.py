from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from adq_core.cli import commands as cli

ROOT = Path(__file__).parents[2]
QUICK = ("--embeddings", "pixels", "--projection", "pca", "--diversity", "vendi")  # no network has to be loaded


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


def run(first: object, *arguments: object) -> int:
    quick = () if first == "--settings" else QUICK
    return cli.main(["run", *map(str, (first, *quick, *arguments))])


def test_run_writes_its_files_and_a_manifest_repeats_them(tmp_path: Path, cache: Path, capsys) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    assert run("digits", "--n-bins", 5, "--alpha", 0.3, "--cache", cache, "--out", one) == 0
    printed = capsys.readouterr().out
    assert "digits: 1,797 images in 10 classes, 0 left out" in printed
    assert "Kept 180 (10.0%), rule budget, alpha 0.3" in printed
    assert run("--settings", one / "manifest.json", "--cache", tmp_path / "fresh", "--out", two, "--quiet") == 0
    assert capsys.readouterr().out == ""
    assert {p.name: p.read_bytes() for p in one.iterdir()} == {p.name: p.read_bytes() for p in two.iterdir()}


def test_options_beside_a_manifest_win(tmp_path: Path, cache: Path) -> None:
    run("digits", "--n-bins", 5, "--cache", cache, "--out", tmp_path / "a", "--quiet")
    manifest = tmp_path / "a" / "manifest.json"
    assert run("--settings", manifest, "--alpha", 0, "--cache", cache, "--out", tmp_path / "b", "--quiet") == 0
    settings = json.loads((tmp_path / "b" / "manifest.json").read_text())["settings"]
    assert (settings["alpha"], settings["n_bins"]) == (0, 5)


def test_a_repeat_that_meets_other_digests_says_so(tmp_path: Path, cache: Path, capsys) -> None:
    run("digits", "--cache", cache, "--out", tmp_path / "a", "--quiet")
    path = tmp_path / "a" / "manifest.json"
    manifest = json.loads(path.read_text())
    manifest["stations"]["embeddings"]["digest"] = "0" * 32
    path.write_text(json.dumps(manifest))
    assert run("--settings", path, "--cache", cache, "--out", tmp_path / "b", "--quiet") == 0
    assert capsys.readouterr().err == f"adq: embeddings differs here from what {path} pins; the subset may differ.\n"


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
def test_bad_input_is_one_sentence_and_exit_2(
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


def test_too_many_bins_names_the_smallest_class_and_a_way_out(tmp_path: Path, cache: Path, capsys) -> None:
    out = tmp_path / "out"
    assert run("digits", "--n-bins", 200, "--cache", cache, "--out", out, "--quiet") == 2
    assert "174" in capsys.readouterr().err  # the digit 8, the smallest class
    assert run("digits", "--n-bins", 200, "--pool", "all", "--cache", cache, "--out", out) == 0


def test_ctrl_c_is_130_and_writes_nothing(tmp_path: Path) -> None:
    images = np.random.default_rng(0).integers(0, 255, (60_000, 32, 32, 3), dtype=np.uint8)
    np.savez(tmp_path / "many.npz", images=images, labels=np.zeros(len(images), np.int64))
    out, cache = tmp_path / "out", tmp_path / "cache"
    command = [sys.executable, "-m", "adq_core", "run", str(tmp_path / "many.npz"), "--out", str(out)]
    process = subprocess.Popen(
        [*command, "--cache", str(cache)], cwd=ROOT, stderr=subprocess.PIPE, env=os.environ | {"PYTHONUNBUFFERED": "1"}
    )
    assert process.stderr is not None
    process.stderr.read(10)  # the first bar: it is at work
    time.sleep(0.3)
    process.send_signal(signal.SIGINT)
    rest = process.communicate(timeout=60)[1].decode()
    assert process.returncode == 130
    assert "adq: stopped. Nothing was written; finished stages are kept in the cache." in rest
    assert "Traceback" not in rest
    assert not out.exists()


def test_a_ctrl_c_that_python_lost_ends_the_run_at_the_next_sign_of_life() -> None:
    told = []
    former = signal.getsignal(signal.SIGINT)
    with cli._insistent(lambda *step: told.append(step)) as progress:
        progress(1, 9, "bins")
        with contextlib.suppress(KeyboardInterrupt):  # as the clean-up after an import does
            signal.raise_signal(signal.SIGINT)
        with pytest.raises(KeyboardInterrupt):
            progress(2, 9, "bins")
    assert told == [(1, 9, "bins")]
    assert signal.getsignal(signal.SIGINT) is former


def test_datasets_lists_the_built_in_ones(capsys) -> None:
    assert cli.main(["datasets"]) == 0
    printed = capsys.readouterr().out
    assert all(name in printed for name in ("digits", "photos", "shapes", "torchvision:NAME"))


def test_app_starts_streamlit_on_the_data_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    started = {}

    def fake(command, cwd, env, check):
        started.update(command=command, cwd=cwd, env=env)
        return subprocess.CompletedProcess(command, 0)

    monkeypatch.setattr(subprocess, "run", fake)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine").mkdir()
    assert cli.main(["app", "mine", "--port", "8600", "--cache", "c"]) == 0
    assert started["command"][1:4] == ["-m", "streamlit", "run"]
    assert started["command"][-2:] == ["--server.port", "8600"]
    assert started["env"]["ADQ_DATASET"] == str(tmp_path / "mine")
    assert started["env"]["ADQ_CACHE"] == str(tmp_path / "c")
    assert (Path(started["cwd"]) / ".streamlit" / "config.toml").exists()
