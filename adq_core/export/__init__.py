"""Export: a finished run as files that name every image by its id."""

from .files import add_file, check_target, differing_digests, export_files, write_files
from .manual import MAX_IMAGES, write_archive

__all__ = [
    "MAX_IMAGES",
    "add_file",
    "check_target",
    "differing_digests",
    "export_files",
    "write_archive",
    "write_files",
]
