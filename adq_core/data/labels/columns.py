"""The columns of a table of labels: which one has the files, and which one the labels."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from adq_core.errors import InputError

FILE_COLUMNS = (
    "file", "filename", "filepath", "path", "image", "imagename", "imagepath", "imagefile", "imageid", "img", "imgname",
    "imgpath", "imgid", "name", "fname", "relativepath", "fullpath", "id",
)  # fmt: skip
LABEL_COLUMNS = (
    "label", "labels", "labelname", "class", "classname", "classlabel", "category", "categoryname", "target", "species",
    "breed", "tag", "classid", "labelid", "categoryid", "classindex", "labelindex",
)  # fmt: skip


class LabelColumns(NamedTuple):
    """The numbers of the two columns; `headless` if the first line is a row, because it names a file of the set."""

    file: int
    label: int  # -1: the table has none
    headless: bool = False


def normal_name(column: str) -> str:
    """Return a column name in small letters, without spaces, `_`, `-` and `.`: "File Name" is "filename"."""
    return re.sub(r"[\s_.\-]+", "", column.casefold())


def find_columns(
    header: Sequence[str],
    rows: Sequence[tuple[int, list[str]]],
    name: str,
    images: Iterable[str],
    *,
    label_needed: bool = True,
) -> LabelColumns:
    """Return the columns of the files and of the labels.

    The names `file` and `label` are decisive. Otherwise one column must have one of the usual names of files
    (`FILE_COLUMNS`) and one of labels (`LABEL_COLUMNS`), in any case and with any spaces. Among several columns for
    files, the one with the names of the images is taken; among several for labels that divide the rows in the same way,
    such as `class_id` and `class_name`, the first one that is not all numbers. In a table of two columns, one known
    column is enough. Unless `label_needed`, the column of the labels can be missing.

    Raises
    ------
    InputError
        If no column, or more than one, can have the files or the labels.
    """
    names = [normal_name(column) for column in header]
    stems = {_stem(image) for image in images}
    file = _file_column(names, rows, stems, name)
    label = _label_column(names, rows, name)
    if not label_needed and file is not None:
        return LabelColumns(file, -1 if label is None else label)
    if len(header) == 2:
        if file is None and label is None:
            matching = [place for place in (0, 1) if _stem(header[place]) in stems]
            if len(matching) == 1:
                return LabelColumns(matching[0], 1 - matching[0], headless=True)
        if file is None and label is not None:
            file = 1 - label
        elif label is None and file is not None:
            label = 1 - file
    if file is None or label is None:
        missing = " and ".join(
            text for column, text in ((file, "file (the path of an image)"), (label, "label")) if column is None
        )
        raise InputError(
            f"{name} has no column {missing}. It must begin with a line that names the columns file and label, with a "
            "comma, semicolon or tab between them."
        )
    return LabelColumns(file, label)


def _file_column(names: list[str], rows: Sequence[tuple[int, list[str]]], stems: set[str], name: str) -> int | None:
    places = _candidates(names, FILE_COLUMNS)
    if len(places) < 2:
        return places[0] if places else None
    found = [sum(len(cells) > place and _stem(cells[place]) in stems for _, cells in rows) for place in places]
    best = [place for place, count in zip(places, found, strict=True) if count == max(found)]
    best = [place for place in best if names[place] != "id"] or best  # both can name the same files, as in an export
    return best[0] if len(best) == 1 else _refuse(names, best, name, "file")


def _label_column(names: list[str], rows: Sequence[tuple[int, list[str]]], name: str) -> int | None:
    places = _candidates(names, LABEL_COLUMNS)
    if len(places) < 2:
        return places[0] if places else None
    columns = {place: [cells[place] if len(cells) > place else "" for _, cells in rows] for place in places}
    first = columns[places[0]]
    for other in columns.values():
        pairs = set(zip(first, other, strict=True))
        if not len(pairs) == len(set(first)) == len(set(other)):
            return _refuse(names, places, name, "label")
    texts = [place for place in places if not all(cell.isdecimal() for cell in columns[place])]
    return (texts or places)[0]


def _candidates(names: list[str], known: Sequence[str]) -> list[int]:
    exact = [place for place, column in enumerate(names) if column == known[0]]
    return exact or [place for place, column in enumerate(names) if column in known]


def _refuse(names: list[str], places: list[int], name: str, wanted: str) -> int:
    listed = ", ".join(names[place] for place in places)  # known names only: no other text of the file is quoted
    raise InputError(
        f"{name} has several columns that can be the column {wanted}: {listed}. Name one of them {wanted}, or leave "
        "the others out."
    )


def _stem(file: str) -> str:
    """Return the file name in small letters, without folders and ending."""
    last = file.replace("\\", "/").rsplit("/", 1)[-1].casefold()
    return last.rpartition(".")[0] or last
