"""The device and precision of networks: known without importing torch, and asked again on another machine."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from adq_core.models import device

ASK = """
import sys
from adq_core.models import device_and_precision
print(*device_and_precision(), "torch" in sys.modules)
"""


def asked(cache: Path) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", ASK],
        env={"ADQ_CACHE": str(cache), "PATH": "", "PYTHONPATH": str(Path(__file__).parents[2])},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.split()


def test_the_second_process_does_not_import_torch(tmp_path: Path) -> None:
    first, second = asked(tmp_path), asked(tmp_path)
    assert first[2] == "True"
    assert second == [*first[:2], "False"]
    (stored,) = (tmp_path / "device").iterdir()
    stored.write_text("damaged")
    assert asked(tmp_path) == first


def test_the_stored_answer_belongs_to_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    before = device._machine()
    assert device._machine() == before
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "7")
    other = device._machine()
    monkeypatch.setattr("adq_core.models.device.metadata.version", lambda name: "99.0")
    assert len({before, other, device._machine()}) == 3
