"""The frozen records that flow from stage to stage.

Every record checks its shapes once, at birth, and makes its arrays read-only. `key` is the digest of the recipe that
made it (data set, stage, keywords, version of the method); `digest()` is the digest of what came out. Two records
with one key are the same result; two with different digests under one key show that a machine computed differently.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from .digests import content_digest

Image = NDArray[np.uint8]  # (H, W, 3) RGB
Floats = NDArray[np.floating[Any]]
Ints = NDArray[np.integer[Any]]
Bools = NDArray[np.bool_]


def freeze_arrays(record: object, shapes: dict[str, tuple[int | None, ...]]) -> None:
    """Make the arrays of a record read-only views and hold their shapes against `shapes` (None: any length)."""
    for name, shape in shapes.items():
        array = getattr(record, name)
        fits = array.ndim == len(shape) and all(
            want in (None, have) for want, have in zip(shape, array.shape, strict=True)
        )
        if not fits:
            raise ValueError(f"{type(record).__name__}.{name} must have the shape {shape}, got {array.shape}.")
        view = array.view()
        view.flags.writeable = False
        object.__setattr__(record, name, view)


class Record:
    """Base of all records: a `key` (digest of the recipe), a `digest` (of the content) and a `kind`.

    `kind` names the folder of such records in a store. It never changes, whatever the class is called, because stores
    on disk outlive the code.
    """

    kind: ClassVar[str]
    key: str

    def digest(self) -> str:
        """Return the digest of everything in the record but its key."""
        return content_digest(*(getattr(self, f.name) for f in fields(self) if f.name != "key"))  # type: ignore[arg-type]


@dataclass(frozen=True, eq=False)
class Embeddings(Record):
    """One feature vector an image, in the data set's row order."""

    kind: ClassVar[str] = "embeddings"
    vectors: Floats  # (M, d) float32
    name: str  # of the embedding, or of the file
    key: str

    def __post_init__(self) -> None:
        freeze_arrays(self, {"vectors": (None, None)})

    def __len__(self) -> int:
        return len(self.vectors)


@dataclass(frozen=True, eq=False)
class Projection(Record):
    """The map: one point in the plane an image. Distances between far points mean little; see `method`."""

    kind: ClassVar[str] = "projection"
    xy: Floats  # (M, 2) float32
    method: str  # "umap" or "pca": what was done, which need not be what was asked for
    key: str
    note: str = ""  # why it was done otherwise, in a sentence for a person

    def __post_init__(self) -> None:
        freeze_arrays(self, {"xy": (None, 2)})


@dataclass(frozen=True, eq=False)
class Bins(Record):
    """Which bin the greedy put each image in, when, and at what gain."""

    kind: ClassVar[str] = "bins"
    bin_of: Ints  # (M,) int32, 0 .. n_bins - 1
    rank: Ints  # (M,) int32, the place within its class (its pool) at which the greedy took the image
    gain: Floats  # (M,) float64, the true GraphCut gain at that moment
    n_bins: int
    key: str

    def __post_init__(self) -> None:
        m = len(self.bin_of)
        freeze_arrays(self, {"bin_of": (m,), "rank": (m,), "gain": (m,)})

    @property
    def capacity(self) -> Ints:
        """Return (n_bins,) int64, how many images each bin has."""
        return np.bincount(self.bin_of, minlength=self.n_bins)


@dataclass(frozen=True, eq=False)
class Texture(Record):
    """The texture of every image: mean of 0.5|Sobel_x| + 0.5|Sobel_y| of the grey image in [0, 1]."""

    kind: ClassVar[str] = "texture"
    values: Floats  # (M,) float64
    key: str

    def __post_init__(self) -> None:
        freeze_arrays(self, {"values": (None,)})


@dataclass(frozen=True, eq=False)
class ImageScores(Record):
    """The representativeness of every image by another measure than texture."""

    kind: ClassVar[str] = "imagescores"
    values: Floats  # (M,) float64
    name: str
    key: str

    def __post_init__(self) -> None:
        freeze_arrays(self, {"values": (None,)})


@dataclass(frozen=True, eq=False)
class AugmentedFeatures(Record):
    """Feature vectors of V views of every image (V = 1: the image itself): what diversity is measured on."""

    kind: ClassVar[str] = "views"
    vectors: Floats  # (V, M, d)
    name: str  # of the network that made them
    key: str

    def __post_init__(self) -> None:
        freeze_arrays(self, {"vectors": (None, None, None)})


@dataclass(frozen=True, eq=False)
class Head(Record):
    """A small network d -> h -> k with a ReLU between, put on a backbone's features."""

    kind: ClassVar[str] = "head"
    weight_in: Floats  # (h, d)
    bias_in: Floats  # (h,)
    weight_out: Floats  # (k, h)
    bias_out: Floats  # (k,)
    losses: Floats  # (looks, 2) loss in training and on images held out; (0, 2): never trained
    key: str

    def __post_init__(self) -> None:
        (h, d), k = self.weight_in.shape, len(self.weight_out)
        shapes: dict[str, tuple[int | None, ...]] = {"weight_in": (h, d), "bias_in": (h,), "losses": (None, 2)}
        freeze_arrays(self, shapes | {"weight_out": (k, h), "bias_out": (k,)})


