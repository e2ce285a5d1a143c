"""Networks of timm by name: their weights from a file, checked; their input; what is said when something is wrong."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from adq_core.embeddings import embed
from adq_core.errors import InputError, SettingsError
from adq_core.models.backbones import find_backbone, load_backbone
from adq_core.progress import no_progress
from tests.fakes import fake_dataset

torch = pytest.importorskip("torch")
timm = pytest.importorskip("timm")


def saved(name: str, path: Path, n_classes: int) -> Path:
    """Save random weights of a network with a last layer for this number of classes."""
    torch.manual_seed(0)
    torch.save(timm.create_model(name, pretrained=False, num_classes=n_classes).state_dict(), path)
    return path


@pytest.mark.parametrize("name", ["test_resnet", "test_vit"])
@pytest.mark.parametrize("n_classes", [0, 7])
def test_weights_of_a_file_with_any_last_layer_are_used(name: str, n_classes: int, tmp_path: Path) -> None:
    path = saved(name, tmp_path / "w.pth", n_classes)
    images = np.random.default_rng(0).integers(0, 256, (2, 160, 160, 3), dtype=np.uint8)
    found = load_backbone(f"timm:{name}", str(path), no_progress).encode(images)
    network = timm.create_model(name, pretrained=False, num_classes=n_classes).eval()
    network.load_state_dict(torch.load(path, weights_only=True))
    mean, std = (torch.tensor(network.pretrained_cfg[key])[:, None, None] for key in ("mean", "std"))
    with torch.inference_mode():
        batch = (torch.from_numpy(images).permute(0, 3, 1, 2).float() / 255 - mean) / std
        expected = network.forward_head(network.forward_features(batch), pre_logits=True)
    cosine = torch.nn.functional.cosine_similarity(torch.from_numpy(found), expected)
    assert found.shape == tuple(expected.shape)
    assert (cosine > 0.999).all()


def test_a_network_with_a_fixed_input_keeps_its_side_and_others_follow_the_images() -> None:
    assert find_backbone("timm:test_vit").input.side == 160
    assert find_backbone("timm:vit_small_patch14_dinov2").input.side == 224  # published at 518 pixels
    assert find_backbone("timm:resnet18").input.side is None


def test_an_embedding_by_name_has_components(tmp_path: Path) -> None:
    path = saved("test_resnet", tmp_path / "w.pth", 3)
    images = list(np.random.default_rng(1).integers(0, 256, (6, 40, 40, 3), dtype=np.uint8))
    made = embed(fake_dataset(images), name="timm:test_resnet", weights=str(path))
    assert made.name == "timm:test_resnet"
    assert made.vectors.shape == (6, 5)


@pytest.mark.parametrize("name", ["no_such_network", "resnet18.no_such_tag"])
def test_a_network_that_timm_does_not_have(name: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load_backbone(f"timm:{name}", None, no_progress)
    assert str(caught.value) == (
        f"timm has no network {name!r}. In Python, `timm.list_models(pretrained=True)` lists the names."
    )


def test_weights_of_another_network_are_refused(tmp_path: Path) -> None:
    path = saved("test_vit", tmp_path / "w.pth", 0)
    with pytest.raises(InputError, match=r"^w\.pth is not a file of weights of timm's test_resnet: "):
        load_backbone("timm:test_resnet", str(path), no_progress)
    state = torch.load(saved("test_resnet", tmp_path / "r.pth", 0), weights_only=True)
    state.pop(next(iter(state)))
    torch.save(state, tmp_path / "r.pth")
    with pytest.raises(InputError, match=r"^r\.pth is not a file of weights of timm's test_resnet: "):
        load_backbone("timm:test_resnet", str(tmp_path / "r.pth"), no_progress)


def test_without_a_network_the_error_names_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_network(*args: object, **kwargs: object) -> None:
        raise OSError("Name or service not known")

    monkeypatch.setattr(timm, "create_model", no_network)
    with pytest.raises(InputError) as caught:
        load_backbone("timm:test_resnet", None, no_progress)
    assert str(caught.value) == (
        "The published weights of timm's test_resnet could not be downloaded (Name or service not known). Fetch them "
        "where there is a network and name the file with --weights, or choose the embedding `lite0`."
    )
