"""Filters applied to a run: which images match, and what must be computed before."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from adq_core.filters import Filter, matching_rows
from adq_core.pipeline import Run

from .records import Bools
from .run_columns import (
    SLOW,
    folded_ids,
    has_margins,
    number_columns,
    numbers_of,
    slow_column,
    text_columns,
    texts_of,
)


def mask(run: Run, filter: Filter) -> Bools:
    """Return which images match the filter, (M,) bool; missing stages and slow columns are computed.

    Parts that do not apply to the data set leave no image out: see `applicable`.
    """
    filter, _ = applicable(run, filter)
    data = run.dataset
    columns: dict[str, Any] = {name: numbers_of(run, name) for name in filter.ranges}
    columns |= {name: texts_of(run, name) for name in filter.values}
    if filter.bins:
        columns["bin"] = run.bins.bin_of
    if filter.selected is not None:
        columns["selected"] = run.selection.selected
    if filter.doubtful is not None:
        columns["doubtful"] = slow_column(run, "margin") < 0
    if filter.duplicate is not None:
        columns["duplicate"] = slow_column(run, "duplicate") >= 0
    return matching_rows(
        filter,
        len(data),
        labels=data.labels,
        class_names=data.class_names,
        folded_ids=folded_ids(data) if filter.text else (),
        columns=columns,
    )


def applicable(run: Run, filter: Filter) -> tuple[Filter, list[str]]:
    """Return the filter without the parts that this data set cannot have, and one sentence for each of them.

    A filter from a link, or from another data set, can name classes, bins and columns that this one does not have.
    """
    data, notes = run.dataset, []
    unknown = filter.classes - set(data.class_names)
    if unknown:
        filter = replace(filter, classes=filter.classes - unknown)
        notes.append(_ignored(f"{_counted(len(unknown), 'class', 'classes')}", data.name))
    bins = {number for number in filter.bins if number >= run.settings.n_bins}
    if bins:
        filter = replace(filter, bins=filter.bins - bins)
        notes.append(f"The filter names {_counted(len(bins), 'bin', 'bins')} above the last one, which is ignored.")
    numbers = number_columns(run)
    for name in filter.ranges:
        if name not in numbers:
            filter = filter.without(name)
            notes.append(_ignored("a column of numbers", data.name))
    texts = text_columns(run)
    for name in filter.values:
        if name not in texts:
            filter = filter.without(name)
            notes.append(_ignored("a column of texts", data.name))
    if filter.doubtful is not None and not has_margins(data):
        filter = replace(filter, doubtful=None)
        notes.append(_ignored("label doubts", data.name))
    return filter, notes


def needs(run: Run, filter: Filter) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the stages and the slow columns that an applicable filter reads, by name."""
    numbers = number_columns(run)
    stages = {stage for name in filter.ranges for stage in numbers[name].stages}
    slow = {name for name in filter.ranges if name in SLOW}
    if filter.bins:
        stages.add("bins")
    if filter.selected is not None:
        stages |= {"scores", "draw_order"}
    if filter.doubtful is not None:
        stages.add("embeddings")
        slow.add("margin")
    if filter.duplicate is not None:
        slow.add("duplicate")
    return tuple(sorted(stages)), tuple(sorted(slow))


def _ignored(part: str, name: str) -> str:
    return f"The filter names {part} that {name} does not have; this part is ignored."


def _counted(n: int, one: str, many: str) -> str:
    return f"a {one}" if n == 1 else f"{n:,} {many}"
