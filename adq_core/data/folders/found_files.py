"""The files of a source: which are images, which are formats that are not read, and which are counted as others."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from adq_core.data.labels.file_classes import is_table
from adq_core.data.labels.matching import counted
from adq_core.data.pixels.formats import SUFFIXES, UNSUPPORTED_SUFFIXES, count_suffixes, is_image_head, suffix
from adq_core.data.scan import Source, read_head
from adq_core.errors import InputError

DATASET_SUFFIXES = ("npy", "npz", "parquet", "zip", "tar", "tgz", "gz")  # files that are a data set by themselves
USUAL_SUFFIX = re.compile(r"[a-z][a-z0-9]{0,7}")  # other endings are part of the name: "IMG.1", "photo.jpg_large"


class FoundFiles(NamedTuple):
    """The image files of a source, sorted, and a sentence about the other files ("" if there are none)."""

    images: list[str]
    unsupported: list[str]  # of image formats that are not read
    others: str


def find_images(source: Source) -> FoundFiles:
    """Return the image files of a source, without hidden ones. Raises `InputError` if there are none.

    A file is an image by its ending. A file without an ending is one if its first bytes are those of an image.
    """
    files = sorted(source.fingerprints)
    visible = [file for file in files if not hidden(file)]
    images = [file for file in visible if _is_image(source, file)]
    unsupported = [file for file in visible if suffix(file) in UNSUPPORTED_SUFFIXES]
    if not images:
        raise _no_images(source, visible, unsupported)
    others = set(visible).difference(images, unsupported)
    hidden_images = [file for file in files if hidden(file) and _is_hidden_image(file)]
    return FoundFiles(images, unsupported, _others_sentence(others, len(hidden_images)))


def relevant_fingerprints(source: Source) -> dict[str, str]:
    """Return the fingerprints of all files that the data set depends on by relative path, sorted.

    They are the images, also of formats that are not read, the files without an ending, and the tables.
    """
    return {
        file: text
        for file, text in sorted(source.fingerprints.items())
        if not hidden(file) and (_is_candidate(file) or suffix(file) in UNSUPPORTED_SUFFIXES or is_table(file))
    }


def hidden(file: str) -> bool:
    """Return whether a file, or a folder above it, begins with a dot or is the `__MACOSX` of an archive."""
    return any(part.startswith(".") or part == "__MACOSX" for part in file.split("/"))


def _is_candidate(file: str) -> bool:
    ending = suffix(file)
    return ending in SUFFIXES or not USUAL_SUFFIX.fullmatch(ending)


def _is_image(source: Source, file: str) -> bool:
    return suffix(file) in SUFFIXES or (_is_candidate(file) and is_image_head(read_head(source, file)))


def _is_hidden_image(file: str) -> bool:
    parts = file.split("/")
    return suffix(file) in SUFFIXES and "__MACOSX" not in parts and not parts[-1].startswith("._")


def _others_sentence(others: Iterable[str], n_hidden: int) -> str:
    """Return a sentence with the numbers of the files that are not taken, by ending."""
    files = list(others)
    parts = []
    if files:
        parts.append(f"{counted(len(files), 'other file')} ({count_suffixes(files)})")
    if n_hidden:
        parts.append(f"{counted(n_hidden, 'hidden image')} (a name that begins with a dot)")
    return f"Not taken as images: {' and '.join(parts)}." if parts else ""


def _no_images(source: Source, files: list[str], unsupported: list[str]) -> InputError:
    if unsupported:
        return InputError(
            f"{source.name} has no image files of a format that is read, but files of other formats: "
            f"{count_suffixes(unsupported)}. Convert them to .png or .jpg."
        )
    others = f" It has {len(files)} other files, such as {files[0]}." if files else ""
    datasets = [file for file in files if suffix(file) in DATASET_SUFFIXES]
    if datasets:
        instead = f"name that file instead of {source.name}" if source.directories else f"unpack {source.name} first"
        advice = f"To open {datasets[0]}, {instead}."
    else:
        advice = (
            f"Images end in {', '.join(SUFFIXES)}; put one subfolder per class, or the images themselves, into the "
            "folder."
        )
    return InputError(f"{source.name} has no image files.{others} {advice}")
