"""`Settings`: all parameters of a run in one frozen dataclass, checked at creation, with conversion to and from JSON.

The command line makes one option and the app one widget of each field, from the `help`, `choices` and `low`/`high` of
the field. The choices are listed here, so that this module imports no stage; a test compares them with the tables of
the stages.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from .errors import SettingsError, unknown_name
from .file_access import check_access
from .id_lists import canonical_list, check_disjoint, recorded_list


def _setting(default: Any, help: str, **limits: Any) -> Any:
    return field(default=default, metadata={"help": help, **limits})


@dataclass(frozen=True)
class Settings:
    """All settings of a run.

    Raises `SettingsError` for a value of a wrong type, outside its range or its choices, and for a file that this
    process may not read.
    """

    dataset: str = _setting(
        "photos",
        "Built-in name, folder, .zip, .tar, .npz, Parquet file, torchvision:NAME, or a file of vectors without images",
    )
    labels: str | None = _setting(
        None, "Table with the columns file and label (CSV, TSV or JSON Lines), for a folder without class folders"
    )
    unlabelled: str = _setting(
        "error",
        "Images without a label: an error (images beside class folders are left out), or a class of their own",
        choices=("error", "keep"),
    )
    embeddings: str = _setting(
        "lite0",
        "lite0, small, pixels, resnet18, resnet50, vit_b_16, timm:NAME (a network of timm), own (the vectors of the "
        "data set itself), or a file of vectors",
    )
    vector_columns: str | None = _setting(
        None,
        "Columns of a table that are the numbers of its vectors, such as f0:f255 or f*,g* (otherwise they are found)",
    )
    weights: str | None = _setting(None, "File with weights for the embedding: of a torchvision model, or trained here")
    projection: str = _setting("umap", "Method that computes the map", choices=("umap", "pca"))
    pool: str = _setting(
        "class",
        "Divide each class into bins separately (as published), or all images as one pool",
        choices=("class", "all"),
    )
    n_bins: int = _setting(10, "Number of bins", low=1)
    schedule: str = _setting("equal", "Sizes of the bins", choices=("equal", "geometric"))
    fraction: float = _setting(
        0.0, "Share of the remaining images that each geometric bin takes (0: 1 / n_bins)", low=0.0, high=1.0
    )
    kernel: str = _setting(
        "cosine",
        "Similarity of two images: cosine or Euclidean distance of embeddings, or cosine of last-layer gradients",
        choices=("cosine", "euclidean", "gradient"),
    )
    softmax: str = _setting(
        "once",
        "How often the loss of the gradient kernel applies the softmax (published code: twice)",
        choices=("once", "twice"),
    )
    representativeness: str = _setting(
        "texture",
        "Measure of the representativeness of an image",
        choices=("texture", "centre-closeness", "compressibility"),
    )
    diversity: str = _setting(
        "vendi",
        "Measure of the diversity of a bin: Vendi score of the embeddings, or, as in the paper, contrastive",
        choices=("contrastive", "published", "random-backbone", "vectors", "vendi"),
    )
    diversity_images: int = _setting(
        1024,
        "Images per bin on which diversity is measured by augmentations (0: all of them); vendi and vectors use all",
        low=0,
    )
    normalisation: str = _setting(
        "minmax", "Scaling of Rep and Div before they are added", choices=("minmax", "sum", "rank", "none")
    )
    strategy: str = _setting(
        "adq",
        "Way to select the images: ADQ, or another strategy with the same number of images",
        choices=(
            "adq",
            "random",
            "balanced",
            "uniform-bins",
            "k-centre",
            "herding",
            "facility-location",
            "ccs",
            "window",
            "margin",
            "adq+margin",
        ),
        omit_default=True,
    )
    rule: str = _setting(
        "budget",
        "Rule that computes the quotas from the scores",
        choices=("budget", "uniform", "paper", "paper-scaled", "published-code"),
    )
    alpha: float = _setting(0.65, "Weight of importance against bin size", low=0.0, high=1.0)
    keep_ratio: float = _setting(0.1, "Share of the images to keep", low=0.0, high=1.0, open_low=True)
    draw_order: str = _setting(
        "random", "Order in which images are selected from a bin", choices=("random", "greedy", "texture")
    )
    always: str | None = _setting(None, "Images that are always kept: a list of ids", id_list=True, omit_default=True)
    never: str | None = _setting(None, "Images that are never taken: a list of ids", id_list=True, omit_default=True)
    patch_ranking: str = _setting("texture", "Score that ranks the patches of an image", choices=("texture",))
    patch_keep_ratio: float = _setting(
        0.75, "Share of the patches of each image to keep", low=0.0, high=1.0, open_low=True
    )
    patch_image_size: int = _setting(
        64, "Side in pixels of the squares to which images are resized for patches (published: 224)", low=8, high=512
    )
    patch_size: int = _setting(8, "Side of a patch in pixels, a divisor of patch_image_size", low=1, high=256)
    seed: int = _setting(0, "Seed of all random numbers except those of the map", low=0, high=2**32 - 1)
    map_seed: int = _setting(0, "Seed of the map, which changes only the positions on it", low=0, high=2**32 - 1)

    def __post_init__(self) -> None:
        for spec in fields(self):
            value = getattr(self, spec.name)
            if spec.metadata.get("id_list"):
                value = canonical_list(spec.name, value)
            object.__setattr__(self, spec.name, _checked(spec.name, value, str(spec.type), spec.metadata))
        check_disjoint(self.always, self.never)
        for name in NAMES_OF_FILES:
            check_access(name, getattr(self, name))
        _check_diversity_images(self.diversity_images)
        _check_patches(self.patch_image_size, self.patch_size)

    def to_json(self) -> str:
        """Return the settings as JSON, one key per field, in the order of the fields."""
        return json.dumps(asdict(self), indent=2)

    def recorded(self) -> dict[str, Any]:
        """Return the settings as a manifest records them.

        A setting that was added to the format later (`omit_default`) is left out where it has its default, so that the
        bytes of such a manifest stay the same. A list of ids is a list.
        """
        omitted = {spec.name for spec in fields(self) if spec.metadata.get("omit_default")}
        recorded = {
            name: value
            for name, value in asdict(self).items()
            if name not in omitted or value != getattr(type(self), name)
        }
        return recorded | {name: recorded_list(recorded[name]) for name in ID_LISTS if name in recorded}

    @classmethod
    def from_mapping(cls, values: Mapping[str, Any]) -> Settings:
        """Return settings from a mapping such as the `settings` of a manifest.

        Raises `SettingsError` for a name that is not a setting.
        """
        names = [spec.name for spec in fields(cls)]
        for name in values:
            if name not in names:
                raise unknown_name("setting", name, names)
        return cls(**values)

    @classmethod
    def from_json(cls, text: str) -> Settings:
        """Return settings from JSON: the result of `to_json`, or a manifest that contains them under `settings`."""
        try:
            values = json.loads(text)
        except json.JSONDecodeError as error:
            raise SettingsError(f"Settings must be JSON, but line {error.lineno} is not: {error.msg}.") from None
        except (ValueError, RecursionError):  # a number with thousands of digits, or thousands of nested brackets
            raise SettingsError("Settings must be a JSON object with a value for each setting.") from None
        if isinstance(values, dict) and isinstance(values.get("settings"), dict):
            values = values["settings"]
        if not isinstance(values, dict):
            raise SettingsError("Settings must be a JSON object with a value for each setting, got something else.")
        return cls.from_mapping(values)


def _checked(name: str, value: Any, kind: str, limits: Mapping[str, Any]) -> Any:
    """Return the value as a Python object of the type of its field; raise `SettingsError` for an invalid value.

    The conversion makes 1 and 1.0, or a float and a NumPy float, give the same keys and the same JSON.
    """
    if isinstance(value, bool) or not any(isinstance(value, one) for one in TYPES[kind]):
        raise SettingsError(f"{name} must be of type {kind}, got {value!r}.", name)
    if "choices" in limits and value not in limits["choices"]:
        raise unknown_name(name, value, limits["choices"], name)
    if isinstance(value, str) and (not value.strip() or "\0" in value):
        raise SettingsError(f"{name} must be a name or a path, got {value!r}.", name)
    low, high = limits.get("low"), limits.get("high")
    if low is not None and not (low < value or (low == value and not limits.get("open_low"))):
        raise _out_of_range(name, value, limits)
    if high is not None and not value <= high:
        raise _out_of_range(name, value, limits)
    return value if value is None else PLAIN[kind](value)


def _out_of_range(name: str, value: float, limits: Mapping[str, Any]) -> SettingsError:
    low, high = (f"{end:g}" if isinstance(end, float) else end for end in (limits["low"], limits.get("high")))
    span = f"{low} or more" if high is None else f"in {'(' if limits.get('open_low') else '['}{low}, {high}]"
    return SettingsError(f"{name} must be {span}, got {value!s:.20}.", name)


def _check_diversity_images(count: int) -> None:
    """Raise `SettingsError` for a sample that is too small for an interval."""
    if 0 < count < MIN_DIVERSITY_IMAGES:
        raise SettingsError(
            f"diversity_images must be 0 (all images) or at least {MIN_DIVERSITY_IMAGES}, got {count}.",
            "diversity_images",
        )


def _check_patches(side: int, size: int) -> None:
    """Raise `SettingsError` if patches of this size do not tile a square of this side, or are too many."""
    possible = possible_patch_sizes(side)
    if size not in possible:
        raise SettingsError(
            f"patch_size must divide patch_image_size ({side}) into 2 to {MAX_PATCHES_PER_ROW} patches per row, "
            f"got {size}. Choose one of: {', '.join(map(str, possible))}.",
            "patch_size",
            "patch_image_size",
        )


def possible_patch_sizes(side: int) -> list[int]:
    """Return the sizes of patches that tile a square of this side into 2 to 64 patches per row, ascending."""
    return [number for number in range(1, side) if side % number == 0 and side // number <= MAX_PATCHES_PER_ROW]


NAMES_OF_FILES = ("dataset", "labels", "embeddings", "weights")  # settings that can name a file
ID_LISTS = ("always", "never")  # settings that are lists of ids
MIN_DIVERSITY_IMAGES = 32
MAX_PATCHES_PER_ROW = 64

TYPES: dict[str, tuple[type, ...]] = {
    "str": (str,),
    "str | None": (str, type(None)),
    "int": (int,),
    "float": (int, float),
}
PLAIN: dict[str, Callable[[Any], Any]] = {
    "str": str,
    "str | None": str,
    "int": int,
    "float": lambda value: float(value) + 0.0,  # + 0.0 converts -0.0 to 0.0
}
