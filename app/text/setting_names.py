"""Names and values of the settings in the app, and error texts that use them. No Streamlit in here."""

from __future__ import annotations

from typing import Any

from adq_core.errors import AdqError, SettingsError
from adq_core.id_lists import ids_of_text
from adq_core.settings import ID_LISTS

from .format import percent

LABELS = {
    "dataset": "Data set",
    "labels": "Labels (table)",
    "unlabelled": "Images without a label",
    "embeddings": "Embeddings",
    "vector_columns": "Vector columns",
    "weights": "Weights (file)",
    "projection": "Projection",
    "pool": "Pool of the bins",
    "n_bins": "Number of bins",
    "schedule": "Bin sizes",
    "fraction": "Share of a geometric bin",
    "kernel": "Kernel of the bins",
    "softmax": "Softmax in the loss",
    "representativeness": "Representativeness",
    "diversity": "Diversity",
    "diversity_images": "Images per bin for Div",
    "normalisation": "Normalisation",
    "strategy": "Strategy",
    "rule": "Quota rule",
    "alpha": "alpha",
    "keep_ratio": "Keep ratio",
    "draw_order": "Draw order",
    "always": "Always keep",
    "never": "Never take",
    "patch_ranking": "Patch ranking",
    "patch_keep_ratio": "Patch keep ratio",
    "patch_image_size": "Image side for patches (px)",
    "patch_size": "Patch side (px)",
    "seed": "Seed",
    "map_seed": "Seed of the map",
}


def error_text(error: AdqError) -> str:
    """Return the text of an error; settings in it have the names that their widgets have."""
    return error.named(LABELS) if isinstance(error, SettingsError) else str(error)


def value_text(name: str, value: Any) -> str:
    """Return the value of a setting as text: ratios as percentages, paths without their folder."""
    if name in ("keep_ratio", "patch_keep_ratio"):
        return percent(value)
    if name in ID_LISTS and value is not None:
        count = len(ids_of_text(value))
        return "1 image" if count == 1 else f"{count:,} images"
    if isinstance(value, float):
        return f"{value:g}"
    return "none" if value is None else str(value).replace("\\", "/").rsplit("/", 1)[-1]
