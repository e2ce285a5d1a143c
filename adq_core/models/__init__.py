"""Networks and their weights: published backbones, our own encoder and painters, and their training."""

from .backbones import BACKBONES, backbone_identity, device_and_precision, load_backbone, resnet18, resnet50, vit_b_16
from .encoder import encode, small
from .threads import idle_cores, torch_threads
from .weights import load_network, weights_identity, weights_path

__all__ = [
    "BACKBONES",
    "backbone_identity",
    "device_and_precision",
    "encode",
    "idle_cores",
    "load_backbone",
    "load_network",
    "resnet18",
    "resnet50",
    "small",
    "torch_threads",
    "vit_b_16",
    "weights_identity",
    "weights_path",
]
