"""Opens a data set from its name or path and returns an `ImageDataset` of images, labels and ids."""

from .dataset import FileChanges, ImageDataset, release_pages
from .exports import base_folder, read_manifest
from .formats import image_suffix
from .listings import forget_folder
from .open import DATASETS, is_path, open_dataset
from .parts import part_of
from .vector_files import VECTOR_SUFFIXES, aligned_table

__all__ = [
    "DATASETS",
    "VECTOR_SUFFIXES",
    "FileChanges",
    "ImageDataset",
    "aligned_table",
    "base_folder",
    "forget_folder",
    "image_suffix",
    "is_path",
    "open_dataset",
    "part_of",
    "read_manifest",
    "release_pages",
]
