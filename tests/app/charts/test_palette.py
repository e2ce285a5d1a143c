"""One accent and one order of colours: readable on both grounds, in order without their hue."""

from __future__ import annotations

import itertools
import tomllib
from pathlib import Path

import pytest

from app.charts.palette import ACCENT, GROUND, MUTED, TEXT, bin_colours, class_colours


def luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return sum(weight * c for weight, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(a: str, b: str) -> float:
    light, dark = sorted((luminance(a), luminance(b)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("n_bins", [1, 2, 7, 10, 33, 50])
def test_bins_get_lighter_one_by_one(n_bins: int, dark: bool) -> None:
    lights = [luminance(colour) for colour in bin_colours(n_bins, dark)]
    assert len(lights) == n_bins
    assert all(a < b for a, b in itertools.pairwise(lights))


@pytest.mark.parametrize("dark", [False, True])
def test_marks_and_words_stand_out_from_the_ground(dark: bool) -> None:
    assert min(contrast(colour, GROUND[dark]) for colour in bin_colours(10, dark)) > 2.3
    assert min(contrast(colour, GROUND[dark]) for colour in class_colours(8, dark)) > 2.3
    assert contrast(ACCENT[dark], GROUND[dark]) > 4.5
    assert contrast(TEXT[dark], GROUND[dark]) > 7
    assert contrast(MUTED[dark], GROUND[dark]) > 4.5


def test_the_page_and_the_charts_have_the_same_colours() -> None:
    config = tomllib.loads((Path(__file__).parents[3] / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
    for dark, theme in ((False, "light"), (True, "dark")):
        named = config["theme"][theme]
        assert named["primaryColor"] == ACCENT[dark]
        assert named["backgroundColor"] == GROUND[dark]
        assert named["textColor"] == TEXT[dark]


def test_safe_defaults() -> None:
    config = tomllib.loads((Path(__file__).parents[3] / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
    assert config["server"]["address"] == "localhost"
    assert config["browser"]["gatherUsageStats"] is False
    assert config["client"]["showErrorDetails"] == "none"
    assert config["client"]["toolbarMode"] == "minimal"
    assert 0 < config["server"]["maxUploadSize"] <= 1000
