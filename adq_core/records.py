"""The frozen records that the stages take and return.

A record checks the shapes of its arrays when it is created and makes them read-only. `key` is the digest of everything
that determines the result (data set, stage, settings, version of the method); `digest()` is the digest of the result
itself. Records with equal keys are computed in the same way; their digests can differ between machines.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from .digests import content_digest

Image = NDArray[np.uint8]  # (H, W, 3) RGB
Floats = NDArray[np.floating[Any]]
Ints = NDArray[np.integer[Any]]
Bools = NDArray[np.bool_]


def freeze_arrays(record: object, shapes: dict[str, tuple[int | None, ...]]) -> None:
    """Replace the arrays of a record by read-only views; raise `ValueError` for a wrong shape (None: any length)."""
    for name, shape in shapes.items():
        array = getattr(record, name)
        fits = array.ndim == len(shape) and all(
            expected in (None, length) for expected, length in zip(shape, array.shape, strict=True)
        )
        if not fits:
            raise ValueError(f"{type(record).__name__}.{name} must have the shape {shape}, got {array.shape}.")
        view = array.view()
        view.flags.writeable = False
        object.__setattr__(record, name, view)


class Record:
    """Base class of all records, with a `key`, a `digest` of the content and a `kind`.

    `kind` names the folder of such records in a store. It stays the same when the class is renamed, because stores on
    disk are older than the code that reads them.
    """

    kind: ClassVar[str]
    key: str

    def digest(self) -> str:
        """Return the digest of all fields except `key` and those that only describe the others."""
        given = [f for f in fields(self) if f.name != "key" and f.metadata.get("digest", True)]  # type: ignore[arg-type]
        return content_digest(*(getattr(self, f.name) for f in given))


@dataclass(frozen=True, eq=False)
class Embeddings(Record):
    """One feature vector per image, in the row order of the data set."""

    kind: ClassVar[str] = "embeddings"
    vectors: Floats  # (M, d) float32
    name: str  # of the embedding, or of the file
    key: str
    note: str = field(default="", metadata={"digest": False})  # which columns of a file were taken, for the user

    def __post_init__(self) -> None:
        freeze_arrays(self, {"vectors": (None, None)})


@dataclass(frozen=True, eq=False)
class Projection(Record):
    """The map: one point in the plane per image. With UMAP, distances between distant points mean little."""

    kind: ClassVar[str] = "projection"
    xy: Floats  # (M, 2) float32
    method: str  # "umap" or "pca": the method used, which can differ from the setting
    key: str
    note: str = ""  # why another method was used, as a sentence for the user

    def __post_init__(self) -> None:
        freeze_arrays(self, {"xy": (None, 2)})


@dataclass(frozen=True, eq=False)
class Bins(Record):
    """The bin of each image, and the rank and gain at which the greedy selection took it."""

    kind: ClassVar[str] = "bins"
    bin_of: Ints  # (M,) int32, 0 .. n_bins - 1
    rank: Ints  # (M,) int32, position within its class (its pool) at which the greedy selection took it
    gain: Floats  # (M,) float64, exact GraphCut gain at that step
    n_bins: int
    key: str

    def __post_init__(self) -> None:
        m = len(self.bin_of)
        freeze_arrays(self, {"bin_of": (m,), "rank": (m,), "gain": (m,)})

    @property
    def capacity(self) -> Ints:
        """Number of images of each bin, (n_bins,) int64."""
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
    """The representativeness of every image, measured by something other than texture."""

    kind: ClassVar[str] = "imagescores"
    values: Floats  # (M,) float64
    name: str
    key: str

    def __post_init__(self) -> None:
        freeze_arrays(self, {"values": (None,)})


@dataclass(frozen=True, eq=False)
class AugmentedFeatures(Record):
    """Feature vectors of V augmentations of K images (V = 1: the image itself), for the diversity scores."""

    kind: ClassVar[str] = "views"
    vectors: Floats  # (V, K, d)
    name: str  # of the network that computed them
    key: str
    rows: Ints = field(default_factory=lambda: np.zeros(0, np.int64))  # (K,) of the data set, ascending; default: all

    def __post_init__(self) -> None:
        if self.rows.size == 0:
            object.__setattr__(self, "rows", np.arange(self.vectors.shape[1]))
        freeze_arrays(self, {"vectors": (None, len(self.rows), None), "rows": (None,)})


@dataclass(frozen=True, eq=False)
class Head(Record):
    """Projection head: a network d -> h -> k with one ReLU, applied to the features of a backbone."""

    kind: ClassVar[str] = "head"
    weight_in: Floats  # (h, d)
    bias_in: Floats  # (h,)
    weight_out: Floats  # (k, h)
    bias_out: Floats  # (k,)
    losses: Floats  # (evaluations, 2) loss on training and on held-out images; (0, 2): not trained
    key: str

    def __post_init__(self) -> None:
        (h, d), k = self.weight_in.shape, len(self.weight_out)
        shapes: dict[str, tuple[int | None, ...]] = {"weight_in": (h, d), "bias_in": (h,), "losses": (None, 2)}
        freeze_arrays(self, shapes | {"weight_out": (k, h), "bias_out": (k,)})


@dataclass(frozen=True, eq=False)
class BinScores(Record):
    """Rep, Div and Importance score (IS) of every bin, raw and normalised."""

    kind: ClassVar[str] = "binscores"
    representativeness: Floats  # (m,)
    diversity: Floats  # (m,)
    mean_cosine: Floats  # (m,) mean off-diagonal cosine: similarity that does not depend on the bin size
    diversity_images: Ints  # (m,) number of images on which the two are measured
    representativeness_norm: Floats  # (m,)
    diversity_norm: Floats  # (m,)
    importance: Floats  # (m,) sum of the two normalised scores
    representativeness_interval: Floats  # (m, 2) 95 % bootstrap interval of the raw score
    diversity_interval: Floats  # (m, 2) 95 % interval of the raw score; its upper end may be inf
    representativeness_amplification: float  # range of the normalised score / relative range of the raw one; nan: none
    diversity_amplification: float
    representativeness_by_bin: float  # share of the variance of image scores explained by the bin, 0 to 1
    representativeness_by_class: float  # and by the class
    representativeness_name: str
    diversity_name: str
    normalisation: str
    warnings: tuple[str, ...]  # sentences for the user
    key: str
    representativeness_p: float = float("nan")  # p-value that all bins have the same true value; nan: unknown
    diversity_p: float = float("nan")  # both with Holm's correction for the two scores

    def __post_init__(self) -> None:
        m = len(self.importance)
        raw = ("representativeness", "diversity", "mean_cosine", "diversity_images")
        per_bin = (*raw, "representativeness_norm", "diversity_norm", "importance")
        freeze_arrays(self, dict.fromkeys(per_bin, (m,)) | {f"{name}_interval": (m, 2) for name in raw[:2]})


@dataclass(frozen=True, eq=False)
class Quotas(Record):
    """The number of images that each bin gives, with the intermediate results of the quota rule."""

    kind: ClassVar[str] = "quotas"
    quota: Ints  # (m,) int64
    capacity: Ints  # (m,) int64
    target: Floats  # (m,) float64, before capping and rounding
    importance_share: Floats  # (m,) importance scaled to sum to 1
    r: Floats  # (m,) mixing ratio of the rule
    capped: Floats  # (m,) part of the target above the capacity
    reallocated: Floats  # (m,) surplus of other bins added here; quota is round(target - capped + reallocated)
    rule: str
    alpha: float
    keep_ratio: float
    notes: tuple[str, ...]  # sentences for the user
    key: str

    def __post_init__(self) -> None:
        m = len(self.quota)
        freeze_arrays(
            self, dict.fromkeys(("quota", "capacity", "target", "importance_share", "r", "capped", "reallocated"), (m,))
        )

    @property
    def reached_keep_ratio(self) -> float:
        """Share of all images that the quotas keep; it can differ from `keep_ratio`."""
        return float(self.quota.sum() / self.capacity.sum())


@dataclass(frozen=True, eq=False)
class QuotaTable:
    """The quotas of one rule at one keep ratio for many values of alpha, as the slider of the map shows them."""

    alpha: Floats  # (A,) ascending
    quota: Ints  # (A, m) int64; row a has the quotas at alpha[a]
    capacity: Ints  # (m,)
    rule: str
    keep_ratio: float

    def __post_init__(self) -> None:
        a, m = self.quota.shape
        freeze_arrays(self, {"alpha": (a,), "quota": (a, m), "capacity": (m,)})

    @property
    def changed(self) -> Ints:
        """Number of images that leave the subset from one alpha to the next, (A - 1,)."""
        return np.asarray(np.maximum(-np.diff(self.quota, axis=0), 0).sum(axis=1))


@dataclass(frozen=True, eq=False)
class DrawOrder(Record):
    """The order in which each bin gives its images; it does not depend on alpha, keep ratio or rule."""

    kind: ClassVar[str] = "draworder"
    draw_position: Ints  # (M,) int64, position in its bin, from 0
    order: str
    key: str

    def __post_init__(self) -> None:
        freeze_arrays(self, {"draw_position": (None,)})


@dataclass(frozen=True, eq=False)
class Selection(Record):
    """The subset: the images whose position in the draw order is below the quota of their bin."""

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
        """Rows of the selected images, int64, ascending."""
        return np.flatnonzero(self.selected).astype(np.int64)


@dataclass(frozen=True, eq=False)
class PatchMasks(Record):
    """The kept patches of K images. True means kept; the mask of a masked autoencoder has the opposite meaning."""

    kind: ClassVar[str] = "patchmasks"
    rows: Ints  # (K,) rows of the data set
    images: NDArray[np.uint8]  # (K, S, S, 3) resized, before they are cut into patches
    saliency: Floats  # (K, L) score that ranks the patches, row by row from the top left
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
