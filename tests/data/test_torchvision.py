"""Data sets of torchvision by name, with a fake instead of the download."""

from __future__ import annotations

import struct
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from adq_core.data.torchvision import SETS, Loaded, open_torchvision
from adq_core.errors import InputError, SettingsError

IMAGES = np.random.default_rng(0).integers(0, 256, (20, 32, 32, 3), dtype=np.uint8)


def test_names_are_not_case_sensitive(tmp_path: Path) -> None:
    requests: list[tuple[str, Path]] = []

    def load(name: str, root: Path) -> Loaded:
        requests.append((name, root))
        return IMAGES, [0, 1] * 10, ["plane", "car"]

    data = open_torchvision("cifar10", root=tmp_path, load=load)
    assert requests == [("CIFAR10", tmp_path)]
    assert data.name == "CIFAR10"
    assert data.class_names == ("plane", "car")
    assert data.description == "The 20 training images of CIFAR10, from torchvision."
    np.testing.assert_array_equal(data.read(3), IMAGES[3])


@pytest.mark.parametrize("error", [OSError("Name or service not known"), RuntimeError("Name or service not known")])
def test_without_a_network_the_error_names_a_fix(tmp_path: Path, error: Exception) -> None:
    def load(name: str, root: Path) -> Loaded:
        raise error

    with pytest.raises(InputError) as caught:
        open_torchvision("MNIST", root=tmp_path, load=load)
    assert str(caught.value) == (
        f"torchvision's MNIST is not in {tmp_path} and could not be downloaded (Name or service not known). "
        "Without a network, put the files there, with the folders that torchvision uses: MNIST/raw/."
    )


def test_an_unknown_name_lists_the_names(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as caught:
        open_torchvision("ImageNet", root=tmp_path)
    assert str(caught.value) == (
        "Unknown torchvision data set 'ImageNet'. Choose one of: CIFAR10, CIFAR100, FashionMNIST, KMNIST, MNIST, "
        "STL10, SVHN."
    )


def test_torchvision_knows_every_name() -> None:
    spec = find_spec("torchvision")  # not imported: that takes seconds
    if spec is None or not spec.submodule_search_locations:
        pytest.skip("torchvision is not installed")
    listing = Path(spec.submodule_search_locations[0], "datasets", "__init__.py").read_text()
    assert [name for name in SETS if f'"{name}"' not in listing] == []


@pytest.mark.slow
def test_torchvision_reads_files_in_the_place_that_the_error_names(tmp_path: Path) -> None:
    raw = tmp_path / SETS["MNIST"]
    raw.mkdir(parents=True)
    for name, m in (("train", 7), ("t10k", 3)):
        images = np.arange(m * 28 * 28, dtype=np.uint8)
        (raw / f"{name}-images-idx3-ubyte").write_bytes(struct.pack(">iiii", 0x803, m, 28, 28) + images.tobytes())
        (raw / f"{name}-labels-idx1-ubyte").write_bytes(struct.pack(">ii", 0x801, m) + bytes(range(m)))
    data = open_torchvision("MNIST", root=tmp_path)
    assert len(data) == 7
    assert data.class_names[:2] == ("0 - zero", "1 - one")
    assert data.thumbnails.shape == (7, 64, 64, 3)
    assert data.read(0)[0, :5, 0].tolist() == [0, 1, 2, 3, 4]
