"""Classes of image files, from folders or a table, and the order of class names."""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from adq_core.errors import InputError

SPLITS = {"dev", "test", "testing", "train", "training", "val", "valid", "validation"}
ALL = "all"  # the class of all images in a folder without subfolders
MAX_LISTED = 5  # names in one error
NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")
DIGITS = re.compile(r"([0-9]+)")


def class_order(names: Iterable[str]) -> list[str]:
    """Return class names in natural order: numbers by value (2 before 10), then texts ("class 2" before "class 10").

    A number is written with digits, with an optional sign and decimal part. Texts are compared part by part: digits by
    their value, other characters by their code points, so that capital letters are before small ones. Names that are
    equal in this order ("1", "01" and "1.0"; "a1" and "a01") are different classes, ordered by their characters.
    WordNet ids such as n01440764 keep the order of their characters, because all have the same length.
    """
    return sorted(names, key=_order_key)


def _order_key(name: str) -> tuple[bool, Decimal, list[tuple[int, str]], str]:
    if NUMBER.fullmatch(name):
        return False, Decimal(name), [], name
    parts = DIGITS.split(name)  # text, digits, text, ...: equal places of two names have the same kind
    parts[1::2] = [digits.lstrip("0") for digits in parts[1::2]]
    # Of two numbers without leading zeros, the longer one is larger. `int` refuses numbers of thousands of digits.
    return True, Decimal(0), [(len(part) if place % 2 else 0, part) for place, part in enumerate(parts)], name


def label_texts(labels: ArrayLike, name: str = "labels") -> list[str]:
    """Return one label per row as text, from an array of any usual form; "" where a row has no label.

    Text stays as it is: "01", "1" and "1.0" are three classes. Integers, and floats that are whole numbers, are written
    without decimals (3.0 gives "3"); bytes are decoded as UTF-8; truth values are "False" and "True". An array of shape
    (M, 1) is read as (M,). One-hot rows (M, C), with a single 1 among zeros, give the numbers of their classes, 0 to
    C - 1. None and NaN mean that there is no label.

    Raises
    ------
    InputError
        If the shape is another one, or the values are neither whole numbers nor text.
    """
    array = np.asarray(labels)
    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]
    if array.ndim == 2 and array.dtype.kind in "biuf" and _is_one_hot(array):
        array = array.argmax(axis=1)
    if array.ndim != 1:
        raise InputError(f"{name}: labels must have the shape (M,), (M, 1) or one-hot (M, C), got {array.shape}.")
    if array.dtype.kind not in "biufUSO":
        raise InputError(f"{name}: labels must be whole numbers or text, got {array.dtype}.")
    return [_label_text(value, name) for value in array.tolist()]


def _is_one_hot(array: NDArray[Any]) -> bool:
    return bool(((array == 0) | (array == 1)).all() and (array.sum(axis=1) == 1).all())


def _label_text(value: object, name: str) -> str:
    if isinstance(value, bytes):
        try:
            return value.decode()
        except UnicodeDecodeError:
            raise InputError(f"{name}: labels that are bytes must be UTF-8, but some are not.") from None
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, np.generic):  # in an array of Python objects
        return _label_text(value.item(), name)
    if isinstance(value, float):
        if not value.is_integer():  # also infinity
            raise InputError(f"{name}: labels must be whole numbers or text, got numbers such as {value:g}.")
        return str(int(value))
    if isinstance(value, (str, bool, int)):
        return str(value)
    raise InputError(f"{name}: labels must be whole numbers or text, got {type(value).__name__}.")


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
