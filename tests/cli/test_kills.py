"""Commands killed at random moments leave whole results or none, and no temporary files after the next start."""

from __future__ import annotations

import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from adq_core.data import open_dataset
from adq_core.models import load_network
from tests.processes import wait_until_python_handles

ROOT = Path(__file__).parents[2]
N_IMAGES = 40
SIGNALS = (signal.SIGKILL, signal.SIGTERM, signal.SIGINT)
QUICK = ("--embeddings", "pixels", "--projection", "pca", "--diversity", "vendi", "--n-bins", "4")
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="no such signals there")


def whole_export(out: Path) -> None:
    """Check that an export with a manifest is complete; without one there must be no file at all."""
    if not (out / "manifest.json").exists():
        assert [path.name for path in out.iterdir()] == []
        return
    manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    assert len(manifest["files"]) == len(list(out.iterdir())) - 1
    for name, entry in manifest["files"].items():
        assert hashlib.sha256((out / name).read_bytes()).hexdigest() == entry["sha256"]


def whole_patches(out: Path) -> None:
    masks = pd.read_parquet(out / "masks.parquet")
    assert len(masks) == N_IMAGES
    for name in masks["painted"]:
        Image.open(out / name).load()


def whole_weights(out: Path) -> None:
    load_network(str(out), ("encoder",))


COMMANDS: dict[str, tuple[list[str], str, Callable[[Path], None]]] = {  # arguments, --out, the check
    "run": (["run", "pets", *QUICK], "subset", whole_export),
    "overwrite": (["run", "pets", *QUICK, "--overwrite", "--alpha", "0.1"], "again", whole_export),
    "patches": (["patches", "pets", "--model", "fill"], "painted", whole_patches),
    "train": (["train", "encoder", "pets", "--epochs", "1"], "encoder.safetensors", whole_weights),
}


def start(work: Path, name: str) -> subprocess.Popen[bytes]:
    arguments, out, _ = COMMANDS[name]
    command = [sys.executable, "-m", "adq_core", *arguments, "--out", out, "--cache", "cache", "--quiet"]
    environment = os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    return subprocess.Popen(command, cwd=work, env=environment, stderr=subprocess.PIPE)


def finish(work: Path, name: str) -> float:
    """Run a command to its end and return the seconds."""
    began = time.monotonic()
    errors = (process := start(work, name)).communicate(timeout=300)[1]
    assert (process.returncode, errors) == (0, b"")
    return time.monotonic() - began


def remove(path: Path) -> None:
    if path.is_dir():
        for child in path.iterdir():
            remove(child)
        path.rmdir()
    else:
        path.unlink(missing_ok=True)


def kill(work: Path, name: str, number: signal.Signals, delay: float) -> None:
    """Start a command and send a signal after some seconds; check its results and its last words."""
    _, out, check = COMMANDS[name]
    process = start(work, name)
    if number == signal.SIGINT:
        wait_until_python_handles(process.pid)
    try:
        process.wait(delay)
    except subprocess.TimeoutExpired:
        process.send_signal(number)
    errors = process.communicate(timeout=300)[1].decode()
    assert "Traceback" not in errors
    assert errors.count("\n") <= 1, errors
    assert process.returncode in (0, -number, 128 + number)
    if (work / out).exists():
        check(work / out)


def write_images(folder: Path) -> None:
    for number in range(N_IMAGES):
        path = folder / ("cat" if number % 2 else "dog") / f"{number:02d}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        pixels = np.random.default_rng(number).integers(0, 255, (40, 40, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(path)


def scratch(work: Path) -> list[str]:
    return [str(path) for path in work.rglob(".*") if path.name.endswith(".part")]


def kill_often(work: Path, count: int, seed: int) -> None:
    write_images(work / "pets")
    durations = {name: finish(work, name) for name in COMMANDS}
    expected = {path.name: path.read_bytes() for path in (work / "subset").iterdir()}
    dice = random.Random(seed)
    for turn in range(count):
        name = list(COMMANDS)[turn % len(COMMANDS)]
        _, out, _ = COMMANDS[name]
        if name != "overwrite":
            remove(work / out)
        if dice.random() < 0.5:
            remove(work / "cache")
        kill(work, name, SIGNALS[turn % len(SIGNALS)], dice.uniform(0, 1.1 * durations[name]))
    for name in ("run", "patches", "train"):
        remove(work / COMMANDS[name][1])
    for name in COMMANDS:
        finish(work, name)
    assert scratch(work) == []
    assert {path.name: path.read_bytes() for path in (work / "subset").iterdir()} == expected
    data = open_dataset(str(work / "pets"), cache=work / "cache", verify=False)
    for row in range(N_IMAGES):
        data.read(row)


def test_6_kills_leave_whole_results_or_none(tmp_path: Path) -> None:
    kill_often(tmp_path, 6, seed=0)


@pytest.mark.slow
def test_100_kills_leave_whole_results_or_none(tmp_path: Path) -> None:
    kill_often(tmp_path, 100, seed=1)
