"""Opens a data set from its name or path and returns an `ImageDataset` of images, labels and ids."""

from adq_core.data.folders.listings import forget_folder
from adq_core.data.pixels.decoding import UnreadableImageError
from adq_core.data.pixels.decoding import decode as decode_image
from adq_core.data.pixels.decoding import thumbnail as make_thumbnail
from adq_core.data.pixels.formats import image_suffix
from adq_core.data.vectors.files import VECTOR_SUFFIXES, aligned_table

from .dataset import FileChanges, ImageDataset, release_pages
from .exports import base_folder, read_manifest
from .joined import check_test_images, count_copies, with_test_images
from .open import DATASETS, is_path, open_dataset
from .own_columns import is_numeric
from .parts import part_of

__all__ = [
    "DATASETS",
    "VECTOR_SUFFIXES",
    "FileChanges",
    "ImageDataset",
    "UnreadableImageError",
    "aligned_table",
    "base_folder",
    "check_test_images",
    "count_copies",
    "decode_image",
    "forget_folder",
    "image_suffix",
    "is_numeric",
    "is_path",
    "make_thumbnail",
    "open_dataset",
    "part_of",
    "read_manifest",
    "release_pages",
    "with_test_images",
]
