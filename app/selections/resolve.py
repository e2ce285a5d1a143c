"""The two sides of a comparison: what a link names, resolved to rows of the present data set."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from adq_core import Run, Settings
from adq_core.errors import InputError
from adq_core.records import Ints
from adq_core.selection import ManualSelection, SavedSelection, ids_digest, ids_of, random_rows, rows_of
from app import server, session
from app.state import link_check, settings_widgets, widget_sync
from app.text.format import percent

from . import links as selection_links
from .links import Spec


@dataclass(frozen=True, eq=False)
class Side:
    """One of the compared selections: its rows, a short description, and its settings if it has any."""

    title: str
    rows: Ints
    run: Run | None = None  # of the settings that give it
    notes: list[str] = field(default_factory=list)


def resolve(spec: Spec, run: Run, size: int, kept: dict[str, SavedSelection]) -> Side:
    """Return the rows that a spec names; what is not computed yet shows a bar. `size` is that of a random draw."""
    if spec.kind == "random":
        return Side(f"a random draw, seed {spec.seed}", random_rows(len(run.dataset), size, seed=spec.seed))
    if spec.kind == "rows":
        return _by_hand(spec, run, kept)
    settings = spec.settings(run.settings)
    assert settings is not None
    own = Run(settings, session.store(), dataset=run.dataset)
    session.require(own, "scores", "draw_order")
    rows = own.selection.indices
    named = kept_as(spec, run, kept)
    notes = []
    if named is not None and named.digest != ids_digest(ids_of(run.dataset, rows)):
        notes.append(changed(named, len(rows)))
    titles = {"now": "the present settings", "uniform": "the uniform rule", "held": "held settings"}
    return Side(f"“{named.name}” (saved selection)" if named else titles[spec.kind], rows, own, notes)


def _by_hand(spec: Spec, run: Run, kept: dict[str, SavedSelection]) -> Side:
    picked = picked_of(spec.digest)
    rows = rows_of(picked, run.dataset)
    named = kept_as(spec, run, kept)
    notes = []
    if picked.dataset_key != run.dataset.key:
        notes.append(
            f"These images were selected in other data, or the data have changed since then: {len(rows):,} of "
            f"{len(picked.ids):,} are here by their ids."
        )
    return Side(f"“{named.name}” (saved selection)" if named else "a manual selection", rows, None, notes)


def picked_of(digest: str) -> ManualSelection:
    """Return the manual selection with this digest. Raises `InputError` if this server does not have it."""
    picked = server.library().get(ManualSelection, digest)
    if picked is None:
        raise InputError(
            "The ids of a manual selection must be in this server's data folder, but these are not: the folder "
            "was deleted, or the link is from another machine. Select them again."
        )
    return picked


def changed(choice: SavedSelection, n_now: int) -> str:
    """Return the sentence that a selection is not the same as when it was saved."""
    return (
        f"**“{choice.name}” is not the same as when it was saved**: then {choice.n_images:,} images, now {n_now:,}, "
        "and not the same ones. The data or the program have changed since then."
    )


def kept_as(spec: Spec, run: Run, kept: dict[str, SavedSelection]) -> SavedSelection | None:
    """Return the newest saved selection that this spec names, or None."""
    for choice in reversed(kept.values()):
        if selection_links.read(spec_of(choice)) == spec and (spec.kind == "rows" or same_data(choice, run.settings)):
            return choice
    return None


def spec_of(choice: SavedSelection) -> str:
    """Return the name of a saved selection in a link."""
    return f"rows:{choice.digest}" if choice.manual else selection_links.held(choice.settings)


def same_data(choice: SavedSelection, settings: Settings) -> bool:
    """Return whether a saved selection belongs to the data set of these settings, by its name."""
    return (choice.settings.dataset, choice.settings.labels) == (settings.dataset, settings.labels)


def in_short(settings: Settings) -> str:
    """Return the most important settings in one line."""
    return (
        f"rule {settings.rule}, alpha {settings.alpha:g}, keep ratio {percent(settings.keep_ratio)}, "
        f"{settings.n_bins} bins, {shown('embeddings', settings.embeddings)}"
    )


def shown(name: str, value: Any) -> str:
    """Return a setting's value as text: shares as percentages, of a path the last part."""
    if name in ("keep_ratio", "patch_keep_ratio"):
        return percent(value)
    if isinstance(value, float):
        return f"{value:g}"
    return "none" if value is None else str(value).replace("\\", "/").rsplit("/", 1)[-1]


def move_to(settings: Settings) -> None:
    """Move every widget of the sidebar; to be called from a callback."""
    for name in link_check.SPECS:
        value = getattr(settings, name)
        if name in settings_widgets.SLIDERS:
            value = max(settings_widgets.lowest(name), value)
        widget_sync.set_widgets(**{name: "" if value is None else value})