@dataclass(frozen=True, eq=False)
class BinScores(Record):
    """Rep, Div and the Importance score (IS) of every bin, raw beside normalised."""

    kind: ClassVar[str] = "binscores"
    representativeness: Floats  # (m,)
    diversity: Floats  # (m,)
    mean_cosine: Floats  # (m,) mean off-diagonal cosine: diversity without the size of the bin in it
    representativeness_norm: Floats  # (m,)
    diversity_norm: Floats  # (m,)
    importance: Floats  # (m,) the sum of the two normalised scores
    representativeness_interval: Floats  # (m, 2) 95 % bootstrap interval of the raw score
    diversity_interval: Floats  # (m, 2) 95 % interval of the raw score; its upper end may be inf
    representativeness_amplification: float  # range of the normalised score / relative range of the raw; nan: no range
    diversity_amplification: float
    representativeness_by_bin: float  # share of the variance among images that their bin explains, 0 to 1
    representativeness_by_class: float  # and that their class explains
    representativeness_name: str
    diversity_name: str
    normalisation: str
    warnings: tuple[str, ...]  # sentences for a person
    key: str

    def __post_init__(self) -> None:
        m = len(self.importance)
        one = (
            "representativeness",
            "diversity",
            "mean_cosine",
            "representativeness_norm",
            "diversity_norm",
            "importance",
        )
        freeze_arrays(self, dict.fromkeys(one, (m,)) | {f"{name}_interval": (m, 2) for name in one[:2]})


@dataclass(frozen=True, eq=False)
class Quotas(Record):
    """How many images each bin gives, and how that number came about."""

    kind: ClassVar[str] = "quotas"
    quota: Ints  # (m,) int64
    capacity: Ints  # (m,) int64
    target: Floats  # (m,) float64, before capping and rounding
    importance_share: Floats  # (m,) sums to 1
    r: Floats  # (m,) the mixing ratio as the rule used it
    capped: Floats  # (m,) how much of the target was above the capacity and taken away
    moved: Floats  # (m,) how much of what was taken away came here; quota is target - capped + moved made whole
    rule: str
    alpha: float
    keep_ratio: float
    notes: tuple[str, ...]  # sentences for a person
    key: str

    def __post_init__(self) -> None:
        m = len(self.quota)
        freeze_arrays(
            self, dict.fromkeys(("quota", "capacity", "target", "importance_share", "r", "capped", "moved"), (m,))
        )

    @property
    def reached_keep_ratio(self) -> float:
        """Return the share of all images that the quotas really keep."""
        return float(self.quota.sum() / self.capacity.sum())


@dataclass(frozen=True, eq=False)
class QuotaTable:
    """The quotas of one rule at one keep ratio for many alphas: what a slider moves through."""

    alpha: Floats  # (A,) ascending
    quota: Ints  # (A, m) int64; row a is what the rule gives at alpha[a]
    capacity: Ints  # (m,)
    rule: str
    keep_ratio: float

    def __post_init__(self) -> None:
        a, m = self.quota.shape
        freeze_arrays(self, {"alpha": (a,), "quota": (a, m), "capacity": (m,)})

    @property
    def changed(self) -> Ints:
        """Return (A - 1,) how many images leave the subset from one alpha to the next; as many come, if it is full."""
        return np.asarray(np.maximum(-np.diff(self.quota, axis=0), 0).sum(axis=1))


@dataclass(frozen=True, eq=False)
class DrawOrder(Record):
    """The one order in which each bin gives its images; it does not depend on alpha, keep ratio or rule."""

    kind: ClassVar[str] = "draworder"
    draw_position: Ints  # (M,) int64, the place in its bin
    order: str
    key: str

    def __post_init__(self) -> None:
        freeze_arrays(self, {"draw_position": (None,)})


@dataclass(frozen=True, eq=False)
class Selection(Record):
    """The subset: an image is in when its place in its bin's draw order is below the bin's quota."""

    kind: ClassVar[str] = "selection"
    draw_position: Ints  # (M,) int64
    selected: Bools  # (M,)
    draw_order: str
    key: str

    def __post_init__(self) -> None:
        m = len(self.selected)
        freeze_arrays(self, {"draw_position": (m,), "selected": (m,)})

    @property
    def indices(self) -> Ints:
        """Return the rows that are in, int64, ascending."""
        return np.flatnonzero(self.selected).astype(np.int64)


@dataclass(frozen=True, eq=False)
class PatchMasks(Record):
    """Which patches of K images are kept. True means kept; a masked autoencoder's own mask means the opposite."""

    kind: ClassVar[str] = "patchmasks"
    rows: Ints  # (K,) rows of the data set
    images: NDArray[np.uint8]  # (K, S, S, 3) as cut into patches
    saliency: Floats  # (K, L) what ranked the patches, row by row from the top left
    keep: Bools  # (K, L)
    patch_size: int  # pixels
    patch_keep_ratio: float
    ranking: str
    key: str

    def __post_init__(self) -> None:
        k, patches = self.saliency.shape
        side = self.images.shape[1]
        freeze_arrays(
            self, {"rows": (k,), "images": (k, side, side, 3), "saliency": (k, patches), "keep": (k, patches)}
        )
        if (side // self.patch_size) ** 2 != patches or side % self.patch_size:
            raise ValueError(f"{patches} patches of {self.patch_size} pixels do not tile an image of {side} pixels.")
