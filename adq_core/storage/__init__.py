"""Storage: the cache of results, the library of user data, and atomic writes of files."""

from .cache_folder import CACHE_KINDS, CacheEntry, cache_entries, clear_cache, limit_cache, mark_used, remove_scratch
from .checksums import checksum, file_checksum, read_json, row_checksum, write_json
from .files import CACHE_VARIABLE, atomic_file, atomic_folder, is_empty, scratch_file, storage_errors
from .library import DATA_VARIABLE, Library, data_folder
from .record_files import save_array
from .scratch import remember_place, remove_stale, temporary_path
from .store import Store, default_folder

__all__ = [
    "CACHE_KINDS",
    "CACHE_VARIABLE",
    "DATA_VARIABLE",
    "CacheEntry",
    "Library",
    "Store",
    "atomic_file",
    "atomic_folder",
    "cache_entries",
    "checksum",
    "clear_cache",
    "data_folder",
    "default_folder",
    "file_checksum",
    "is_empty",
    "limit_cache",
    "mark_used",
    "read_json",
    "remember_place",
    "remove_scratch",
    "remove_stale",
    "row_checksum",
    "save_array",
    "scratch_file",
    "storage_errors",
    "temporary_path",
    "write_json",
]
