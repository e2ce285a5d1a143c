"""What each stage of the path depends on, what it leaves behind, and by which version of the method.

From `DEPENDENCIES` the key of every result follows without computing anything: the key is its place in the `Store`, in
memory and on disk, and the lineage in a manifest. `pipeline.py` walks the path.
"""

from __future__ import annotations

from functools import cached_property as locking_property
from typing import TYPE_CHECKING

from adq_core.embeddings import embedding_identity
from adq_core.scores import AUGMENTATION_SIZES, HEADS, has_encoder

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

# stage: (version of the method, stages before it, settings that matter). Whoever changes what a stage computes
# raises its version, so that nothing stale is served.
DEPENDENCIES: dict[str, tuple[int, tuple[str, ...], tuple[str, ...]]] = {
    "dataset": (1, (), ("dataset", "labels")),
    "embeddings": (2, ("dataset",), ()),  # and embedding_identity: the seed plays no part
    "projection": (3, ("embeddings",), ("projection", "map_seed")),
    "bins": (2, ("dataset", "embeddings"), ("pool", "n_bins", "schedule", "fraction", "kernel", "softmax")),
    "texture": (1, ("dataset",), ()),
    "representativeness": (1, ("dataset", "embeddings", "bins"), ("representativeness",)),
    "views": (1, ("dataset",), ("seed",)),  # and the network that looks at them
    "head": (1, ("views", "bins"), ("diversity", "seed")),
    "scores": (2, ("embeddings", "bins", "texture", "representativeness", "head"), ("normalisation", "seed")),
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
    """Return whether these settings need this stage at all; some scores need no views, or no rival of texture."""
    if stage in ("views", "head"):
        return settings.diversity in HEADS
    if stage == "texture":
        return has_images
    return stage != "representativeness" or settings.representativeness != "texture"


def view_encoder_identity(settings: Settings) -> str:
    """Return the name of the network that looks at the views, with the digest of its weights where it has any."""
    # the encoder's file, None for the shipped one; it looks where pixels cannot
    encoder = settings.weights if settings.embeddings == "small" else None
    if settings.diversity == "published":
        return f"published:{embedding_identity('resnet18', None)}"
    if settings.diversity == "contrastive" and settings.embeddings in AUGMENTATION_SIZES:
        return embedding_identity(settings.embeddings, settings.weights)
    if settings.diversity == "contrastive" and has_encoder(encoder):
        return embedding_identity("small", encoder)
    return "random-resnet18"


if TYPE_CHECKING:
    from functools import cached_property as cached_property
else:

    class cached_property(locking_property):
        """Python 3.11's `cached_property` without its lock, which all runs share: one drew, all waited."""

        def __get__(self, run, owner=None):
            """Return what was computed before; else compute and keep it. The store lets nothing be made twice."""
            if run is None:
                return self
            if self.attrname not in run.__dict__:
                run.__dict__[self.attrname] = self.func(run)
            return run.__dict__[self.attrname]
