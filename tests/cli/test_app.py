from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from adq_core import cli


def test_app_starts_streamlit_with_the_data_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
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
