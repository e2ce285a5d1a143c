"""Terms of the glossary in the texts of every page: a term is underlined, and its sentence appears on hover or tap."""

from __future__ import annotations

from collections.abc import Mapping

from ..packaged import packaged_component


def mark_terms(terms: Mapping[str, str]) -> None:
    """Underline these terms in the texts of the page; the sentence of a term appears below the pointer.

    The component changes no element of the page: it registers a highlight, which older browsers ignore.
    """
    packaged_component("glossary")(key="glossary", data={"terms": dict(terms)}, height=1)
