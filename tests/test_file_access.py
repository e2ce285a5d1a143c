"""A public server reads only the files that it is allowed to read; every setting that names a file is checked."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from adq_core import Settings, file_access
from adq_core.errors import InputError, SettingsError
from adq_core.file_access import AllowedFolder, check_access
from adq_core.models.weights import weights_path


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A data root with one folder in it; the server runs in the root and has one upload and one trained network."""
    folder = tmp_path / "root"
    (folder / "flowers").mkdir(parents=True)
    for file in ("uploads/abc/mine.zip", "trained/net.safetensors", "secret/key.npz", "root2/a.npz"):
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).write_bytes(b"")
    monkeypatch.chdir(folder)
    uploads, trained = AllowedFolder(tmp_path / "uploads", 2), AllowedFolder(tmp_path / "trained", 1)
    file_access.restrict([AllowedFolder(folder), uploads, trained])
    yield folder
    file_access.restrict(None)


def refused(setting: str, value: str) -> str:
    with pytest.raises(SettingsError) as caught:
        Settings(**{setting: value})
    assert caught.value.settings == (setting,)
    return str(caught.value)


@pytest.mark.parametrize("setting", ["dataset", "labels", "embeddings", "weights"])
def test_every_setting_that_names_a_file_stays_in_the_allowed_folders(setting: str, root: Path) -> None:
    outside = [
        "/usr/share", "/", "/etc/passwd", "~", "~root/.ssh", "..", "../secret/key.npz", "../root2/a.npz",
        f"{root}/../secret/key.npz", f"{root}2", str(root.parent), "flowers/../../secret", "/proc/self/environ",
        "//evil.example/share", "\\\\evil.example\\share", "./../secret",
        "torchvision:CIFAR10", "timm:resnet18",
    ]  # fmt: skip
    texts = {refused(setting, value) for value in outside}
    texts.add(refused(setting, "/does/not/exist"))
    assert len(texts) == 1, "the answer does not tell which files exist"
    text = texts.pop()
    assert not any(part in text for part in (str(root), "/usr/share", "evil"))
    for value in (
        str(root),
        f"{root}/flowers",
        "flowers",
        "./flowers",
        "digits",
        f"{root.parent}/uploads/abc/mine.zip",
    ):
        assert getattr(Settings(**{setting: value}), setting) == value


def test_uploads_open_one_by_one(root: Path) -> None:
    for folder in (root.parent / "uploads", root.parent / "uploads" / "abc", root.parent / "trained"):
        refused("dataset", str(folder))


def test_links_are_followed_before_the_check(root: Path) -> None:
    (root / "shortcut").symlink_to(root.parent / "secret")
    (root / "loop").symlink_to(root / "loop")
    (root / "inner").symlink_to(root / "flowers")
    refused("dataset", "shortcut")
    refused("dataset", f"{root}/shortcut/key.npz")
    refused("dataset", "loop/x")
    assert Settings(dataset="inner").dataset == "inner"


def test_a_file_of_the_working_folder_is_not_a_name(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(root.parent / "secret")
    refused("dataset", "key.npz")


def test_weights_of_the_inpainting_network_are_checked_too(root: Path) -> None:
    assert weights_path("unet").is_file()
    with pytest.raises(SettingsError, match="weights must be a built-in name"):
        weights_path("/etc/x.safetensors")
    assert weights_path(root.parent / "trained" / "net.safetensors").is_file()
    with pytest.raises(InputError):
        weights_path(str(root / "none.safetensors"))


def test_without_a_restriction_every_path_is_allowed() -> None:
    assert not file_access.is_restricted()
    check_access("dataset", os.sep)
    assert Settings(dataset="/usr/share").dataset == "/usr/share"
