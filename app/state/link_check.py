"""The settings in a link, compared with the settings that the page uses. No Streamlit in here."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from adq_core import Settings

SPECS = {spec.name: spec for spec in fields(Settings)}
OF_PAGES = {"bin", "first", "always_skipped", "never_skipped"}
WHOLE_NUMBERS = {name for name, spec in SPECS.items() if str(spec.type) == "int"} | OF_PAGES


def replaced_values(linked: Mapping[str, str], values: Mapping[str, Any], labels: Mapping[str, str]) -> list[str]:
    """Return one sentence for each setting whose value in the link is invalid and was replaced.

    Streamlit replaces an invalid value by the nearest or the default value and removes it from the address, without a
    message. Settings that accept any text, such as a path, are not checked here.
    """
    sentences = []
    for name, text in linked.items():
        value = values.get(name)
        if isinstance(value, int | float):
            is_used = math.isclose(_number(text), value, rel_tol=1e-9)
        else:
            is_used = name not in SPECS or "choices" not in SPECS[name].metadata or text == value
        if not is_used:
            sentences.append(f"The link sets {labels[name]} to {text[:40]}, which is invalid. The page uses {value}.")
    return sentences


def infinite_values(linked: Mapping[str, str]) -> list[str]:
    """Return the parameters of boxes for whole numbers whose value is infinite, such as 1e400.

    Streamlit converts them without a check (OverflowError), so they must leave the link before the boxes are drawn.
    """
    return [name for name, text in linked.items() if name in WHOLE_NUMBERS and math.isinf(_number(text))]


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan
