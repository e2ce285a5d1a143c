"""Other orders of the files of a data set, in which a list of indices may have been made."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from adq_core.data import ImageDataset
from adq_core.errors import unknown_name
from adq_core.records import Ints

EVEN = 1.0  # images by which a class may differ from its share in a list that was balanced on purpose
UNEVEN = 3.0  # images by which a class differs at least where the order is wrong

ORDERS = {
    "numbers": "the files sorted by the number in their name, over all classes",
    "paths": "the files sorted by their whole path",
    "natural": "the files sorted by class and then by the number in their name",
    "one-based": "the order of this data set, counted from 1",
}


def rows_in_order(indices: Ints, order: str, dataset: ImageDataset) -> Ints:
    """Return the row of each index of a list that was made for another order of the files; -1: there is none.

    Raises `SettingsError` for a name that is not in `ORDERS`, or an order that the names of this data set do not have.
    """
    orders = _other_orders(dataset)
    if order not in orders:
        raise unknown_name("order of the files", order, orders)
    rows = orders[order]
    places = np.asarray(indices, np.int64) - _shift(order)
    inside = (places >= 0) & (places < len(rows))
    return np.where(inside, rows[np.where(inside, places, 0)], -1)


def fitting_order(indices: Ints, rows: Ints, dataset: ImageDataset) -> str:
    """Return the name of the other order that a list of indices was made for, as far as its classes show; else "".

    A balanced selection has its share of every class. Read in another order than the one it was made for, its classes
    differ by chance. The published evaluation of ADQ read its lists in such a wrong order.
    """
    if unevenness(rows, dataset) < UNEVEN:
        return ""
    for name in _other_orders(dataset):
        other = rows_in_order(indices, name, dataset)
        if other.min() >= 0 and unevenness(other, dataset) <= EVEN:
            return name
    return ""


def unevenness(rows: Ints, dataset: ImageDataset) -> float:
    """Return by how many images the class differs most from its share of the list."""
    counts = np.bincount(dataset.labels[rows], minlength=dataset.n_classes)
    return float(np.abs(counts - len(rows) * dataset.class_counts / len(dataset)).max())


def _shift(order: str) -> int:
    return 1 if order == "one-based" else 0


def _other_orders(dataset: ImageDataset) -> dict[str, Ints]:
    """Return the rows of the data set in other orders, by name."""
    stems = [re.findall(r"\d+", Path(name).stem) for name in dataset.ids]
    orders: dict[str, Ints] = {
        "one-based": np.arange(len(dataset)),
        "paths": np.array(sorted(range(len(dataset)), key=lambda row: dataset.ids[row]), np.int64),
    }
    if all(stems):
        numbers = np.array([int(found[-1][:18]) for found in stems])
        orders["numbers"] = np.argsort(numbers, kind="stable")
        orders["natural"] = np.lexsort((numbers, dataset.labels))
    return orders
