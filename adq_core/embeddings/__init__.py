"""Embeddings: images to feature vectors, by name from `EMBEDDINGS` or from a file."""

from ._embed import EMBEDDINGS, embed, embedding_identity
from .agreement import NeighbourAgreement, neighbour_agreement, same_class_share
from .another_image import ImageEncoder, image_encoder

__all__ = [
    "EMBEDDINGS",
    "ImageEncoder",
    "NeighbourAgreement",
    "embed",
    "embedding_identity",
    "image_encoder",
    "neighbour_agreement",
    "same_class_share",
]
