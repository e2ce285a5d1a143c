"""Storage: results by key, in memory and on disk."""

from .store import CACHE_VARIABLE, Store, default_folder, scratch_file, writing_folder

__all__ = ["CACHE_VARIABLE", "Store", "default_folder", "scratch_file", "writing_folder"]
