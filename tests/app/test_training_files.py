"""Which weights a user sees: the newest first, and only the user's own."""

from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace

import pytest

from app import stores, trainings, visitors


@pytest.fixture
def shared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder of the weights of all users of a server; the user is `me`."""
    monkeypatch.setattr(stores, "library", lambda: SimpleNamespace(files=lambda name: tmp_path / name))
    monkeypatch.setattr(stores, "is_public", lambda: False)
    monkeypatch.setattr(visitors, "owner", lambda: "me")
    return tmp_path / "trained"


def write(path: Path, age: int = 0) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"")
    os.utime(path, ns=(10**18 - age * 10**9, 10**18 - age * 10**9))
    return path


def test_the_newest_weights_come_first(shared: Path) -> None:
    for age, name in enumerate(("new-unet", "old-mae", "oldest-unet", "any-encoder")):
        write(shared / "me" / f"{name}.safetensors", age)
    assert [path.stem for path in trainings.trained(("unet", "mae"))] == ["new-unet", "old-mae", "oldest-unet"]


def test_every_browser_has_its_own_folder(shared: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for owner in ("one", "two"):
        monkeypatch.setattr(visitors, "owner", lambda owner=owner: owner)
        assert trainings.folder() == shared / owner
        assert trainings.trained(("unet",)) == []
        write(shared / owner / f"{owner}-unet.safetensors")
        assert [path.stem for path in trainings.trained(("unet",))] == [f"{owner}-unet"]


def test_weights_without_an_owner_are_seen_on_the_users_own_machine(
    shared: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = write(shared / "old-unet.safetensors")
    assert trainings.trained(("unet",)) == [old]
    assert trainings.weights_file("old-unet.safetensors") == str(old)
    assert trainings.weights_name(str(old)) == "old-unet.safetensors"
    monkeypatch.setattr(stores, "is_public", lambda: True)
    assert trainings.trained(("unet",)) == []
    assert trainings.weights_file("old-unet.safetensors") == "old-unet.safetensors"
    assert trainings.weights_name(str(old)) == str(old)


def test_only_own_weights_are_named_and_deleted(shared: Path) -> None:
    own, others = (write(shared / owner / "cats-unet.safetensors") for owner in ("me", "you"))
    own.with_suffix(".json").write_text("{}")
    assert trainings.weights_file("cats-unet.safetensors") == str(own)
    for name in ("../you/cats-unet.safetensors", str(others), "dogs-unet.safetensors", "unet", "", None):
        assert trainings.weights_file(name) == name
    trainings.delete_weights(others)
    assert others.exists()
    trainings.delete_weights(own)
    assert not own.exists()
    assert not own.with_suffix(".json").exists()
