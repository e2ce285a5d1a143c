"""What each station of the path depends on, what it leaves behind, and by which version of the method.

From `LINEAGE` the key of every result follows without computing anything: the key is its place in the `Store`, in
memory and on disk, and the lineage in a manifest. `pipeline.py` walks the path.
"""

from __future__ import annotations

from functools import cached_property as locking_property
from typing import TYPE_CHECKING

from adq_core.embeddings import embedding_identity
from adq_core.scores import HEADS, VIEW_SIZES, has_encoder

from .records import Bins, BinScores, DrawOrder, Embeddings, Head, ImageScores, Projection, Record, Texture, Views
from .settings import Settings

# station: (version of the method, stations before it, settings that matter). Whoever changes what a station computes
# raises its version, so that nothing stale is served.
LINEAGE: dict[str, tuple[int, tuple[str, ...], tuple[str, ...]]] = {
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

RECORDS: dict[str, type[Record]] = {
    "embeddings": Embeddings,
    "projection": Projection,
    "bins": Bins,
    "texture": Texture,
    "representativeness": ImageScores,
    "views": Views,
    "head": Head,
    "scores": BinScores,
    "draw_order": DrawOrder,
}


def is_needed(station: str, settings: Settings, has_images: bool) -> bool:
    """Return whether these settings need this station at all; some scores need no views, or no rival of texture."""
    if station in ("views", "head"):
        return settings.diversity in HEADS
    if station == "texture":
        return has_images
    return station != "representativeness" or settings.representativeness != "texture"


def eye(settings: Settings) -> str:
    """Return the name of the network that looks at the views, with the digest of its weights where it has any."""
    # the encoder's file, None for the shipped one; it looks where pixels cannot
    encoder = settings.weights if settings.embeddings == "small" else None
    if settings.diversity == "published":
        return f"published:{embedding_identity('resnet18', None)}"
    if settings.diversity == "contrastive" and settings.embeddings in VIEW_SIZES:
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
