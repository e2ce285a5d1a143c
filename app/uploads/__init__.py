"""Uploaded files: their names, their limits, and the folder that holds them. No Streamlit in here."""

from .limits import Limits, limits_from_environment
from .names import ENDINGS, LIST_ENDINGS, Reference, clean_name, ending_of, read_reference, stem_of
from .store import FOLDER, Upload, Uploads

__all__ = [
    "ENDINGS",
    "FOLDER",
    "LIST_ENDINGS",
    "Limits",
    "Reference",
    "Upload",
    "Uploads",
    "clean_name",
    "ending_of",
    "limits_from_environment",
    "read_reference",
    "stem_of",
]
