"""Images to feature vectors."""

from __future__ import annotations

import numpy as np

from .progress import Progress, silent
from .records import Embeddings, ImageDataset


def embedding_identity(name: str, weights: str | None) -> str:
    """Return what goes into the key: the name, or the digest of the files' contents."""
    return f"{name}:{weights}"


def embed(
    dataset: ImageDataset,
    *,
    name: str,
    weights: str | None = None,
    seed: int = 0,
    key: str = "",
    progress: Progress = silent,
) -> Embeddings:
    """Return one vector an image, (M, d) float32."""
    from sklearn.decomposition import PCA

    small = dataset.thumbnails[:, ::2, ::2].reshape(len(dataset), -1).astype(np.float32) / 255
    vectors = PCA(min(64, *small.shape), random_state=seed).fit_transform(small - small.mean(axis=0))
    progress(len(dataset), len(dataset), "embeddings")
    return Embeddings(vectors=vectors.astype(np.float32), name=name, key=key)
