"""Writes selections in the formats of other tools, verifies them, and writes zip archives.

Files refer to images by id, not by row number. `FORMATS` has the formats by name.
"""

from typing import TYPE_CHECKING, Any

from .estimate import Estimate, estimate
from .files import check_target, export_files, write_files
from .formats import FORMATS, Format, format_of
from .id_files import list_file, with_lists
from .manifest import differing_digests
from .manual import MAX_IMAGES, write_archive
from .options import NAMES, ExportOptions
from .sinks import LINKS
from .subset import Subset, read_files, subset_of_files
from .texts import csv_bytes
from .verify import Problem, problems_of
from .write import check_export_target, write_export, write_zip
from .zip_files import add_file

if TYPE_CHECKING:
    from .subset_dataset import SubsetDataset

__all__ = [
    "FORMATS",
    "LINKS",
    "MAX_IMAGES",
    "NAMES",
    "Estimate",
    "ExportOptions",
    "Format",
    "Problem",
    "Subset",
    "SubsetDataset",
    "add_file",
    "check_export_target",
    "check_target",
    "csv_bytes",
    "differing_digests",
    "estimate",
    "export_files",
    "format_of",
    "list_file",
    "problems_of",
    "read_files",
    "subset_of_files",
    "with_lists",
    "write_archive",
    "write_export",
    "write_files",
    "write_zip",
]


def __getattr__(name: str) -> Any:
    """Return `SubsetDataset`, which imports torch, at the first use."""
    if name == "SubsetDataset":
        from .subset_dataset import SubsetDataset

        return SubsetDataset
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
