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

from adq_core.embeddings import embed, neural
from adq_core.errors import Cancelled, InputError
from adq_core.models import backbone_weights, backbones
from adq_core.models.backbone_weights import ENUMERATIONS, PUBLISHED_FILES, published_weights
from adq_core.models.backbones import BACKBONES, backbone_identity, input_side, load_backbone
from adq_core.models.device import device_and_precision
from adq_core.models.published import HEADS
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


@pytest.mark.parametrize("name", PUBLISHED_FILES)
def test_the_table_agrees_with_torchvision(name: str) -> None:
    published = getattr(models, ENUMERATIONS[name]).IMAGENET1K_V1
    assert published.url.endswith("/" + PUBLISHED_FILES[name])
    prepare, image_input = published.transforms(), BACKBONES[name].input
    assert prepare.crop_size == [image_input.side]
    assert image_input.crop == image_input.side / prepare.resize_size[0]
    assert (image_input.mean, image_input.std) == (tuple(prepare.mean), tuple(prepare.std))
    with torch.device("meta"):
        network = getattr(models, name)()
    assert any(isinstance(layer, torch.nn.Linear) for layer in getattr(network, HEADS[name]).modules())


def test_features_are_those_before_the_last_layer(resnet: torch.nn.Module, weights: Path) -> None:
    """The last layer, applied to the features, gives what the whole network gives with the published preprocessing."""
    pictures = [np.kron(image, np.ones((8, 8, 1), np.uint8)) for image in images(5, (32, 48), (32, 48), (40, 40))]
    made = embed(fake_dataset(pictures), name="resnet18", weights=str(weights))
    assert made.vectors.shape == (5, 512)
    prepare = models.ResNet18_Weights.IMAGENET1K_V1.transforms()
    with torch.inference_mode():
        expected = torch.cat([resnet(prepare(torch.from_numpy(p).permute(2, 0, 1))[None]) for p in pictures])
        ours = resnet.fc(torch.from_numpy(made.vectors.copy()))
    assert (torch.nn.functional.cosine_similarity(ours, expected) > 0.999).all()


def test_the_size_of_a_batch_changes_only_rounding(weights: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dataset = fake_dataset(images(5, (30, 30), (20, 50)))
    one = embed(dataset, name="resnet18", weights=str(weights)).vectors
    monkeypatch.setattr(neural, "BATCH", 2)
    other = embed(dataset, name="resnet18", weights=str(weights)).vectors
    cosine = (one * other).sum(axis=1) / np.linalg.norm(one, axis=1) / np.linalg.norm(other, axis=1)
    np.testing.assert_allclose(cosine, 1, atol=1e-4)


def test_cancelling_stops(weights: Path) -> None:
    with pytest.raises(Cancelled):
        embed(fake_dataset(images(2, (8, 8))), name="resnet18", weights=str(weights), progress=Cancels(2))


@pytest.mark.parametrize(
    ("sizes", "side"),
    [([8], 128), ([32], 128), ([64], 128), ([65], 160), ([100], 224), ([400], 224), ([32, 32, 400], 128)],
)
def test_the_input_has_twice_the_side_of_the_images_within_limits(sizes: list[int], side: int) -> None:
    assert input_side(np.array([[size, 2 * size] for size in sizes])) == side


def test_the_identity_tells_files_sides_devices_and_precision_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.pth").write_bytes(b"a")
    (tmp_path / "b.pth").write_bytes(b"b")
    files = (None, str(tmp_path / "a.pth"), str(tmp_path / "b.pth"))
    seen = {backbone_identity("resnet18", name, 224) for name in files}
    seen.add(backbone_identity("resnet18", None, 64))
    seen.add(backbone_identity("lite0", None, 64))
    monkeypatch.setattr(backbones, "device_and_precision", lambda: ("cuda", "float32"))
    seen.add(backbone_identity("resnet18", None, 224))
    seen.add(backbone_identity("resnet50", None, 224))
    assert len(seen) == 7
    assert backbone_identity("resnet18", None, 224) == "resnet18:resnet18-f37072fd.pth:224px:cuda-float32"
    assert backbone_identity("lite0", None, 128) == "lite0:579344248a93e230:128px:cuda-float32"


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
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: capabilities, raising=False)  # torch 2.8 has none
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
    loaded = load_backbone("resnet18", str(tmp_path / "mine.pth"), no_progress)
    assert loaded.encode(np.zeros((1, 64, 64, 3), np.uint8)).shape == (1, 512)


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
    assert refusal(path) == f"Could not read {path}: No such file or directory. Give a file that exists."


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
    assert refusal(path) == "w.pth is not a resnet18: resnet18 has no 'layer5.weight'."
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
    """Replace the published ResNet-18 by a file of these bytes; return its name."""
    file = f"resnet18-{hashlib.sha256(content).hexdigest()[:8]}.pth"
    monkeypatch.setitem(backbone_weights.PUBLISHED_FILES, "resnet18", file)
    weights = SimpleNamespace(IMAGENET1K_V1=SimpleNamespace(url=f"https://example.org/{file}"))
    monkeypatch.setattr(models, "ResNet18_Weights", weights)
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
        "or choose the embedding `lite0`."
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
        "the file with --weights, or choose the embedding `lite0`."
    )


def test_cancelling_a_download_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    published_as(b"weights", monkeypatch)
    with pytest.raises(Cancelled):
        published_weights("resnet18", Cancels(1), tmp_path, lambda address, timeout: Answer(b"weights"))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
@pytest.mark.parametrize(("name", "width"), [("resnet18", 512), ("resnet50", 2048), ("vit_b_16", 768)])
def test_every_network_of_torchvision_runs_on_random_weights(name: str, width: int, tmp_path: Path) -> None:
    torch.save(getattr(models, name)(weights=None).state_dict(), tmp_path / "w.pth")
    made = embed(fake_dataset(images(3, (32, 32))), name=name, weights=str(tmp_path / "w.pth"))
    assert made.vectors.shape == (3, width)
