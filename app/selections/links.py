"""How a link names a choice of images, and which rows it is. No Streamlit in here.

    now                          the settings of the sidebar
    uniform                      those, with the uniform rule
    random:7                     a random draw of the same size, of this seed
    held:alpha=0.3&n_bins=5      settings of its own: those that matter to a choice, where they differ from the defaults
    rows:9f86d081884c7d65...     a manual selection, by the digest of its ids

A link can hold anything: what cannot be read is a `Spec` of the kind "uniform" with a sentence in `problem`.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any
from urllib.parse import parse_qsl, quote

from adq_core import Settings
from adq_core.dependencies import DEPENDENCIES
from adq_core.errors import AdqError
from adq_core.selection import is_digest
from app.text.setting_names import error_text

NOW, UNIFORM = "now", "uniform"
MOST_SEED = 2**32 - 1


@dataclass(frozen=True)
class Spec:
    """A choice as a link names it."""

    kind: str  # now, uniform, random, held, rows
    seed: int = 0
    changes: dict[str, Any] = field(default_factory=dict)  # settings that differ from the defaults
    digest: str = ""
    problem: str = ""

    def settings(self, beside: Settings) -> Settings | None:
        """Return the settings of this choice, on the data set of the ones beside it; None where it has none."""
        if self.kind == "held":
            return replace(DEFAULTS, dataset=beside.dataset, labels=beside.labels, **self.changes)
        if self.kind == "uniform":
            return replace(beside, rule="uniform")
        return beside if self.kind == "now" else None


def _matters() -> tuple[str, ...]:
    """Return the settings on which a choice depends, beside the data set: by what the stages before it depend on."""
    wanted, names = ["selection"], {"embeddings", "weights"}
    for stage in wanted:
        _, before, own = DEPENDENCIES[stage]
        wanted += [name for name in before if name not in wanted]
        names |= set(own)
    return tuple(spec.name for spec in fields(Settings) if spec.name in names - {"dataset", "labels"})


DEFAULTS = Settings()
MATTERS = _matters()


def held(settings: Settings) -> str:
    """Return the name of the choice that these settings give, whatever the sidebar says later."""
    values, plain = asdict(settings), asdict(DEFAULTS)
    parts = [f"{name}={quote(str(values[name]), safe='')}" for name in MATTERS if values[name] != plain[name]]
    return "held:" + "&".join(parts)


def read(text: str) -> Spec:
    """Return what a link says."""
    kind, _, rest = text.strip().partition(":")
    if kind in (NOW, UNIFORM) and not rest:
        return Spec(kind)
    if kind == "random" and rest.isascii() and rest.isdigit() and len(rest) <= 10 and int(rest) <= MOST_SEED:
        return Spec("random", seed=int(rest))
    if kind == "rows" and is_digest(rest):
        return Spec("rows", digest=rest)
    if kind == "held":
        return _held(rest)
    return _unread(f"{text[:80]!r} is no way to name a choice.")


def _held(text: str) -> Spec:
    changes: dict[str, Any] = {}
    plain = asdict(DEFAULTS)
    for name, value in parse_qsl(text, keep_blank_values=True):
        if name not in MATTERS:
            return _unread(f"{name[:40]!r} is no setting on which a choice depends.")
        kind = type(plain[name])
        try:
            changes[name] = kind(value) if kind in (int, float) else value
        except ValueError:
            return _unread(f"{value[:40]!r} is no value for {name}.")
    try:
        replace(DEFAULTS, **changes)
    except AdqError as error:
        return _unread(error_text(error))
    return Spec("held", changes=changes)


def _unread(problem: str) -> Spec:
    return Spec("uniform", problem=f"The link's B could not be read: {problem} Compared with the uniform rule instead.")


def differing(one: Settings, other: Settings) -> list[tuple[str, Any, Any]]:
    """Return (setting, value here, value there) of all settings that matter to a choice and differ."""
    here, there = asdict(one), asdict(other)
    return [(name, here[name], there[name]) for name in MATTERS if here[name] != there[name]]
