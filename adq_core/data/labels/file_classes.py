"""The class of each image file: from a given table, from a table in the folder, or from the folders."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from adq_core.data.pixels.decoding import UnreadableImageError
from adq_core.data.scan import Source
from adq_core.errors import InputError, SettingsError

from .classes import ALL, UNLABELLED
from .folder_classes import classes_by_folder, is_part
from .matching import Matched, Place, counted, match_labels, some
from .tables import MAX_TABLE_BYTES, label_table, table_bytes

TABLE_SUFFIXES = ("csv", "tsv", "jsonl", "ndjson")  # files of these kinds in the folder can give the labels
OTHER_TABLE = re.compile(r".*(label|annotation|categor|class|metadata|synset).*\.(json|xml|txt|parquet|xlsx?|ya?ml)")
MAX_TABLES = 10  # tables of one folder that are read
ERROR, KEEP = "error", "keep"
UNLABELLED_CHOICES = (ERROR, KEEP)  # values of the setting `unlabelled`


class OtherColumns(NamedTuple):
    """The other columns of a table, and their values by image."""

    table: str
    names: tuple[str, ...]
    values_of: Mapping[str, tuple[str, ...]]


class Read(NamedTuple):
    """What a table says about the images."""

    matched: Matched
    others: OtherColumns
    has_labels: bool


class FileClasses(NamedTuple):
    """The class of each image, by its path in the data set's folder, and notes for the user."""

    class_of: Mapping[str, str | None]  # None: it has no class and is left out
    notes: tuple[str, ...] = ()
    others: tuple[OtherColumns, ...] = ()


def assign_classes(
    source: Source, root: str, images: Sequence[str], labels: Path | None, unlabelled: str
) -> FileClasses:
    """Return the class of each image: from the table `labels`, or from the folders, or from a table in the folder.

    `images` are paths below `root`. A table in the folder gives the classes if there are no class folders and exactly
    one table has a label for every image; otherwise a note says that it is there. With `unlabelled` "keep", images
    without a label are the class "unlabelled".

    Raises
    ------
    InputError
        If the labels do not fit the images, or the folders are parts of a data set.
    SettingsError
        If images have no label and `unlabelled` is "error".
    """
    place = Place(source.name, f"{source.place}/{root}".rstrip("/"))
    keep = unlabelled == KEEP
    if labels is not None:
        matched, others, _ = _read(table_bytes(labels), labels.name, images, place)
        return FileClasses(_complete(matched, labels.name, images, place, keep=keep), matched.notes, (others,))
    if source.class_of is not None:
        own = {image: source.class_of.get(root + image) for image in images}
        if keep:
            own = {image: label or UNLABELLED for image, label in own.items()}
        return FileClasses(own, source.notes)
    class_of = classes_by_folder(images, source.name, root=root, is_folder=bool(source.directories))
    found = _tables(source, root)
    names = set(class_of.values())
    if found and len(names) == 1 and all(name is not None and (name == ALL or is_part(name)) for name in names):
        return _from_tables(source, found, images, place, class_of, keep=keep)
    read = _read_tables(source, found, images, place)
    notes = _notes_beside_folders(read, class_of)
    if keep:
        class_of = {name: label or UNLABELLED for name, label in class_of.items()}
    return FileClasses(class_of, tuple(notes), _others(read))


def is_table(file: str) -> bool:
    """Return whether a file in a folder can be a table of labels, by its name."""
    return file.lower().rpartition(".")[2] in TABLE_SUFFIXES or OTHER_TABLE.fullmatch(file.lower()) is not None


def _read(content: bytes, name: str, images: Sequence[str], place: Place, *, label_needed: bool = True) -> Read:
    table = label_table(content, name, images, label_needed=label_needed)
    matched = match_labels(table.rows, images, name, place)
    return Read(matched, OtherColumns(name, table.other_names, matched.others_of), table.has_labels)


def _others(read: Mapping[str, Read | None]) -> tuple[OtherColumns, ...]:
    """Return the other columns of the tables that name images."""
    return tuple(one.others for one in read.values() if one is not None and one.others.names)


