"""Selections as a link names them, and the settings on which a selection depends.

    now                          the settings of the sidebar
    uniform                      the settings of the sidebar, with ADQ and the uniform rule
    strategy:k-centre            the settings of the sidebar, with another strategy
    random:7                     a random selection of the same size as A, with this seed
    held:alpha=0.3&n_bins=5      fixed settings: those that have an effect on a selection and differ from the defaults
    rows:9f86d081884c7d65...     a manual selection, by the digest of its ids

A link can contain any text. A text that cannot be read gives a `SelectionLink` of the kind "uniform", with a sentence
in `problem`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any
from urllib.parse import parse_qsl, quote

from adq_core import Settings
from adq_core.dependencies import DEPENDENCIES
from adq_core.errors import AdqError, SettingsError
from adq_core.id_lists import ids_of_text
from adq_core.selection import is_digest
from adq_core.settings import ID_LISTS
from adq_core.strategies import ADQ, STRATEGIES
from app.state import hand_lists
from app.text.setting_names import error_text

NOW, UNIFORM = "now", "uniform"
MAX_SEED = 2**32 - 1


@dataclass(frozen=True)
class SelectionLink:
    """A selection as a link names it."""

    kind: str  # now, uniform, strategy, random, held, rows
    seed: int = 0
    changes: dict[str, Any] = field(default_factory=dict)  # settings that differ from the defaults
    digest: str = ""
    problem: str = ""
    strategy: str = ""

    def settings(self, present: Settings) -> Settings | None:
        """Return the settings of this selection on the data set of the present settings; None if it has no settings."""
        if self.kind == "held":
            return replace(
                DEFAULTS, dataset=present.dataset, labels=present.labels, unlabelled=present.unlabelled, **self.changes
            )
        if self.kind == "uniform":
            return replace(present, strategy=ADQ, rule="uniform")
        if self.kind == "strategy":
            return replace(present, strategy=self.strategy)
        return present if self.kind == "now" else None


def _selection_settings() -> tuple[str, ...]:
    """Return the settings on which a selection depends, without the data set: those of all stages up to it."""
    stages, names = ["selection"], {"embeddings", "weights"}
    for stage in stages:
        _, before, own = DEPENDENCIES[stage]
        stages += [name for name in before if name not in stages]
        names |= set(own)
    return tuple(spec.name for spec in fields(Settings) if spec.name in names - {"dataset", "labels", "unlabelled"})


DEFAULTS = Settings()
SELECTION_SETTINGS = _selection_settings()


def settings_link(settings: Settings) -> str:
    """Return the text that names the selection of these settings, independent of later changes in the sidebar."""
    values, defaults = asdict(settings), asdict(DEFAULTS)
    for name in ID_LISTS:
        values[name] = hand_lists.text_of(ids_of_text(values[name])) or None
    parts = [
        f"{name}={quote(str(values[name]), safe='')}" for name in SELECTION_SETTINGS if values[name] != defaults[name]
    ]
    return "held:" + "&".join(parts)


def read(text: str, real_names: Callable[[dict[str, Any]], dict[str, Any]] = dict) -> SelectionLink:
    """Return the selection that a text in a link names.

    `real_names` returns values of settings with the paths of files on the server in place of the names in a link.
    """
    kind, _, rest = text.strip().partition(":")
    if kind in (NOW, UNIFORM) and not rest:
        return SelectionLink(kind)
    if kind == "random" and rest.isascii() and rest.isdigit() and len(rest) <= 10 and int(rest) <= MAX_SEED:
        return SelectionLink("random", seed=int(rest))
    if kind == "strategy" and rest in STRATEGIES:
        return SelectionLink("strategy", strategy=rest)
    if kind == "rows" and is_digest(rest):
        return SelectionLink("rows", digest=rest)
    if kind == "held":
        return _read_settings(rest, real_names)
    return _unreadable(f"{text[:80]!r} does not name a selection.")


def _read_settings(text: str, real_names: Callable[[dict[str, Any]], dict[str, Any]]) -> SelectionLink:
    changes: dict[str, Any] = {}
    defaults = asdict(DEFAULTS)
    for name, value in parse_qsl(text, keep_blank_values=True):
        if name not in SELECTION_SETTINGS:
            return _unreadable(f"{name[:40]!r} is not a setting that changes a selection.")
        kind = type(defaults[name])
        try:
            changes[name] = kind(value) if kind in (int, float) else value
            if name in ID_LISTS:
                changes[name] = hand_lists.setting(name, value)
        except SettingsError as error:
            return _unreadable(error_text(error))
        except ValueError:
            return _unreadable(f"{value[:40]!r} is not a value of {name}.")
    changes = real_names(changes)
    try:
        replace(DEFAULTS, **changes)
    except AdqError as error:
        return _unreadable(error_text(error))
    return SelectionLink("held", changes=changes)


def _unreadable(problem: str) -> SelectionLink:
    return SelectionLink(
        "uniform", problem=f"B of the link could not be read: {problem} The page uses the uniform rule instead."
    )


def differing(one: Settings, other: Settings) -> list[tuple[str, Any, Any]]:
    """Return (setting, value in `one`, value in `other`) of the settings in `SELECTION_SETTINGS` that differ."""
    values, other_values = asdict(one), asdict(other)
    return [
        (name, values[name], other_values[name]) for name in SELECTION_SETTINGS if values[name] != other_values[name]
    ]
