"""Settings for data sets of vectors: values that need pixels are replaced or refused."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from adq_core.data import ImageDataset
from adq_core.models import is_backbone

from .errors import SettingsError
from .settings import Settings


def effective_settings(settings: Settings, dataset: ImageDataset) -> Settings:
    """Return the settings that are in force for this data set.

    Settings for images are returned unchanged. For vectors without images, a default value that needs pixels is
    replaced by the first value in `WITHOUT_IMAGES`. Another value that needs pixels was chosen by the user and raises
    `SettingsError`.
    """
    if dataset.has_images:
        return settings
    changes: dict[str, Any] = {}
    for name, possible in WITHOUT_IMAGES.items():
        value = getattr(settings, name)
        if value in possible or (name == "embeddings" and value not in PIXELS and not is_backbone(value)):
            continue
        if value != getattr(Settings, name):
            raise SettingsError(
                f"{name} must not need pixels, because {dataset.name} is a set of vectors without images, got {value}. "
                f"Choose {' or '.join(possible)}.",
                name,
            )
        changes[name] = possible[0]
    return replace(settings, **changes)


def score_notes(settings: Settings, dataset: ImageDataset) -> tuple[str, ...]:
    """Return notes for the user on the scores under these effective settings; none for images."""
    if dataset.has_images:
        return ()
    note = (
        "This data set has vectors but no images: Rep is the closeness to the centre of the bin, and Div is measured "
        "on the vectors. Do not compare these scores with scores of images."
    )
    if settings.diversity == "vectors" and settings.representativeness == "centre-closeness":
        note += (
            " Rep is |mean u| of the unit vectors u and Div is 1 / |mean u|^2, so both depend on the same number in "
            "opposite directions, and their sum has almost no meaning. Use the diversity vendi."
        )
    return (note,)


PIXELS = ("lite0", "small", "pixels", "resnet18", "resnet50", "vit_b_16")  # embeddings that need images

WITHOUT_IMAGES: dict[str, tuple[str, ...]] = {  # setting: possible values; the first replaces the default
    "embeddings": ("own",),  # or a file with vectors
    "representativeness": ("centre-closeness",),
    "diversity": ("vendi", "vectors"),  # the second is a function of centre-closeness
    "draw_order": ("random", "greedy"),
}
