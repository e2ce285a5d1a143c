"""Storage: results by key, in memory and on disk."""

from .store import CACHE_VARIABLE, Store, atomic_folder, default_folder, scratch_file

__all__ = ["CACHE_VARIABLE", "Store", "atomic_folder", "default_folder", "scratch_file"]
