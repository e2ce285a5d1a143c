"""Parse docs/method.md into its sections."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

DOCUMENT = Path(__file__).parents[2] / "docs" / "method.md"


class Section(NamedTuple):
    """A section of the document: its heading, its table of formulas, its notes."""

    heading: str
    formulas: str
    notes: str


def parse_sections(text: str) -> tuple[str, list[Section]]:
    """Return the introduction of the document without its title, and its sections.

    Stars after numbers are escaped: a star marks a number measured by this project, and Markdown would read two stars
    between punctuation as emphasis.
    """
    introduction, *parts = re.split(r"^## ", _escape_stars(text), flags=re.MULTILINE)
    sections = []
    for part in parts:
        heading, body = part.split("\n", 1)
        formulas, bullet, notes = body.partition("\n- ")
        sections.append(Section(heading.strip(), formulas.strip(), f"- {notes}".strip() if bullet else ""))
    return re.sub(r"^# .*\n", "", introduction).strip(), sections


def _escape_stars(text: str) -> str:
    return re.sub(r"(?<=[\w%])\*(?=[\s.,;:)]|$)", r"\\*", text, flags=re.MULTILINE)
