"""Storage: the cache of results, the library of user data, and atomic writes of files."""

from .files import CACHE_VARIABLE, atomic_file, atomic_folder, scratch_file, storage_errors
from .library import DATA_VARIABLE, Library, data_folder
from .store import Store, default_folder

__all__ = [
    "CACHE_VARIABLE",
    "DATA_VARIABLE",
    "Library",
    "Store",
    "atomic_file",
    "atomic_folder",
    "data_folder",
    "default_folder",
    "scratch_file",
    "storage_errors",
]
