"""The class of each image from its folder, and the folders that are parts of a data set and not classes."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from adq_core.errors import InputError

from .classes import ALL

SPLIT = r"(train|training|test|testing|val|valid|validation|dev|eval|evaluation|unlabell?ed|extra)"
CONTENT = (
    r"(images?|imgs?|img|jpegimages|jpgs?|pngs?|pictures?|labels?|masks?|annotations?|segmentations?|segmentationclass|"
    r"segmentationobject|ground ?truths?|gt|targets?|depths?)"
)
PART = re.compile(rf"(({SPLIT}|{CONTENT})( ?(set|sets|data|split|images?|imgs?|masks?|labels?|[0-9]+))*)")
PREFERRED = ("train", "training", "images", "image")  # the part that an error proposes


def classes_by_folder(
    names: Iterable[str], source_name: str, *, root: str = "", is_folder: bool = True
) -> dict[str, str | None]:
    """Return the class of each file: its top folder; None for a file beside folders; "all" if there are no folders.

    The names are paths below `root` in the source; errors use both names.

    Raises
    ------
    InputError
        If there are several folders and all of them have names of parts: splits (`train`, `test`, `val2017`), or images
        beside labels and masks.
    """
    parts = {name: name.split("/") for name in names}
    tops = sorted({path[0] for path in parts.values() if len(path) > 1})
    if not tops:
        return dict.fromkeys(parts, ALL)
    if len(tops) > 1 and all(map(is_part, tops)):
        raise parts_error(f"{source_name}/{root}".rstrip("/"), tops, is_folder=is_folder)
    return {name: path[0] if len(path) > 1 else None for name, path in parts.items()}


def is_part(folder: str) -> bool:
    """Return whether a folder has the name of a part of a data set, such as `train`, `val2017` or `labels`."""
    return PART.fullmatch(re.sub(r"[\s_.\-]+", " ", folder.casefold()).strip()) is not None


def parts_error(place: str, tops: Collection[str], *, is_folder: bool) -> InputError:
    """Return the error for a data set whose folders are parts, with the ways out."""
    first = min(tops, key=lambda top: next((i for i, name in enumerate(PREFERRED) if top.lower().startswith(name)), 99))
    name = f"{place}/{first}"
    way = f"Name one of them, such as {name}" if is_folder else f"Unpack it and name one of them, such as {name}"
    return InputError(
        f"{place} has the folders {', '.join(sorted(tops))}, which are parts of a data set and not classes. "
        f"{way}; or give a table of labels for all of them."
    )
