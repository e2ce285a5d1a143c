"""Embeddings: images to feature vectors, by name from `EMBEDDINGS` or from a file."""

from .embedding import EMBEDDINGS, embed, embedding_identity

__all__ = ["EMBEDDINGS", "embed", "embedding_identity"]
