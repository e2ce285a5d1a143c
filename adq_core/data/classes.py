"""Classes of image files, from folders or a table, and the order of class names."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path

from adq_core.errors import InputError

SPLITS = {"dev", "test", "testing", "train", "training", "val", "valid", "validation"}
ALL = "all"  # the class of all images in a folder without subfolders
MAX_LISTED = 5  # names in one error
NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")


def class_order(names: Iterable[str]) -> list[str]:
    """Return class names in order: numbers by value (2 before 10), then texts by their characters.

    A number is written with digits, with an optional sign and decimal part; numbers of equal value ("1", "01", "1.0")
    are different classes and are in the order of their characters. WordNet ids such as n01440764 are texts.
    """
    return sorted(names, key=_order_key)


def _order_key(name: str) -> tuple[bool, Decimal, str]:
    is_number = NUMBER.fullmatch(name) is not None
    return (not is_number, Decimal(name) if is_number else Decimal(0), name)


def assign_classes(source_name: str, names: Sequence[str], labels: Path | None) -> dict[str, str | None]:
    """Return the class of each image, from the table `labels` or else from the folders; None for an image without one.

    Raises
    ------
    InputError
        If the labels do not fit the images, or the folders are splits.
    """
    if labels is not None:
        label_of = read_labels(labels, names, source_name)
        return {name: label_of[name] for name in names}
    return classes_by_folder(names, source_name)


def classes_by_folder(names: Iterable[str], source_name: str) -> dict[str, str | None]:
    """Return the class of each file: its top folder; None for a file beside folders; "all" if there are no folders.

    Raises
    ------
    InputError
        If the folders are splits (train, test, ...) of a data set with classes.
    """
    parts = {name: name.split("/") for name in names}
    tops = sorted({path[0] for path in parts.values() if len(path) > 1})
    if not tops:
        return dict.fromkeys(parts, ALL)
    if len(tops) > 1 and {top.lower() for top in tops} <= SPLITS and all(len(path) != 2 for path in parts.values()):
        raise InputError(
            f"{source_name} has the folders {', '.join(tops)}, which are parts of a data set and not classes. Name one "
            f"of them, such as {source_name}/{tops[-1]}."
        )
    return {name: path[0] if len(path) > 1 else None for name, path in parts.items()}


def read_labels(table: Path, names: Sequence[str], source_name: str) -> Mapping[str, str]:
    """Return the label of each image from a CSV with the columns `file` (its relative path) and `label`.

    Raises
    ------
    InputError
        If the table cannot be read, names files that are not there, or has no label or two for an image.
    """
    try:
        with table.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            columns = reader.fieldnames or []
            if not {"file", "label"} <= set(columns):
                raise InputError(
                    f"{table.name} must begin with a line that names the columns file and label, with a comma between "
                    "them. It does not."  # the error never quotes the file: a link can name any file of the server
                )
            rows = [(_posix(row["file"] or ""), (row["label"] or "").strip()) for row in reader]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        reason = getattr(error, "strerror", None) or "it is not a CSV in UTF-8"
        raise InputError(
            f"{table} must be a CSV in UTF-8 with the columns file,label; reading failed: {reason}."
        ) from None
    label_of: dict[str, str] = {}
    ambiguous: list[str] = []
    for name, label in rows:
        if label_of.setdefault(name, label) != label:
            ambiguous.append(name)
    known = set(names)  # the error quotes these names only, no other text of the table
    problems = [
        f"{len(files)} {problem}" + (f" ({_some(quoted)})" if (quoted := [f for f in files if f in known]) else "")
        for files, problem in (
            (sorted(set(label_of) - known), "of its files not in the folder"),
            ([name for name in names if not label_of.get(name)], "images without a label"),
            (ambiguous, "files with two labels"),
        )
        if files
    ]
    if problems:
        raise InputError(
            f"{table.name} must give every image in {source_name} one label; there are {'; '.join(problems)}."
        )
    return label_of


def _posix(file: str) -> str:
    return file.strip().replace("\\", "/").removeprefix("./")


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:MAX_LISTED]) + (", ..." if len(names) > MAX_LISTED else "")
