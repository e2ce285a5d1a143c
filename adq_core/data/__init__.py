"""Opens a data set from its name or path and returns an `ImageDataset` of images, labels and ids."""

from adq_core.data.folders.listings import forget_folder
from adq_core.data.vectors.files import VECTOR_SUFFIXES, aligned_table

from .dataset import FileChanges, ImageDataset, release_pages
from .exports import base_folder, read_manifest
from .joined import count_copies, with_test_images
from .open import DATASETS, is_path, open_dataset
from .parts import part_of

__all__ = [
    "DATASETS",
    "VECTOR_SUFFIXES",
    "FileChanges",
    "ImageDataset",
    "aligned_table",
    "base_folder",
    "count_copies",
    "forget_folder",
    "is_path",
    "open_dataset",
    "part_of",
    "read_manifest",
    "release_pages",
    "with_test_images",
]
