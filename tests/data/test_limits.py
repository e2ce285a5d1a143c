"""Small files that unpack to much are refused in one sentence, with little memory, and leave nothing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.data import bombs

ROOT = Path(__file__).parents[2]
MAX_MB = 300
BOMBS = {"archives": bombs.archives, "arrays": bombs.arrays, "tables": bombs.tables}


@pytest.fixture(scope="module", params=BOMBS)
def results(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    if not Path("/proc/self/status").exists():
        pytest.skip("memory is read from /proc")
    folder = tmp_path_factory.mktemp(request.param)
    table = pd.DataFrame(np.random.default_rng(0).random((5, 3)))
    table.to_csv(folder / "plain.csv")
    table.add_prefix("f").to_parquet(folder / "plain.parquet")
    np.savez(folder / "plain.npz", vectors=table.to_numpy())
    plain = [str(folder / f"plain.{kind}") for kind in ("csv", "parquet", "npz")]
    files = BOMBS[request.param](folder)
    paths = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    done = subprocess.run(
        [sys.executable, str(ROOT / "tests" / "data" / "bombs.py"), ",".join(plain), *map(str, files)],
        cwd=ROOT, env={**os.environ, "PYTHONPATH": paths}, capture_output=True, text=True, check=True, timeout=600,
    )  # fmt: skip
    lines = done.stdout.splitlines()
    assert len(lines) == len(files), "a process has died"
    return {file.name: json.loads(line) for file, line in zip(files, lines, strict=True)}


def test_memory_is_bounded(results: dict[str, dict[str, Any]]) -> None:
    assert {name: round(result["mb"]) for name, result in results.items() if result["mb"] > MAX_MB} == {}


def test_each_file_is_refused_in_one_sentence(results: dict[str, dict[str, Any]]) -> None:
    for name, result in results.items():
        assert result["told"].endswith("."), name
        assert "\n" not in result["told"], name


def test_nothing_is_left_in_the_cache(results: dict[str, dict[str, Any]]) -> None:
    assert {name: result["left"] for name, result in results.items() if result["left"]} == {}
