"""Texts of the page that audits a selection made elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from adq_core.checks import LEVELS, Verdict
from adq_core.evidence import GIVEN, Difference, Evidence
from adq_core.selection import Comparison, ForeignSelection

from . import evidence as evidence_text
from .format import percent
from .strategies import shown_name

SHORT_ORDERS = {
    "": "as in this data set",
    "numbers": "by the number in the file name",
    "natural": "by class, then by the number in the file name",
    "paths": "by the whole path",
    "one-based": "as in this data set, counted from 1",
}


class VerdictPair(NamedTuple):
    """The verdicts of one check on the given selection and on the present one; None where the check does not apply."""

    check: str
    given: Verdict | None
    own: Verdict | None

    @property
    def needs_attention(self) -> bool:
        """Return whether one of the two is not good."""
        return any(one is not None and one.level in ("bad", "watch") for one in (self.given, self.own))


def verdict_pairs(given: Sequence[Verdict], own: Sequence[Verdict]) -> list[VerdictPair]:
    """Return the verdicts of every check that was made on the given selection, its worst first."""
    own_by_name = {verdict.check: verdict for verdict in own}
    ordered = sorted(given, key=lambda verdict: -LEVELS.index(verdict.level))
    return [VerdictPair(verdict.check, verdict, own_by_name.get(verdict.check)) for verdict in ordered]


def numbers(given: ForeignSelection, n_images: int, kind: str, pair: Comparison) -> dict[str, str]:
    """Return the size of a given selection and its overlap with the present one, by name."""
    return {
        "in the list": f"{len(given.rows):,} of {n_images:,} {kind}",
        "share": percent(len(given.rows) / n_images),
        "named by": "index" if given.by_index else "id",
        "also in the present selection": f"{len(pair.both):,} of {pair.size_b:,}",
        "Jaccard": f"{pair.jaccard:.3f}",
        "Jaccard by chance": f"{pair.random_jaccard:.3f}",
    }


def headline(evidence: Evidence, to_own: Difference, strategy: str) -> tuple[str, str]:
    """Return the verdict on the given selection as Markdown, and its kind: better, worse or same.

    to_own: its difference to the strategy of the present selection.
    """
    one = evidence.differences(evidence.keep_ratios[0])[GIVEN]
    kept = f"The probe trained on it is {evidence_text.points(one)}"
    against = "above" if to_own.mean >= 0 else "below"
    own = (
        f"Compared with {shown_name(strategy)}, it is {100 * abs(to_own.mean):.1f} ± {100 * to_own.half_width:.1f} "
        f"points {against}."
    )
    if not one.distinguishable:
        why = f"not distinguishable from 0 (a difference of {100 * one.detectable:.1f} points would be)"
        return f"**This selection is no better than random images.** {kept}: {why}. {own}", "same"
    if one.mean > 0:
        return f"**This selection is better than random images.** {kept}. {own}", "better"
    return f"**This selection is worse than random images.** {kept}. {own}", "worse"
