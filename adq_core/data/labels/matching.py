"""The label of each image from the rows of a table, whose paths may be written in another way than those of the set."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from adq_core.errors import InputError

from .classes import equal_form
from .tables import LabelRow

MAX_LISTED = 5  # names in one error
EQUAL_FORMS: tuple[Callable[[str], str], ...] = (  # forms in which two names are compared, one after the other
    str,
    lambda text: unicodedata.normalize("NFC", text),
    equal_form,
)


class Place(NamedTuple):
    """The folder or archive whose images are labelled."""

    name: str
    path: str  # of the folder in which the data set begins


class Matched(NamedTuple):
    """The labels that were found for images, and what a user must know about the way they were found."""

    label_of: dict[str, str]
    notes: tuple[str, ...]
    others_of: dict[str, tuple[str, ...]]  # the values of the other columns of the table, of the first row of an image


class _Names:
    """Images by their names in each of the equal forms; a name that two images have leads to none."""

    def __init__(self, keys: Iterable[tuple[str, str]]) -> None:
        self._found: list[dict[str, str | None]] = [{} for _ in EQUAL_FORMS]
        for key, image in keys:
            for form, found in zip(EQUAL_FORMS, self._found, strict=True):
                if found.setdefault(form(key), image) != image:
                    found[form(key)] = None

    def find(self, key: str, level: int) -> str | None:
        """Return the image with this name in the form of this level, or None."""
        return self._found[level].get(EQUAL_FORMS[level](key))

    def has(self, key: str) -> bool:
        """Return whether an image has this name in any form."""
        return any(self.find(key, level) is not None for level in range(len(EQUAL_FORMS)))


def match_labels(rows: Sequence[LabelRow], images: Sequence[str], table: str, place: Place) -> Matched:
    """Return the label of each image that a table names, and notes.

    Paths in the table can be relative to the folder, or have one further path before that (an absolute path, or the
    name of the folder); they can lack the folders of an image, or its ending, where only one image fits. Upper and
    lower case and the Unicode form of a name can differ where only one image fits. The first of these ways that labels
    most images is used for the whole table; all but the first are noted. Rows of other files are counted in a note.

    Raises
    ------
    InputError
        If no row names an image, the same way fits several folders, or an image has two labels.
    """
    entries: dict[str, list[LabelRow]] = {}
    for row in rows:
        entries.setdefault(_normal_path(row.file), []).append(row)
    best = next((way for way in _ways(list(entries), images, table, place) if way.image_of), None)
    if best is None:
        raise InputError(
            f"{table} has {counted(len(entries), 'path')}, but none is that of an image in {place.name}. Write the "
            f"paths relative to {place.name}, such as {images[0]}."
        )
    label_of = _labels(best.image_of, entries, table, place)
    notes = [*best.notes, *_form_notes(best, table)]
    n_others = len(entries) - best.n_entries
    if n_others:
        notes.append(f"{table} also has labels for {counted(n_others, 'path')} without an image in {place.name}.")
    others_of = {image: entries[named[0]][0].others for image, named in best.image_of.items()}
    return Matched(label_of, tuple(notes), others_of)


class _Way(NamedTuple):
    """One way to read the paths of a table."""

    image_of: dict[str, list[str]]  # image: its entries in the table
    n_entries: int
    n_other_forms: int  # images that were found in another form of their name
    notes: tuple[str, ...]


def _ways(entries: list[str], images: Sequence[str], table: str, place: Place) -> Iterable[_Way]:
    """Yield the ways to read the paths of a table, the most literal one first.

    If no path of the table has a folder, all names are compared with those of the images without their folders.
    """
    if any("/" in image for image in images) and not any("/" in entry for entry in entries):
        yield from _shorter_ways(entries, images, table)
    whole = _Names((image, image) for image in images)
    yield _way({entry: entry for entry in entries}, whole)
    yield from _prefix_ways(entries, whole, table, place)
    yield from _shorter_ways(entries, images, table)


def _shorter_ways(entries: list[str], images: Sequence[str], table: str) -> Iterable[_Way]:
    """Yield the ways to compare a part of the path of each image: without folders, then without folders and ending."""
    same = {entry: entry for entry in entries}
    tails = _Names((_tail(image, n), image) for image in images for n in range(image.count("/") + 1))
    yield _way(same, tails, f"{table} names files without all of their folders; for each name there is one image.")
    stems = _Names((_tail(_without_ending(image), n), image) for image in images for n in range(image.count("/") + 1))
    yield _way(same, stems, f"{table} names files without their endings; for each name there is one image.")


def _prefix_ways(entries: list[str], whole: _Names, table: str, place: Place) -> Iterable[_Way]:
    """Yield the ways to leave out the first folders of the paths of a table, if they name the folder or are all equal.

    Raises
    ------
    InputError
        If the paths fit the images below several folders, so that a label could be that of another file.
    """
    prefixes: Counter[str] = Counter()
    for entry in entries:
        if whole.has(entry):
            continue
        depth = next((n for n in range(1, entry.count("/") + 1) if whole.has(_tail(entry, n))), None)
        if depth is not None:
            prefixes[_head(entry, depth)] += 1
    own = [prefix for prefix in prefixes if prefix == place.path] or [
        prefix for prefix in prefixes if prefix.rsplit("/", 1)[-1] in (place.name, place.path.rsplit("/", 1)[-1])
    ]
    possible = own or list(prefixes)
    if len(possible) > 1:
        raise InputError(
            f"The paths in {table} fit images of {place.name} below {len(possible)} different folders, so their "
            f"meaning is not clear. Write the paths relative to {place.name}."
        )
    for prefix in possible:
        cut = len(prefix) + 1
        note = f"The first folders of the paths in {table} were left out, to find the files in {place.name}."
        yield _way({e: e[cut:] for e in entries if e.startswith(prefix + "/")}, whole, *(() if own else (note,)))


def _way(key_of: dict[str, str], names: _Names, *notes: str) -> _Way:
    """Return the images that the keys of the entries name; the literal form of a name comes first."""
    image_of: dict[str, list[str]] = {}
    left, n_other_forms = list(key_of), 0
    for level in range(len(EQUAL_FORMS)):
        found = {entry: image for entry in left if (image := names.find(key_of[entry], level)) is not None}
        new = {entry: image for entry, image in found.items() if image not in image_of}
        for entry, image in new.items():
            image_of.setdefault(image, []).append(entry)
        n_other_forms += len(set(new.values())) if level else 0
        left = [entry for entry in left if entry not in new]
    return _Way(image_of, len(key_of) - len(left), n_other_forms, notes)


def _labels(
    image_of: dict[str, list[str]], entries: dict[str, list[LabelRow]], table: str, place: Place
) -> dict[str, str]:
    label_of: dict[str, str] = {}
    ambiguous = []
    for image, named in image_of.items():
        labels = {row.label for entry in named for row in entries[entry]} - {""}
        if len(labels) > 1:
            ambiguous.append(image)
        elif labels:
            label_of[image] = labels.pop()
    if ambiguous:
        raise InputError(
            f"{table} must give every image in {place.name} one label, but gives {counted(len(ambiguous), 'image')} "
            f"several ({some(ambiguous)}). Leave one row for each image."
        )
    return label_of


def _form_notes(way: _Way, table: str) -> list[str]:
    if not way.n_other_forms:
        return []
    return [
        f"{table} writes the names of {counted(way.n_other_forms, 'file')} in another Unicode form or with other "
        "capital letters than the folder; for each of them there is one image."
    ]


def counted(n: int, noun: str) -> str:
    """Return a number and its noun, in the plural unless the number is 1."""
    return f"{n:,} {noun}{'' if n == 1 else 's'}"


def some(names: Sequence[str]) -> str:
    """Return the first names, separated by commas."""
    return ", ".join(names[:MAX_LISTED]) + (", ..." if len(names) > MAX_LISTED else "")


def _normal_path(file: str) -> str:
    parts = file.replace("\\", "/").removeprefix("file://").split("/")
    kept = [part for place, part in enumerate(parts) if part not in ("", ".") or (place == 0 and part == "")]
    return "/".join(kept)


def _tail(path: str, n: int) -> str:
    """Return a path without its first `n` parts."""
    return path.split("/", n)[-1]


def _head(path: str, n: int) -> str:
    """Return the first `n` parts of a path."""
    return "/".join(path.split("/", n)[:n])


def _without_ending(path: str) -> str:
    folder, slash, name = path.rpartition("/")
    return folder + slash + (name.rpartition(".")[0] or name)
