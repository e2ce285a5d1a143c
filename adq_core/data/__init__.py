"""Data sets: a name or a path to an `ImageDataset` of images, labels and ids."""

from .dataset import ImageDataset, release_pages
from .open import DATASETS, open_dataset
from .vector_files import VECTOR_SUFFIXES, file_digest, read_vectors

__all__ = [
    "DATASETS",
    "VECTOR_SUFFIXES",
    "ImageDataset",
    "file_digest",
    "open_dataset",
    "read_vectors",
    "release_pages",
]
