"""Opens a data set from its name or path and returns an `ImageDataset` of images, labels and ids."""

from .dataset import FileChanges, ImageDataset, release_pages
from .open import DATASETS, open_dataset
from .vector_files import VECTOR_SUFFIXES, aligned_table

__all__ = [
    "DATASETS",
    "VECTOR_SUFFIXES",
    "FileChanges",
    "ImageDataset",
    "aligned_table",
    "open_dataset",
    "release_pages",
]
