"""Which weights a visitor sees: the newest first, and on a shared server only the visitor's own."""

from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace

import pytest

from app import trainings


@pytest.fixture
def shared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(trainings.server, "library", lambda: SimpleNamespace(files=lambda name: tmp_path / name))
    return tmp_path / "trained"


def test_the_newest_weights_come_first(shared: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trainings, "owner", lambda: trainings.EVERYBODY)
    shared.mkdir()
    for age, name in enumerate(("new-unet", "old-mae", "oldest-unet", "any-encoder")):
        path = shared / f"{name}.safetensors"
        path.write_bytes(b"")
        os.utime(path, ns=(10**18 - age * 10**9, 10**18 - age * 10**9))
    found = trainings.trained(("unet", "mae"))
    assert [path.stem for path in found] == ["new-unet", "old-mae", "oldest-unet"]


def test_every_browser_of_a_shared_server_has_its_own_folder(shared: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for owner, folder in ((trainings.EVERYBODY, shared), ("one", shared / "one"), ("two", shared / "two")):
        monkeypatch.setattr(trainings, "owner", lambda owner=owner: owner)
        assert trainings.folder() == folder
