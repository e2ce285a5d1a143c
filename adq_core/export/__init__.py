"""Writes the files of a run, and zip archives. Files refer to images by id, not by row number."""

from .files import check_target, export_files, write_files
from .id_files import list_file, with_lists
from .manifest import differing_digests
from .manual import MAX_IMAGES, write_archive
from .texts import csv_bytes
from .zip_files import add_file

__all__ = [
    "MAX_IMAGES",
    "add_file",
    "check_target",
    "csv_bytes",
    "differing_digests",
    "export_files",
    "list_file",
    "with_lists",
    "write_archive",
    "write_files",
]
