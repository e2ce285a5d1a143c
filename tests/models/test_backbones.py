from __future__ import annotations

import hashlib
import io
import os
import pickle
import urllib.error
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from adq_core.embeddings.embedding import embed
from adq_core.errors import Cancelled, InputError
from adq_core.models import backbones
from adq_core.models.backbones import (
    BACKBONES,
    backbone_identity,
    device_and_precision,
    load_backbone,
    published_weights,
)
from adq_core.progress import no_progress
from tests.fakes import Cancels, fake_dataset

torch = pytest.importorskip("torch")
from torchvision import models  # noqa: E402


@pytest.fixture(scope="module")
def resnet() -> torch.nn.Module:
    torch.manual_seed(0)
    return models.resnet18(weights=None).eval()


@pytest.fixture(scope="module")
def weights(resnet: torch.nn.Module, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("weights") / "random.pth"
    torch.save(resnet.state_dict(), path)
    return path


def images(count: int, *sizes: tuple[int, int]) -> list[np.ndarray]:
    rng = np.random.default_rng(0)
    return [rng.integers(0, 256, (*sizes[row % len(sizes)], 3), dtype=np.uint8) for row in range(count)]


@pytest.mark.parametrize("name", BACKBONES)
def test_the_table_agrees_with_torchvision(name: str) -> None:
    spec = BACKBONES[name]
    published = getattr(models, spec.weights).IMAGENET1K_V1
    assert published.url.endswith("/" + spec.file)
    assert published.transforms().crop_size == [224]
    with torch.device("meta"):
        network = getattr(models, name)()
        head = [layer for layer in getattr(network, spec.head).modules() if isinstance(layer, torch.nn.Linear)]
    assert [layer.in_features for layer in head] == [spec.width]


def test_features_are_those_before_the_last_layer(resnet: torch.nn.Module, weights: Path) -> None:
    """Against the whole network, image by image: what its last layer makes of our features is what it makes itself."""
    pictures = images(5, (40, 60), (40, 60), (64, 64))
    made = embed(fake_dataset(pictures), name="resnet18", weights=str(weights))
    assert made.vectors.shape == (5, 512)
    prepare = models.ResNet18_Weights.IMAGENET1K_V1.transforms()
    with torch.inference_mode():
        slow = torch.cat([resnet(prepare(torch.from_numpy(p).permute(2, 0, 1))[None]) for p in pictures])
        ours = resnet.fc(torch.from_numpy(made.vectors.copy()))
    if device_and_precision()[1] == "float32":
        np.testing.assert_allclose(ours, slow, atol=1e-4)
    cosine = torch.nn.functional.cosine_similarity(ours, slow)
    assert (cosine > 0.9999).all()


def test_batches_change_nothing_that_matters(weights: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dataset = fake_dataset(images(5, (30, 30), (20, 50)))
    one = embed(dataset, name="resnet18", weights=str(weights)).vectors
    monkeypatch.setattr(backbones, "BATCH", 2)
    monkeypatch.setattr(backbones, "PIXELS_AT_ONCE", 1)
    other = embed(dataset, name="resnet18", weights=str(weights)).vectors
    cosine = (one * other).sum(axis=1) / np.linalg.norm(one, axis=1) / np.linalg.norm(other, axis=1)
    np.testing.assert_allclose(cosine, 1, atol=1e-4)


def test_images_of_one_size_are_prepared_together_as_they_are_alone() -> None:
    prepare = models.ResNet18_Weights.IMAGENET1K_V1.transforms()
    pictures = images(4, (30, 30), (30, 30), (20, 50))
    together = torch.cat(list(backbones._prepared(fake_dataset(pictures), prepare)))
    alone = torch.stack([prepare(torch.from_numpy(picture).permute(2, 0, 1)) for picture in pictures])
    assert torch.equal(together, alone)


def test_cancelling_stops(weights: Path) -> None:
    with pytest.raises(Cancelled):
        embed(fake_dataset(images(2, (8, 8))), name="resnet18", weights=str(weights), progress=Cancels(2))


def test_the_identity_tells_files_devices_and_precision_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.pth").write_bytes(b"a")
    (tmp_path / "b.pth").write_bytes(b"b")
    seen = {backbone_identity("resnet18", name) for name in (None, str(tmp_path / "a.pth"), str(tmp_path / "b.pth"))}
    monkeypatch.setattr(backbones, "device_and_precision", lambda: ("cuda", "float32"))
    seen.add(backbone_identity("resnet18", None))
    seen.add(backbone_identity("resnet50", None))
    assert len(seen) == 5
    assert backbone_identity("resnet18", None) == "resnet18:resnet18-f37072fd.pth:cuda-float32"


@pytest.mark.parametrize(
    ("gpu", "capabilities", "expected"),
    [
        (True, {}, ("cuda", "float32")),
        (False, {"avx512_bf16": True}, ("cpu", "bfloat16")),
        (False, {"amx_bf16": True}, ("cpu", "bfloat16")),
        (False, {"avx2": True}, ("cpu", "float32")),
    ],
)
def test_the_precision_is_what_the_machine_has(
    gpu: bool, capabilities: dict[str, bool], expected: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: gpu)
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: capabilities)
    assert device_and_precision() == expected


# --- weights from a file ----------------------------------------------------------------------------------------------


def refusal(path: Path, name: str = "resnet18") -> str:
    with pytest.raises(InputError) as caught:
        load_backbone(name, str(path), no_progress)
    return str(caught.value)


def test_a_last_layer_of_any_size_and_the_wrappings_of_trainers_are_welcome(
    resnet: torch.nn.Module, tmp_path: Path
) -> None:
    state = {f"module.{name}": value for name, value in resnet.state_dict().items()}
    state["module.fc.weight"] = torch.zeros(7, 512)
    torch.save({"state_dict": state, "epoch": 3}, tmp_path / "mine.pth")
    assert load_backbone("resnet18", str(tmp_path / "mine.pth"), no_progress)(torch.zeros(1, 3, 64, 64)).shape == (
        1,
        512,
    )


class Bomb:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, ("exploded",)


def test_objects_in_weights_are_never_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    torch.save({"fc.weight": Bomb()}, tmp_path / "new.pth")
    torch.save({"fc.weight": Bomb()}, tmp_path / "old.pth", _use_new_zipfile_serialization=False)
    (tmp_path / "bare.pth").write_bytes(pickle.dumps(Bomb()))
    reasons = {
        "new.pth": "it holds more than tensors",
        "old.pth": "it holds more than tensors",
        "bare.pth": "it is damaged or no weights at all",
    }
    for name, reason in reasons.items():
        assert refusal(tmp_path / name) == (
            f"{name} was not read as weights: {reason}. Save it with torch.save(model.state_dict(), file)."
        )
    assert not (tmp_path / "exploded").exists()


@pytest.mark.parametrize("content", [b"", b"no weights", b"PK\x03\x04 cut off"])
def test_damaged_weights(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "w.pth").write_bytes(content)
    assert refusal(tmp_path / "w.pth") in {
        f"w.pth was not read as weights: {reason}. Save it with torch.save(model.state_dict(), file)."
        for reason in ("it is damaged or no weights at all", "it holds more than tensors")
    }


def test_weights_that_are_not_there(tmp_path: Path) -> None:
    path = tmp_path / "w.pth"
    assert refusal(path) == f"Could not read {path}: No such file or directory. Give a file that is there."


def test_weights_of_another_network_are_told_by_name_and_shape(resnet: torch.nn.Module, tmp_path: Path) -> None:
    state = dict(resnet.state_dict())
    path = tmp_path / "w.pth"

    torch.save({name: value for name, value in state.items() if name != "conv1.weight"}, path)
    assert refusal(path) == (
        "w.pth is not a resnet18: it has no 'conv1.weight'. Give weights of torchvision's resnet18."
    )
    torch.save(state | {"conv1.weight": torch.zeros(64, 3, 3, 3)}, path)
    assert refusal(path) == (
        "w.pth is not a resnet18: 'conv1.weight' must have the shape (64, 3, 7, 7), got (64, 3, 3, 3). "
        "Give weights of torchvision's resnet18."
    )
    torch.save(state | {"layer5.weight": torch.zeros(1)}, path)
    assert refusal(path) == "w.pth is not a resnet18: nothing there is called 'layer5.weight'."
    torch.save([1, 2], path)
    assert refusal(path) == ("w.pth must hold tensors by name. Save it with torch.save(model.state_dict(), file).")
    torch.save(state | {"conv1.weight": state["conv1.weight"] * float("nan")}, path)
    with pytest.raises(InputError, match="must be finite, but resnet18 made NaN"):
        embed(fake_dataset(images(1, (8, 8))), name="resnet18", weights=str(path))


# --- published weights ------------------------------------------------------------------------------------------------


class Answer(io.BytesIO):
    """What `urlopen` returns, as far as we use it."""

    def __init__(self, content: bytes) -> None:
        super().__init__(content)
        self.headers = {"Content-Length": str(len(content))}


def published_as(content: bytes, monkeypatch: pytest.MonkeyPatch) -> str:
    """Let these bytes be the published ResNet-18; returns the name of their file."""
    file = f"resnet18-{hashlib.sha256(content).hexdigest()[:8]}.pth"
    monkeypatch.setitem(BACKBONES, "resnet18", backbones.Backbone("ResNet18_Weights", file, "fc", 512))
    monkeypatch.setattr(backbones, "_published", lambda name: SimpleNamespace(url=f"https://example.org/{file}"))
    return file


def test_published_weights_are_fetched_once_and_kept_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = published_as(b"weights" * 300_000, monkeypatch)
    asked: list[str] = []

    def opener(address: str, timeout: float) -> Answer:
        asked.append(address)
        return Answer(b"weights" * 300_000)

    told: list[tuple[int, int, str]] = []
    for _ in range(2):
        path = published_weights("resnet18", lambda *said: told.append(said), tmp_path / "checkpoints", opener)
    assert asked == [f"https://example.org/{file}"]
    assert path.read_bytes() == b"weights" * 300_000
    assert told[-1] == (2_100_000, 2_100_000, "weights")
    assert [left.name for left in path.parent.iterdir()] == [file]


def test_what_is_not_the_published_file_is_thrown_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = published_as(b"weights", monkeypatch)
    with pytest.raises(InputError) as caught:
        published_weights("resnet18", no_progress, tmp_path, lambda address, timeout: Answer(b"a login page"))
    assert str(caught.value) == (
        f"The published weights of resnet18 are not in {tmp_path} and could not be downloaded (what arrived is not the "
        f"published file). Fetch https://example.org/{file} where there is a network and name the file with --weights, "
        "or choose the embedding `pixels`."
    )
    assert list(tmp_path.iterdir()) == []


def test_without_a_network_the_sentence_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = published_as(b"weights", monkeypatch)

    def no_network(address: str, timeout: float) -> Answer:
        raise urllib.error.URLError(OSError(-2, "Name or service not known"))

    with pytest.raises(InputError) as caught:
        published_weights("resnet18", no_progress, tmp_path, no_network)
    assert str(caught.value) == (
        f"The published weights of resnet18 are not in {tmp_path} and could not be downloaded "
        f"([Errno -2] Name or service not known). Fetch https://example.org/{file} where there is a network and name "
        "the file with --weights, or choose the embedding `pixels`."
    )


def test_cancelling_a_download_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    published_as(b"weights", monkeypatch)
    with pytest.raises(Cancelled):
        published_weights("resnet18", Cancels(1), tmp_path, lambda address, timeout: Answer(b"weights"))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
@pytest.mark.parametrize("name", BACKBONES)
def test_every_network_runs_on_random_weights(name: str, tmp_path: Path) -> None:
    torch.save(getattr(models, name)(weights=None).state_dict(), tmp_path / "w.pth")
    made = embed(fake_dataset(images(3, (32, 32))), name=name, weights=str(tmp_path / "w.pth"))
    assert made.vectors.shape == (3, BACKBONES[name].width)
