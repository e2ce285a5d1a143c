"""Ctrl-C, SIGTERM, closed pipes, consoles without UTF-8 and `--quiet`, in this process and in others."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from adq_core import cli
from adq_core.cli.interrupts import stop_signals
from adq_core.cli.progress_bars import TqdmProgress
from tests.processes import wait_until_python_handles

ROOT = Path(__file__).parents[2]
QUICK = ("--embeddings", "pixels", "--projection", "pca", "--diversity", "vendi")  # loads no network
COMMAND = (sys.executable, "-m", "adq_core")
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="no such signals there")


def environment(**values: str) -> dict[str, str]:
    return os.environ | {"PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"} | values


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_lost_signal_is_raised_again_at_the_next_progress_call(number: signal.Signals) -> None:
    calls = []
    previous = signal.getsignal(number)
    with stop_signals() as signals:
        progress = signals.repeat(lambda *step: calls.append(step))
        progress(1, 9, "bins")
        with contextlib.suppress(KeyboardInterrupt):  # loses it, as the clean-up after an import does
            signal.raise_signal(number)
        with pytest.raises(KeyboardInterrupt):
            progress(2, 9, "bins")
    assert signals.received == number
    assert calls == [(1, 9, "bins")]
    assert signal.getsignal(number) is previous


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("delay", [0.0, 0.03, 0.1, 0.3, 0.6, 1.0])
def test_a_signal_at_any_moment_ends_with_its_code_and_one_line(
    number: signal.Signals, delay: float, tmp_path: Path
) -> None:
    command = [*COMMAND, "run", "digits", "--quiet", "--out", str(tmp_path / "out"), "--cache", str(tmp_path / "c")]
    starter = "import os, sys; print('started', flush=True); os.execv(sys.argv[1], sys.argv[1:])"
    process = subprocess.Popen(
        [sys.executable, "-c", starter, *command],
        cwd=tmp_path, env=environment(ADQ_STARTED="1"), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline() == b"started\n"
    wait_until_python_handles(process.pid)
    time.sleep(delay)  # the moment is arbitrary on purpose
    process.send_signal(number)
    errors = process.communicate(timeout=120)[1].decode()
    assert process.returncode == 128 + number
    assert errors.count("\n") == 1, errors
    assert errors.startswith("adq: stopped.")
    assert not (tmp_path / "out").exists()
    assert [path for path in tmp_path.rglob(".*") if path.name.endswith(".part")] == []


def test_a_closed_pipe_is_no_error(tmp_path: Path) -> None:
    for arguments in (["datasets"], ["--help"], ["cache", "list", "--cache", str(tmp_path)]):
        process = subprocess.Popen(
            [*COMMAND, *arguments], cwd=tmp_path, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        assert process.stdout is not None
        process.stdout.close()  # before it writes
        assert process.stderr is not None
        assert process.stderr.read() == b""
        assert process.wait(60) == 0
        process.stderr.close()


class ClosedPipe:
    """A stream whose reader has ended."""

    encoding = "utf-8"

    def write(self, text: str) -> int:
        raise BrokenPipeError

    def flush(self) -> None:
        raise BrokenPipeError


def test_bars_on_a_closed_stderr_do_not_stop_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    bars = TqdmProgress()
    monkeypatch.setattr(sys, "stderr", ClosedPipe())
    for done in range(3):
        bars(done, 3, "bins")
    bars.close()


@pytest.mark.parametrize("encoding", ["ascii", "ascii:strict", "latin-1"])
def test_a_console_that_is_not_utf_8_shows_every_name(encoding: str, tmp_path: Path) -> None:
    from PIL import Image

    for number in range(12):
        path = tmp_path / "фото" / ("кот" if number % 2 else "犬") / f"{number}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (8, 8), (20 * number, 0, 0)).save(path)
    (tmp_path / "фото" / "кот" / "defekt-ü.png").write_bytes(b"no image")
    command = [*COMMAND, "run", "фото", *QUICK, "--n-bins", "2", "--keep-ratio", "0.5"]
    done = subprocess.run(
        [*command, "--out", "out-ü", "--cache", "cache"],
        cwd=tmp_path, env=environment(PYTHONIOENCODING=encoding, LANG="C"), capture_output=True, text=True,
        encoding="utf-8" if "ascii" in encoding else "latin-1", check=False,
    )  # fmt: skip
    assert (done.returncode, "Traceback" in done.stderr) == (0, False), done.stderr
    assert "\\u0444\\u043e\\u0442\\u043e: 12 images in 2 classes, 1 skipped" in done.stdout
    assert (tmp_path / "out-ü" / "manifest.json").exists()


NOISY = """
import logging, os, sys, warnings
from adq_core import cli
from adq_core.cli import datasets

def command(parsed):
    os.write(2, b"noise of a C library\\n")
    warnings.warn("noise of Python")
    logging.getLogger("library").warning("noise of a library")
    print("adq: this is an error", file=sys.stderr)
    return 0

datasets.datasets_command = command
parsers = datasets.add_parser
def add_parser(commands):
    parsers(commands)
    commands.choices["datasets"].set_defaults(function=command, quiet=QUIET)
datasets.add_parser = add_parser
code = cli.main(["datasets"])
os.write(2, b"after\\n")
sys.exit(code)
"""


@pytest.mark.parametrize("quiet", [True, False])
def test_quiet_shows_only_errors_of_this_program(quiet: bool) -> None:
    done = subprocess.run(
        [sys.executable, "-c", NOISY.replace("QUIET", str(quiet))],
        cwd=ROOT, env=environment(), capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout == ""
    assert "adq: this is an error\n" in done.stderr
    assert (done.stderr == "adq: this is an error\nafter\n") == quiet
    assert (done.stderr.count("noise") == 0) == quiet


def test_a_tilde_in_an_option_is_the_home_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    np.save(tmp_path / "vectors.npy", np.random.default_rng(0).normal(size=(40, 5)).astype(np.float32))
    command = ["run", "~/vectors.npy", "--embeddings", "own", "--projection", "pca", "--n-bins", "2"]
    command += ["--representativeness", "centre-closeness", "--diversity", "vendi", "--keep-ratio", "0.5"]
    assert cli.main([*command, "--out=~/out", "--cache=~/cache", "--quiet"]) == 0
    assert (tmp_path / "out" / "manifest.json").exists()
    assert (tmp_path / "cache" / "bins").exists()
    capsys.readouterr()
