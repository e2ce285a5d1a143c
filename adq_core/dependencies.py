"""Dependencies of every stage: version of its method, libraries, stages and settings that its result depends on.

The key of a result is derived from `DEPENDENCIES` without computing anything. The key names the result in the `Store`,
in memory and on disk, and in a manifest. `pipeline.py` calls the stages.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from adq_core.models import backbone_identity, backbone_library, is_backbone, weights_identity
from adq_core.scores import HEADS, PUBLISHED_SIZE, augmentation_size, has_encoder, published_backbone
from adq_core.strategies import ADQ, STRATEGIES, Draw

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
from .settings import ID_LISTS, Settings
from .versions import IMAGE_LIBRARIES, library_versions

# stage: (version of the method, stages it reads, settings it reads). A change of the results of a stage must raise its
# version, or the store would return results of the old method.
DEPENDENCIES: dict[str, tuple[int, tuple[str, ...], tuple[str, ...]]] = {
    "dataset": (1, (), ("dataset", "labels", "unlabelled", "vector_columns")),
    "embeddings": (3, ("dataset",), ()),  # and embedding_identity; the seed has no effect
    "projection": (4, ("embeddings",), ("projection", "map_seed")),
    "bins": (2, ("dataset", "embeddings"), ("pool", "n_bins", "schedule", "fraction", "kernel", "softmax")),
    "texture": (1, ("dataset",), ()),
    "representativeness": (1, ("dataset", "embeddings", "bins"), ("representativeness",)),
    "views": (2, ("dataset", "bins"), ("diversity_images", "seed")),  # and view_encoder_identity
    "head": (1, ("views", "bins"), ("diversity", "seed")),
    "scores": (
        4,
        ("embeddings", "bins", "texture", "representativeness", "head"),
        ("representativeness", "diversity", "normalisation", "seed"),
    ),
    "strategy_draw": (  # of another strategy than ADQ; it replaces quotas and draw order
        1,
        ("dataset", "embeddings", "bins", "texture", "scores"),
        ("strategy", "keep_ratio", "rule", "alpha", "draw_order", "seed", "always", "never"),
    ),
    "quotas": (2, ("bins", "scores", "strategy_draw"), ("rule", "alpha", "keep_ratio", "always", "never")),
    "draw_order": (2, ("dataset", "bins", "texture", "strategy_draw"), ("draw_order", "seed", "always", "never")),
    "selection": (1, ("draw_order", "quotas"), ()),
    "patch_masks": (3, ("dataset",), ("patch_ranking", "patch_keep_ratio", "patch_image_size", "patch_size")),
}

# stage: the libraries that compute its result. The key contains their versions, so a result of other versions is never
# served under the present ones. Libraries that only move data, such as pandas, are not listed.
LIBRARIES: dict[str, tuple[str, ...]] = {
    "dataset": (),
    "embeddings": (*IMAGE_LIBRARIES, "scipy", "timm", "torch", "torchvision"),
    "projection": ("numba", "numpy", "pynndescent", "scikit-learn", "scipy", "umap-learn"),
    "bins": ("numba", "numpy", "scikit-learn", "scipy"),
    "texture": (*IMAGE_LIBRARIES, "numba"),
    "representativeness": IMAGE_LIBRARIES,
    "views": (*IMAGE_LIBRARIES, "timm", "torch", "torchvision"),
    "head": ("numpy", "torch"),
    "scores": ("numpy",),
    "strategy_draw": ("numpy", "scipy"),
    "quotas": ("numpy",),
    "draw_order": ("numpy",),
    "selection": ("numpy",),
    "patch_masks": (*IMAGE_LIBRARIES, "numba"),
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
    "strategy_draw": Draw,
    "draw_order": DrawOrder,
}


def stage_libraries(stage: str, settings: Settings) -> dict[str, str | None]:
    """Return the installed version of each library that the stage's result depends on under these settings."""
    unused = {name for (at, name), is_unused in UNUSED_LIBRARIES.items() if at == stage and is_unused(settings)}
    return library_versions(set(LIBRARIES[stage]) - unused)


def is_needed(stage: str, settings: Settings, has_images: bool) -> bool:
    """Return whether these settings need this stage.

    Augmented views are needed only for some measures of Div, representativeness only if Rep is not texture, a draw of
    a strategy only if the strategy is not ADQ.
    """
    if stage == "strategy_draw":
        return _is_rival(settings)
    if stage in ("views", "head"):
        return settings.diversity in HEADS
    if stage == "texture":
        return has_images
    return stage != "representativeness" or settings.representativeness != "texture"