def _complete(
    matched: Matched, table: str, images: Sequence[str], place: Place, *, keep: bool
) -> dict[str, str | None]:
    """Return the class of every image; raise `SettingsError` if one has no label and is not to be kept."""
    missing = [image for image in images if image not in matched.label_of]
    if missing and not keep:
        raise SettingsError(
            f"{table} must give every image in {place.name} a label, but {len(missing):,} of {len(images):,} have none "
            f"({some(missing)}). Add them, or choose unlabelled keep, which makes them a class of their own.",
            "unlabelled",
        )
    return {image: matched.label_of.get(image, UNLABELLED) for image in images}


def _tables(source: Source, root: str) -> list[str]:
    """Return the files in the data set's folder, and in the folders around it, that can be tables of labels."""
    folders = {"", *(f"{parent}/" for parent in map(str, PurePosixPath(root).parents)), root}
    return [
        file
        for file in sorted(source.fingerprints)
        if is_table(file) and file[: file.rfind("/") + 1] in folders and not file.rpartition("/")[2].startswith(".")
    ]


def _from_tables(
    source: Source,
    tables: Sequence[str],
    images: Sequence[str],
    place: Place,
    class_of: Mapping[str, str | None],
    *,
    keep: bool,
) -> FileClasses:
    """Return the classes from the only table with labels for all images, or one class and notes about the tables."""
    read = _read_tables(source, tables, images, place)
    useful = {table: one.matched for table, one in read.items() if one is not None and one.matched.label_of}
    whole = {table: matched for table, matched in useful.items() if keep or len(matched.label_of) == len(images)}
    if whole and all(matched.label_of == next(iter(whole.values())).label_of for matched in whole.values()):
        table, matched = next(iter(whole.items()))
        note = f"The classes are those of the table {table} in the folder."
        return FileClasses(_complete(matched, table, images, place, keep=keep), (note, *matched.notes), _others(read))
    notes = []
    for table in tables:
        if table in whole:
            notes.append(f"{table} in the folder has a label for each image, and so has another table. {_use(table)}")
        elif table in useful:
            n = len(useful[table].label_of)
            notes.append(
                f"{table} in the folder has labels for only {n:,} of {counted(len(images), 'image')}. {_use(table)}"
            )
        elif (one := read.get(table)) is not None and not one.has_labels and one.others.names:
            continue  # a table of other columns only
        elif table in read:
            notes.append(
                f"{table} in the folder is not used: it must have the path of an image and its label in each row, in "
                "columns named file and label."
            )
        else:
            notes.append(
                f"{table} in the folder may have labels, but is not read. Write them to a CSV with the columns "
                "file and label, and name it as the table of labels."
            )
    return FileClasses(class_of, tuple(notes), _others(read))


def _notes_beside_folders(read: Mapping[str, Read | None], class_of: Mapping[str, str | None]) -> list[str]:
    """Return notes about tables whose labels differ from the class folders."""
    notes = []
    for table, one in read.items():
        if one is None:
            continue
        n = sum(label != class_of[image] for image, label in one.matched.label_of.items())
        if n:
            notes.append(
                f"{table} in the folder gives {counted(n, 'image')} another label than the folder. The folders are "
                f"used. {_use(table)}"
            )
    return notes


def _use(table: str) -> str:
    return f"To use {table}, name it as the table of labels."


def _read_tables(source: Source, tables: Sequence[str], images: Sequence[str], place: Place) -> dict[str, Read | None]:
    """Return what each table of a known kind says about the images; None where it has no such columns or rows."""
    read: dict[str, Read | None] = {}
    for table in [file for file in tables if file.lower().rpartition(".")[2] in TABLE_SUFFIXES][:MAX_TABLES]:
        try:
            content = source.read_bytes(table)
            is_large = len(content) > MAX_TABLE_BYTES
            read[table] = None if is_large else _read(content, table, images, place, label_needed=False)
        except (InputError, OSError, UnreadableImageError):
            read[table] = None
    return read
