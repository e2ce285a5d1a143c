"""Commands on a disk that is full end with one sentence. A limit on the size of files stands for the full disk."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from adq_core.data import open_dataset

ROOT = Path(__file__).parents[2]
LIMITED = """
import resource, signal, sys
from adq_core.cli import main

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
limit = int(sys.argv[1])
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
sys.exit(main(sys.argv[2:]))
"""
# Bytecode and compiled loops that are cut off by the limit would break later runs.
ENVIRONMENT = {"PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
QUICK = ["--embeddings", "pixels", "--projection", "pca", "--diversity", "vendi", "--n-bins", "2"]
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="no limits on the size of files there")


@pytest.fixture
def work(tmp_path: Path) -> Path:
    for number in range(24):
        path = tmp_path / "pets" / ("cat" if number % 2 else "dog") / f"{number:02d}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.random.default_rng(number).integers(0, 255, (40, 40, 3), dtype=np.uint8)).save(path)
    open_dataset(str(tmp_path / "pets"), cache=tmp_path / "cache")
    return tmp_path


@pytest.mark.parametrize(
    ("arguments", "out", "limit", "option"),
    [
        (["train", "encoder", "pets", "--epochs", "1"], "w.safetensors", 50_000, "--out"),
        (["train", "unet", "pets", "--epochs", "1", "--report", "r.json"], "w.safetensors", 50_000, "--out"),
        (["train", "encoder", "pets", "--epochs", "1", "--report", "r.json"], "w.safetensors", 10, "--report"),
        (["patches", "pets", "--model", "fill"], "painted", 1_000, "--out"),
        (["run", "pets", *QUICK], "subset", 200, "--cache"),
        (["run", "pets", *QUICK], "subset", 4_000, "--out"),
    ],
)
def test_a_full_disk_is_one_sentence_and_leaves_nothing(
    arguments: list[str], out: str, limit: int, option: str, work: Path
) -> None:
    command = [*arguments, "--out", out, "--cache", str(work / "cache"), "--quiet"]
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, str(limit), *command],
        cwd=work, env=ENVIRONMENT | {"NUMBA_CACHE_DIR": str(work / "numba"), "XDG_CACHE_HOME": str(work / "home")}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 2, done.stderr
    assert done.stderr.startswith("adq: Could not write ")
    assert f"Free some space or name another folder with {option}" in done.stderr
    assert done.stderr.count("\n") == 1
    assert not (work / out).exists()
    assert [path for path in work.rglob(".*") if path.name.endswith(".part")] == []