def stages_read(stage: str, settings: Settings) -> tuple[str, ...]:
    """Return the stages that a stage reads under these settings; some of them may not be needed at all."""
    return tuple(
        name for name in DEPENDENCIES[stage][1] if (stage, name) not in UNREAD or not UNREAD[stage, name](settings)
    )


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
    compute the same result again under another key. An empty list of ids is left out: keys are older than the lists.
    """
    values = [
        (name, getattr(Settings if _has_no_effect(stage, name, settings) else settings, name))
        for name in DEPENDENCIES[stage][2]
    ]
    return [(name, value) for name, value in values if name not in ID_LISTS or value is not None]


def _has_no_effect(stage: str, name: str, settings: Settings) -> bool:
    return (stage, name) in WITHOUT_EFFECT and WITHOUT_EFFECT[stage, name](settings)


def _is_rival(settings: Settings) -> bool:
    return settings.strategy != ADQ


def _is_undecided_by(name: str) -> Callable[[Settings], bool]:
    """Return whether a setting has no effect on the draw of the strategy."""
    return lambda settings: (
        name not in STRATEGIES[settings.strategy].settings
        or (name == "seed" and settings.strategy == "uniform-bins" and settings.draw_order != "random")
    )


def _does_not_read(stage: str) -> Callable[[Settings], bool]:
    """Return whether the strategy does not read a stage."""
    return lambda settings: stage not in STRATEGIES[settings.strategy].reads


# (stage, earlier stage): whether the stage does not read it under these settings
UNREAD: dict[tuple[str, str], Callable[[Settings], bool]] = {
    **{("strategy_draw", name): _does_not_read(name) for name in ("embeddings", "bins", "scores")},
    ("strategy_draw", "texture"): lambda s: "bins" not in STRATEGIES[s.strategy].reads or s.draw_order != "texture",
    ("quotas", "scores"): _is_rival,
    ("draw_order", "dataset"): _is_rival,
    ("draw_order", "texture"): _is_rival,
}

# (stage, setting): whether the stage's result is the same for every value of the setting
WITHOUT_EFFECT: dict[tuple[str, str], Callable[[Settings], bool]] = {
    ("projection", "map_seed"): lambda settings: settings.projection == "pca",
    ("bins", "fraction"): lambda settings: settings.schedule == "equal",
    ("bins", "softmax"): lambda settings: settings.kernel != "gradient",
    ("views", "diversity_images"): lambda settings: settings.diversity not in HEADS,  # no views
    **{("strategy_draw", name): _is_undecided_by(name) for name in ("rule", "alpha", "draw_order", "seed")},
    **{("quotas", name): _is_rival for name in ("rule", "alpha")},
    ("draw_order", "draw_order"): _is_rival,
    ("draw_order", "seed"): lambda settings: _is_rival(settings) or settings.draw_order != "random",
}


def _has_own_vectors(settings: Settings) -> bool:
    """Return whether the vectors are read from a file or are the data set itself."""
    return backbone_library(settings.embeddings) is None and settings.embeddings not in ("pixels", "small")


def _is_pca(settings: Settings) -> bool:
    return settings.projection == "pca"


# (stage, library): whether the stage does not use the library under these settings
UNUSED_LIBRARIES: dict[tuple[str, str], Callable[[Settings], bool]] = {
    **{("embeddings", name): _has_own_vectors for name in (*IMAGE_LIBRARIES[1:], "scipy")},
    ("embeddings", "torch"): lambda s: backbone_library(s.embeddings) is None and s.embeddings != "small",
    ("embeddings", "timm"): lambda s: backbone_library(s.embeddings) != "timm",
    ("embeddings", "torchvision"): lambda s: backbone_library(s.embeddings) != "torchvision",
    **{("projection", name): _is_pca for name in ("numba", "pynndescent", "scikit-learn", "umap-learn")},
    **{("bins", name): lambda s: s.kernel != "gradient" for name in ("scikit-learn", "scipy")},
    ("strategy_draw", "scipy"): lambda s: not STRATEGIES[s.strategy].needs_classes,
    ("views", "timm"): lambda s: _view_library(s) != "timm",
    ("views", "torchvision"): lambda s: _view_library(s) != "torchvision",
    ("head", "torch"): lambda s: s.diversity == "random-backbone",
}


def _view_library(settings: Settings) -> str | None:
    name = view_encoder_name(settings)
    name = published_backbone() if name == "published" else name
    return "torchvision" if name == "random-resnet18" else backbone_library(name)
