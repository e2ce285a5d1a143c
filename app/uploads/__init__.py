"""Uploaded files: their names, their limits, and the folder that holds them. No Streamlit in here."""

from .limits import Limits, limits_from_environment
from .names import (
    ENDINGS,
    LIST_ENDINGS,
    Reference,
    clean_name,
    ending_of,
    read_handles,
    read_reference,
    stem_of,
    write_handles,
)
from .pictures import MAX_PICTURE_BYTES, PICTURE_ENDINGS, Picture, read_picture
from .store import FOLDER, Upload, Uploads

__all__ = [
    "ENDINGS",
    "FOLDER",
    "LIST_ENDINGS",
    "MAX_PICTURE_BYTES",
    "PICTURE_ENDINGS",
    "Limits",
    "Picture",
    "Reference",
    "Upload",
    "Uploads",
    "clean_name",
    "ending_of",
    "limits_from_environment",
    "read_handles",
    "read_picture",
    "read_reference",
    "stem_of",
    "write_handles",
]
