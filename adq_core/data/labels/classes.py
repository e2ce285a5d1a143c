"""Labels as text, and the order of class names."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from adq_core.errors import InputError

ALL = "all"  # the class of all images in a folder without subfolders
MAX_LISTED = 3  # groups of names in one note
UNLABELLED = "unlabelled"  # the class of images without a label, if they are kept
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


def similar_names_note(names: Iterable[str], kind: str) -> list[str]:
    """Return a sentence for the user if names differ only in Unicode form or capital letters; they stay apart."""
    groups: dict[str, list[str]] = {}
    for name in sorted(names):
        groups.setdefault(equal_form(name), []).append(name)
    similar = [" and ".join(repr(name) for name in group) for group in groups.values() if len(group) > 1]
    if not similar:
        return []
    listed = "; ".join(similar[:MAX_LISTED]) + ("; ..." if len(similar) > MAX_LISTED else "")
    return [f"These {kind} look alike, but differ in capital letters or Unicode form and stay apart: {listed}."]


def equal_form(name: str) -> str:
    """Return a form that is equal for names that differ only in capital letters or Unicode form."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())
