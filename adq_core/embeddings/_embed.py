"""Images to feature vectors, by name from `EMBEDDINGS` or from a file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from adq_core.data import ImageDataset, aligned_table
from adq_core.errors import InputError, SettingsError
from adq_core.models import BACKBONES, backbone_identity, find_backbone, is_backbone, weights_identity
from adq_core.progress import Progress, no_progress
from adq_core.records import Embeddings, Floats

from .files import file_identity
from .neural import network_vectors
from .pixels import pixels
from .row_order import order_note
from .small import small


def embedding_identity(name: str, weights: str | None, dataset: ImageDataset, vector_columns: str | None = None) -> str:
    """Return what a key contains: the name, the digest of any file, and the input side and precision of a network.

    The key of vectors from a file contains `vector_columns` too; a data set of vectors has them in its own key.

    Raises `SettingsError` for a name that is neither an embedding nor a file of vectors, and for weights with an
    embedding that has none; `InputError` for a file that cannot be read.
    """
    if is_backbone(name):
        return backbone_identity(name, weights, find_backbone(name).input.side_for(dataset.sizes))
    if name == "small":
        return f"small:{weights_identity(weights or name)}"
    if weights is not None:
        raise SettingsError(
            f"weights are read by {', '.join(['small', *BACKBONES])} and {TIMM_OPTION} only, got embeddings {name!r}. "
            "Leave weights out.",
            "weights",
            "embeddings",
        )
    return (
        name if name in EMBEDDINGS else file_identity(name, [*EMBEDDINGS, TIMM_OPTION], dataset.indices, vector_columns)
    )


def embed(
    dataset: ImageDataset,
    *,
    name: str,
    weights: str | None = None,
    vector_columns: str | None = None,
    key: str = "",
    progress: Progress = no_progress,
) -> Embeddings:
    """Return one vector per image, (M, d) float32, all finite, by the embedding of this name or from a file.

    `vector_columns` are the columns of a file that are the vectors, as `read_columns` takes them.

    The vectors are not of unit length. Raises as `embedding_identity` does, and `InputError` for values that are not
    finite and for a set without images if the embedding needs them.

    How it misleads: similar vectors mean similar images only for images like those that the network was trained on;
    features from ImageNet say little about tissue, for example.
    """
    embedding_identity(name, weights, dataset)
    note = ""
    make = EMBEDDINGS.get(name, _by_network(name) if is_backbone(name) else None)  # `timm:NAME` is not in the table
    if make is not None:
        if name != "own":
            dataset.need_images()
        vectors = make(dataset, weights, progress)
    else:
        table = aligned_table(Path(name), dataset, vector_columns)
        vectors, name, note = table.vectors, Path(name).name, table.note
        if table.ids is None:
            note = " ".join(filter(None, (note, order_note(dataset, vectors, name))))
    if not np.isfinite(vectors).all():
        raise InputError(
            f"All vectors must be finite, but {name} made NaN or infinite ones. Try other weights, or `pixels`."
        )
    progress(len(dataset), len(dataset), "embeddings")
    return Embeddings(vectors=vectors, name=name, key=key, note=note)


def own(dataset: ImageDataset, weights: str | None, progress: Progress) -> Floats:
    """Return the vectors that the data set consists of, (M, d) float32. Raises `SettingsError` for a set of images."""
    del weights
    if dataset.vectors is None:
        raise SettingsError(
            f"embeddings own are the vectors of a set without images, but {dataset.name} has images. "
            f"Choose one of: {', '.join(name for name in EMBEDDINGS if name != 'own')}.",
            "embeddings",
        )
    progress(len(dataset), len(dataset), "embeddings")
    return dataset.vectors


Embedding = Callable[[ImageDataset, str | None, Progress], Floats]


def _by_network(name: str) -> Embedding:
    """Return the embedding by a backbone of this name."""
    return lambda dataset, weights, progress: network_vectors(dataset, name, weights, progress)


TIMM_OPTION = "timm:NAME (any network of timm)"
EMBEDDINGS: dict[str, Embedding] = {
    "lite0": _by_network("lite0"),
    "small": small,
    "pixels": pixels,
    **{name: _by_network(name) for name in BACKBONES if name != "lite0"},
    "own": own,  # of a set of vectors without images
}
