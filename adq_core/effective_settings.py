"""Settings that fit the data set: where it is vectors without images, whatever needs pixels has to give way."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from adq_core.data import ImageDataset

from .errors import SettingsError
from .settings import Settings


def effective_settings(settings: Settings, dataset: ImageDataset) -> Settings:
    """Return the settings that are in force for this data set.

    For images, the settings as they are. For vectors without images a setting left at a default that needs pixels
    becomes the first in `WITHOUT_IMAGES`; one that asks for pixels otherwise is refused with `SettingsError`, for it
    was somebody's choice.
    """
    if dataset.has_images:
        return settings
    changes: dict[str, Any] = {}
    for name, possible in WITHOUT_IMAGES.items():
        value = getattr(settings, name)
        if value in possible or (name == "embeddings" and value not in PIXELS):
            continue
        if value != getattr(Settings, name):
            raise SettingsError(
                f"{name} must do without pixels, for {dataset.name} is a set of vectors without images, got {value}. "
                f"Choose {' or '.join(possible)}.",
                name,
            )
        changes[name] = possible[0]
    return replace(settings, **changes)


def fitting_notes(settings: Settings, dataset: ImageDataset) -> tuple[str, ...]:
    """Return what a person should know about the scores of these settings, which are those in force."""
    if dataset.has_images:
        return ()
    told = (
        "These are vectors without images: Rep is the closeness to the bin's centre, and Div is measured on the "
        "vectors themselves. No pixel plays a part, so neither compares with scores of images."
    )
    if settings.diversity == "vectors" and settings.representativeness == "centre-closeness":
        told += (
            " Rep is then |mean u| of the unit vectors u and Div is 1 / |mean u|^2, one number told twice in opposite "
            "directions: their sum says next to nothing. Take vendi."
        )
    return (told,)


PIXELS = ("small", "pixels", "resnet18", "resnet50", "vit_b_16")  # embeddings that look at images

WITHOUT_IMAGES: dict[str, tuple[str, ...]] = {  # setting: what it can be; the first stands in for the default
    "embeddings": ("own",),  # or a file of other vectors
    "representativeness": ("centre-closeness",),
    "diversity": ("vendi", "vectors"),  # the latter is a function of centre-closeness
    "draw_order": ("random", "greedy"),
}
