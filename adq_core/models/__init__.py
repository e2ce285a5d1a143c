"""Networks and their weights: published backbones, the bundled encoder and inpainting networks, and their training."""

from .backbone_weights import published_file
from .backbones import (
    BACKBONES,
    Backbone,
    InputFormat,
    LoadedBackbone,
    backbone_identity,
    backbone_library,
    find_backbone,
    is_backbone,
    load_backbone,
)
from .device import device_and_precision, network_inference
from .encoder import SIDE as ENCODER_SIDE
from .encoder import encode
from .threads import idle_cores, torch_threads
from .weights import load_network, weights_identity, weights_path

__all__ = [
    "BACKBONES",
    "ENCODER_SIDE",
    "Backbone",
    "InputFormat",
    "LoadedBackbone",
    "backbone_identity",
    "backbone_library",
    "device_and_precision",
    "encode",
    "find_backbone",
    "idle_cores",
    "is_backbone",
    "load_backbone",
    "load_network",
    "network_inference",
    "published_file",
    "torch_threads",
    "weights_identity",
    "weights_path",
]
