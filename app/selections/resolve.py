"""The two compared selections: from a link to the rows of the open data set."""

from __future__ import annotations

from dataclasses import dataclass, field

from adq_core import Run, Settings
from adq_core.errors import InputError
from adq_core.id_lists import ids_of_text
from adq_core.records import Ints
from adq_core.selection import ManualSelection, SavedSelection, ids_digest, ids_of, random_rows, rows_of
from adq_core.settings import ID_LISTS, NAMES_OF_FILES
from app import server, session
from app.state import hand_lists, link_check, settings_widgets, widget_sync
from app.text import strategies
from app.text.format import percent
from app.text.setting_names import value_text

from . import links as selection_links
from . import visible_files
from .links import SelectionLink


@dataclass(frozen=True, eq=False)
class ComparedSelection:
    """One of the two compared selections: a short description, its rows, and the run of its settings if it has any."""

    title: str
    rows: Ints
    run: Run | None = None  # None for a random or manual selection
    notes: list[str] = field(default_factory=list)


def resolve(spec: SelectionLink, run: Run, size: int, saved: dict[str, SavedSelection]) -> ComparedSelection:
    """Return the selection that a link names; draws a progress bar while its stages are computed.

    `size` is the number of images of a random selection.
    """
    if spec.kind == "random":
        rows = random_rows(len(run.dataset), size, seed=spec.seed)
        return ComparedSelection(f"a random selection, seed {spec.seed}", rows)
    if spec.kind == "rows":
        return _resolve_manual(spec, run, saved)
    settings = spec.settings(run.settings)
    assert settings is not None
    own = Run(settings, session.store(), dataset=run.dataset)
    session.require(own, "scores", "draw_order")
    rows = own.selection.indices
    named = saved_as(spec, run, saved)
    notes = []
    if named is not None and named.digest != ids_digest(ids_of(run.dataset, rows)):
        notes.append(changed_sentence(named, len(rows)))
    titles = {
        "now": "the present settings",
        "uniform": "the uniform rule",
        "strategy": f"the strategy {spec.strategy}",
        "held": "fixed settings",
    }
    return ComparedSelection(f"“{named.name}” (saved selection)" if named else titles[spec.kind], rows, own, notes)


def _resolve_manual(spec: SelectionLink, run: Run, saved: dict[str, SavedSelection]) -> ComparedSelection:
    manual = manual_selection_of(spec.digest)
    rows = rows_of(manual, run.dataset)
    named = saved_as(spec, run, saved)
    notes = []
    if manual.dataset_key != run.dataset.key:
        notes.append(
            f"These images were selected in another data set, or the data set has changed since then: it contains "
            f"{len(rows):,} of the {len(manual.ids):,} ids."
        )
    return ComparedSelection(f"“{named.name}” (saved selection)" if named else "a manual selection", rows, None, notes)


def manual_selection_of(digest: str) -> ManualSelection:
    """Return the manual selection with this digest. Raises `InputError` if this server does not have it."""
    manual = server.library().get(ManualSelection, digest)
    if manual is None:
        raise InputError(
            "The ids of a manual selection must be in this server's data folder, but these are not: the folder "
            "was deleted, or the link is from another machine. Select them again."
        )
    return manual


def changed_sentence(saved: SavedSelection, n_now: int) -> str:
    """Return the sentence that a selection is not the same as when it was saved."""
    return (
        f"“{saved.name}” is not the same as when it was saved: then {saved.n_images:,} images, now {n_now:,}, "
        "and not the same ones. The data or the program have changed since then."
    )


def saved_as(spec: SelectionLink, run: Run, saved: dict[str, SavedSelection]) -> SavedSelection | None:
    """Return the newest saved selection that this link names, or None."""
    for selection in reversed(saved.values()):
        if read_link(link_of(selection)) == spec and (spec.kind == "rows" or same_data(selection, run.settings)):
            return selection
    return None


def read_link(text: str) -> SelectionLink:
    """Return the selection that a text in a link names, with the paths of files on this server."""
    return selection_links.read(text, visible_files.with_real_names)


def settings_link(settings: Settings) -> str:
    """Return the text that names the selection of these settings, without paths that only the server knows."""
    return selection_links.settings_link(visible_files.shown_settings(settings))


def link_of(saved: SavedSelection) -> str:
    """Return the text that names a saved selection in a link."""
    return f"rows:{saved.digest}" if saved.manual else settings_link(saved.settings)


def same_data(saved: SavedSelection, settings: Settings) -> bool:
    """Return whether a saved selection belongs to the data set of these settings, by its name."""
    names = ("dataset", "labels", "unlabelled")
    return all(getattr(saved.settings, name) == getattr(settings, name) for name in names)


def short_description(settings: Settings) -> str:
    """Return the most important settings in one line."""
    how = strategies.short(settings.strategy, settings.rule, settings.alpha)
    return (
        f"{how}, keep ratio {percent(settings.keep_ratio)}, "
        f"{settings.n_bins} bins, {value_text('embeddings', settings.embeddings)}"
    )


def set_all_widgets(settings: Settings) -> None:
    """Set every widget of the sidebar to these settings; to be called from a callback."""
    for name in link_check.SPECS:
        value = getattr(settings, name)
        if name in NAMES_OF_FILES:
            value = visible_files.shown_name(value)
        if name in settings_widgets.SLIDERS:
            value = max(settings_widgets.lowest(name), value)
        if name in ID_LISTS:
            value = hand_lists.text_of(ids_of_text(value))
        widget_sync.set_widgets(**{name: "" if value is None else value})
