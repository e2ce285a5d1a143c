"""Backbones: published networks without their last layer. One table, one identity and one way to load all of them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from adq_core.digests import file_digest
from adq_core.progress import Progress
from adq_core.records import Ints

from .backbone_weights import LITE0_SHA256, PUBLISHED_FILES, timm_config
from .device import device_and_precision, network_inference

if TYPE_CHECKING:
    from torch import nn

TIMM = "timm:"  # prefix of the name of any network of timm
MIN_SIDE, MAX_SIDE = 128, 224  # pixels of the input where the side follows the images; see `input_side`
IMAGENET_MEAN, IMAGENET_STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


@dataclass(frozen=True)
class InputFormat:
    """How an image becomes the input of a network: its part, its side, and the scaling of its colours."""

    crop: float  # side of the square that is cut out, as a share of the shorter side of the image
    covers: bool  # long images are covered by several squares; otherwise one central square is used
    side: int | None  # pixels of the input; None: it follows the images
    mean: tuple[float, ...]  # subtracted per colour channel, for values in [0, 1]
    std: tuple[float, ...]  # divisor per colour channel

    def side_for(self, sizes: Ints) -> int:
        """Return the side of the input in pixels for images of these sizes, (M, 2) height and width."""
        return self.side or input_side(sizes)


@dataclass(frozen=True)
class Backbone:
    """A published network: where it comes from, its weights, and its input."""

    library: str  # "timm" or "torchvision"
    architecture: str  # name in this library
    weights: str  # identity of the published weights, part of keys
    input: InputFormat
    n_components: int | None  # the features are reduced to this many principal components; None: they are not


@dataclass(frozen=True)
class LoadedBackbone:
    """A network in evaluation mode on its device, and its input format."""

    network: nn.Module  # (B, 3, S, S) scaled colours -> (B, d)
    input: InputFormat

    def encode(self, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Return the features of RGB images, (B, S, S, 3) uint8 -> (B, d) float32. Runs as `network_inference` does."""
        import torch

        with network_inference() as device:
            scale = [
                torch.tensor(values, device=device)[:, None, None] * 255 for values in (self.input.mean, self.input.std)
            ]
            batch = torch.from_numpy(images).to(device).permute(0, 3, 1, 2).float()  # in memory, channels stay last
            features = self.network(batch.sub_(scale[0]).div_(scale[1]))
            return np.asarray(features.float().cpu().numpy())


def input_side(sizes: Ints) -> int:
    """Return twice the median side of the images, as a multiple of 32 between 128 and 224 pixels.

    sizes (M, 2): height and width in pixels; the side of an image is the shorter one. EfficientNet-Lite0 was trained
    at 224 pixels: `benchmarks/results/neighbours.json` has the accuracy and the cost of other sides.
    """
    side = 2 * float(np.median(np.min(sizes, axis=1)))
    return int(np.clip(32 * np.ceil(side / 32), MIN_SIDE, MAX_SIDE))


def is_backbone(name: str) -> bool:
    """Return whether this is the name of a backbone: one in `BACKBONES`, or `timm:` and the name of a timm network."""
    return name in BACKBONES or name.startswith(TIMM)


def backbone_library(name: str) -> str | None:
    """Return the library that has this backbone, "timm" or "torchvision"; None for a name that is not a backbone."""
    if name.startswith(TIMM):
        return "timm"
    return BACKBONES[name].library if name in BACKBONES else None


def find_backbone(name: str) -> Backbone:
    """Return the description of a backbone. Raises `SettingsError` for a network that timm does not have."""
    return _timm_backbone(name.removeprefix(TIMM)) if name.startswith(TIMM) else BACKBONES[name]


@lru_cache(maxsize=64)
def _timm_backbone(architecture: str) -> Backbone:
    """Return the description of a network of timm. One with a fixed input has its published side, at most 224."""
    config = timm_config(architecture)
    side = min(max(config["input_size"][1:]), MAX_SIDE) if config.get("fixed_input_size") else None
    image = InputFormat(CROP, True, side, tuple(config["mean"]), tuple(config["std"]))
    weights = config.get("hf_hub_id") or config.get("url") or "none"
    return Backbone("timm", architecture, f"{weights}:{config.get('tag') or ''}", image, COMPONENTS)


def backbone_identity(name: str, weights: str | None, side: int) -> str:
    """Return all that features depend on: network, weights (name or digest of a file), input, device and precision."""
    backbone = find_backbone(name)
    weights_id = backbone.weights if weights is None else file_digest(Path(weights))
    return f"{name}:{weights_id}:{side}px:{'-'.join(device_and_precision())}"


def load_backbone(name: str, weights: str | None, progress: Progress) -> LoadedBackbone:
    """Return the network in evaluation mode without its last layer, with the weights of a file or the published ones.

    A file is read without unpickling objects; its last layer, if any, may have any number of classes. Raises
    `InputError` for a file that cannot be read or is of another network, and if a download fails.
    """
    import torch

    from . import published

    backbone = find_backbone(name)
    if name == "lite0":
        network = published.lite0(weights)
    elif backbone.library == "torchvision":
        network = published.torchvision_network(name, weights, progress)
    else:
        network = published.timm_network(backbone.architecture, weights, backbone.input.side)
    network = network.eval().requires_grad_(False).to(device_and_precision()[0])
    return LoadedBackbone(network.to(memory_format=torch.channels_last), backbone.input)


CROP = 1.0  # the largest square
COMPONENTS = 256
# ResNet-50 has newer weights (V2) with a higher accuracy on ImageNet; most publications compare with V1.
# Their published input is the central 224 of 256 pixels.
_TORCHVISION = InputFormat(224 / 256, False, 224, IMAGENET_MEAN, IMAGENET_STD)
BACKBONES: dict[str, Backbone] = {
    "lite0": Backbone(
        "timm",
        "tf_efficientnet_lite0",
        LITE0_SHA256[:16],
        InputFormat(CROP, True, None, (0.5, 0.5, 0.5), (0.5, 0.5, 0.5)),
        COMPONENTS,
    ),
    **{name: Backbone("torchvision", name, file, _TORCHVISION, None) for name, file in PUBLISHED_FILES.items()},
}
