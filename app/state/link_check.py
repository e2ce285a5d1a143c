"""What a link asks for, beside what came of it. No Streamlit in here."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from adq_core import Settings

SPECS = {spec.name: spec for spec in fields(Settings)}


def refused(asked: Mapping[str, str], values: Mapping[str, Any], labels: Mapping[str, str]) -> list[str]:
    """Return a sentence for each setting that the link asks for and that became another, for it cannot be as asked.

    Streamlit puts the nearest or the default value in its place and takes it out of the address, without a word. Names
    that may be anything (a path) are not judged here.
    """
    told = []
    for name, wish in asked.items():
        value = values.get(name)
        if isinstance(value, int | float):
            taken = math.isclose(_number(wish), value, rel_tol=1e-9)
        else:
            taken = name not in SPECS or "choices" not in SPECS[name].metadata or wish == value
        if not taken:
            told.append(f"The link asks for {labels[name]} {wish[:40]}, which cannot be. Here it is {value}.")
    return told


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan
