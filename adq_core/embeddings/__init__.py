"""Embeddings: images to feature vectors, by name from `EMBEDDINGS` or from a file."""

from ._embed import EMBEDDINGS, embed, embedding_identity
from .agreement import NeighbourAgreement, neighbour_agreement, same_class_share

__all__ = [
    "EMBEDDINGS",
    "NeighbourAgreement",
    "embed",
    "embedding_identity",
    "neighbour_agreement",
    "same_class_share",
]
