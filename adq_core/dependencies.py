"""Dependencies of every stage: the version of its method, the stages and the settings that its result depends on.

The key of a result is derived from `DEPENDENCIES` without computing anything. The key names the result in the `Store`,
in memory and on disk, and in a manifest. `pipeline.py` calls the stages.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from adq_core.models import backbone_identity, is_backbone, weights_identity
from adq_core.scores import HEADS, PUBLISHED_SIZE, augmentation_size, has_encoder, published_backbone

from .records import (
    AugmentedFeatures,
    Bins,
    BinScores,
    DrawOrder,
    Embeddings,
    Head,
    ImageScores,
    Projection,
    Record,
    Texture,
)
from .settings import Settings

# stage: (version of the method, stages it reads, settings it reads). A change of the results of a stage must raise its
# version, or the store would return results of the old method.
DEPENDENCIES: dict[str, tuple[int, tuple[str, ...], tuple[str, ...]]] = {
    "dataset": (1, (), ("dataset", "labels")),
    "embeddings": (3, ("dataset",), ()),  # and embedding_identity; the seed has no effect
    "projection": (4, ("embeddings",), ("projection", "map_seed")),
    "bins": (2, ("dataset", "embeddings"), ("pool", "n_bins", "schedule", "fraction", "kernel", "softmax")),
    "texture": (1, ("dataset",), ()),
    "representativeness": (1, ("dataset", "embeddings", "bins"), ("representativeness",)),
    "views": (2, ("dataset", "bins"), ("diversity_images", "seed")),  # and view_encoder_identity
    "head": (1, ("views", "bins"), ("diversity", "seed")),
    "scores": (4, ("embeddings", "bins", "texture", "representativeness", "head"), ("normalisation", "seed")),
    "quotas": (2, ("bins", "scores"), ("rule", "alpha", "keep_ratio")),
    "draw_order": (2, ("dataset", "bins", "texture"), ("draw_order", "seed")),
    "selection": (1, ("draw_order", "quotas"), ()),
    "patch_masks": (3, ("dataset",), ("patch_ranking", "patch_keep_ratio", "patch_image_size", "patch_size")),
}

STAGE_RECORDS: dict[str, type[Record]] = {
    "embeddings": Embeddings,
    "projection": Projection,
    "bins": Bins,
    "texture": Texture,
    "representativeness": ImageScores,
    "views": AugmentedFeatures,
    "head": Head,
    "scores": BinScores,
    "draw_order": DrawOrder,
}


def is_needed(stage: str, settings: Settings, has_images: bool) -> bool:
    """Return whether these settings need this stage.

    Augmented views are needed only for some measures of Div, representativeness only if Rep is not texture.
    """
    if stage in ("views", "head"):
        return settings.diversity in HEADS
    if stage == "texture":
        return has_images
    return stage != "representativeness" or settings.representativeness != "texture"


def view_encoder_name(settings: Settings) -> str:
    """Return the name of the network that encodes augmented images; see `scores.load_view_encoder`.

    Diversity `contrastive` uses the network of the embedding. An embedding without a network, such as `pixels` or a
    file, uses `small`.
    """
    if settings.diversity == "published":
        return "published"
    if settings.diversity == "contrastive" and is_backbone(settings.embeddings):
        return settings.embeddings
    if settings.diversity == "contrastive" and has_encoder(view_encoder_weights(settings, "small")):
        return "small"
    return "random-resnet18"


def view_encoder_weights(settings: Settings, name: str) -> str | None:
    """Return the file of weights for this view encoder: that of the embedding if both are the same network."""
    return settings.weights if name == settings.embeddings else None


def view_encoder_identity(settings: Settings) -> str:
    """Return the name of the network that encodes augmented images, with its weights, input size and precision."""
    name = view_encoder_name(settings)
    weights = view_encoder_weights(settings, name)
    if name == "published":
        return f"published:{backbone_identity(published_backbone(), None, PUBLISHED_SIZE)}"
    if is_backbone(name):
        return backbone_identity(name, weights, augmentation_size(name))
    return f"small:{weights_identity(weights or 'small')}" if name == "small" else name


def setting_values(stage: str, settings: Settings) -> list[tuple[str, Any]]:
    """Return (name, value) of every setting that the stage's key contains.

    A setting that has no effect under these settings counts with its default value, so that changing it does not
    compute the same result again under another key.
    """
    return [
        (name, getattr(Settings if _has_no_effect(stage, name, settings) else settings, name))
        for name in DEPENDENCIES[stage][2]
    ]


def _has_no_effect(stage: str, name: str, settings: Settings) -> bool:
    return (stage, name) in WITHOUT_EFFECT and WITHOUT_EFFECT[stage, name](settings)


# (stage, setting): whether the stage's result is the same for every value of the setting
WITHOUT_EFFECT: dict[tuple[str, str], Callable[[Settings], bool]] = {
    ("projection", "map_seed"): lambda settings: settings.projection == "pca",
    ("bins", "fraction"): lambda settings: settings.schedule == "equal",
    ("bins", "softmax"): lambda settings: settings.kernel != "gradient",
    ("views", "diversity_images"): lambda settings: settings.diversity not in HEADS,  # no views
    ("draw_order", "seed"): lambda settings: settings.draw_order != "random",
}
