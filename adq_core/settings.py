"""One flat frozen `Settings`: everything a run depends on, checked once, written to and read from JSON.

The command line makes an option of every field and the app a widget, both from the field's `help`, `choices` and
`low`/`high`. Choices are written out here, so that reading settings never imports a station; a test holds them
against the stations' own tables.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from .errors import SettingsError, unknown_name


def _setting(default: Any, help: str, **limits: Any) -> Any:
    return field(default=default, metadata={"help": help, **limits})


@dataclass(frozen=True)
class Settings:
    """All settings of a run. Unknown names and values out of range are refused here, with a sentence."""

    dataset: str = _setting("photos", "Built-in name, folder, .zip, .npz or torchvision:NAME")
    labels: str | None = _setting(None, "CSV with the columns file,label for a flat folder")
    embeddings: str = _setting(
        "pixels", "small, pixels, resnet18, resnet50, vit_b_16, or a .npy, .npz or .parquet of your own"
    )
    weights: str | None = _setting(None, "File with weights for the embedding: of a torchvision model, or trained here")
    projection: str = _setting("umap", "How the map is drawn", choices=("umap", "pca"))
    pool: str = _setting(
        "class",
        "Cut bins class by class (as published), or from all images as one pool",
        choices=("class", "all"),
    )
    n_bins: int = _setting(10, "Number of bins", low=1)
    schedule: str = _setting("equal", "Sizes of the bins", choices=("equal", "geometric"))
    representativeness: str = _setting(
        "texture",
        "What makes an image representative",
        choices=("texture", "centre-closeness", "compressibility"),
    )
    diversity: str = _setting(
        "contrastive",
        "How the diversity of a bin is measured",
        choices=("contrastive", "published", "random-backbone", "vectors", "vendi"),
    )
    normalisation: str = _setting(
        "minmax", "How Rep and Div are put on one scale", choices=("minmax", "sum", "rank", "none")
    )
    rule: str = _setting(
        "budget",
        "Rule that turns scores into quotas",
        choices=("budget", "uniform", "paper", "paper-scaled", "published-code"),
    )
    alpha: float = _setting(0.65, "Share of importance against bin size", low=0.0, high=1.0)
    keep_ratio: float = _setting(0.1, "Share of the images that is kept", low=0.0, high=1.0, open_low=True)
    draw_order: str = _setting(
        "random", "Order in which a bin gives its images", choices=("random", "greedy", "texture")
    )
    patch_ranking: str = _setting("texture", "What ranks the patches of an image", choices=("texture",))
    patch_keep_ratio: float = _setting(
        0.75, "Share of each image's patches that is kept", low=0.0, high=1.0, open_low=True
    )
    seed: int = _setting(0, "Seed of everything random", low=0, high=2**32 - 1)

    def __post_init__(self) -> None:
        for spec in fields(self):
            _check(spec.name, getattr(self, spec.name), spec.type, spec.metadata)

    def to_json(self) -> str:
        """Return the settings as JSON, one key a field, in the order of the fields."""
        return json.dumps(asdict(self), indent=2)

    @classmethod
    def from_mapping(cls, values: Mapping[str, Any]) -> Settings:
        """Return settings from a mapping such as the `settings` of a manifest; names nobody knows are refused."""
        names = [spec.name for spec in fields(cls)]
        for name in values:
            if name not in names:
                raise unknown_name("setting", name, names)
        return cls(**values)

    @classmethod
    def from_json(cls, text: str) -> Settings:
        """Return settings from JSON: those of `to_json`, or a whole manifest that has them under `settings`."""
        try:
            values = json.loads(text)
        except json.JSONDecodeError as error:
            raise SettingsError(f"Settings must be JSON, but line {error.lineno} is not: {error.msg}.") from None
        if isinstance(values, dict) and isinstance(values.get("settings"), dict):
            values = values["settings"]
        if not isinstance(values, dict):
            raise SettingsError("Settings must be a JSON object with a value for each setting, got something else.")
        return cls.from_mapping(values)


def _check(name: str, value: Any, kind: Any, limits: Mapping[str, Any]) -> None:
    """Raise `SettingsError` where a value is not of its field's type, range or choices."""
    if isinstance(value, bool) or not any(isinstance(value, one) for one in TYPES[str(kind)]):
        raise SettingsError(f"{name} must be of type {kind}, got {value!r}.")
    if "choices" in limits and value not in limits["choices"]:
        raise unknown_name(name, value, limits["choices"])
    low, high = limits.get("low"), limits.get("high")
    if low is None and high is None:
        return
    bracket = "(" if limits.get("open_low") else "["
    below = value <= low if limits.get("open_low") else value < low
    if not math.isfinite(value) or below or (high is not None and value > high):
        span = f"in {bracket}{low:g}, {high:g}]" if high is not None else f"{low} or more"
        raise SettingsError(f"{name} must be {span}, got {value:g}.")


TYPES: dict[str, tuple[type, ...]] = {
    "str": (str,),
    "str | None": (str, type(None)),
    "int": (int,),
    "float": (int, float),
}
