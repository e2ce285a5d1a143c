"""Opens a data set from its name or path and returns an `ImageDataset` of images, labels and ids."""

from .dataset import FileChanges, ImageDataset, release_pages
from .exports import base_folder, read_manifest
from .listings import forget_folder
from .open import DATASETS, is_path, open_dataset
from .vector_files import VECTOR_SUFFIXES, read_vectors

__all__ = [
    "DATASETS",
    "VECTOR_SUFFIXES",
    "FileChanges",
    "ImageDataset",
    "base_folder",
    "forget_folder",
    "is_path",
    "open_dataset",
    "read_manifest",
    "read_vectors",
    "release_pages",
]
