"""The colours of both themes: contrast with the background, and bins that get lighter in order."""

from __future__ import annotations

import itertools
import tomllib
from pathlib import Path

import pytest

from app.charts.theme import DARK, LIGHT, THEMES, Theme


def luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return sum(weight * c for weight, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(a: str, b: str) -> float:
    light, dark = sorted((luminance(a), luminance(b)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda theme: theme.name)
@pytest.mark.parametrize("n_bins", [1, 2, 7, 10, 33, 50])
def test_bins_get_lighter_one_by_one(n_bins: int, theme: Theme) -> None:
    lights = [luminance(colour) for colour in theme.bins(n_bins)]
    assert len(lights) == n_bins
    assert all(a < b for a, b in itertools.pairwise(lights))


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda theme: theme.name)
def test_marks_and_text_have_contrast_with_the_background(theme: Theme) -> None:
    assert min(contrast(colour, theme.background) for colour in theme.bins(10)) > 2.3
    assert min(contrast(colour, theme.background) for colour in theme.classes(8)) > 2.3
    assert contrast(theme.accent, theme.background) > 4.5
    assert contrast(theme.text, theme.background) > 7
    assert contrast(theme.muted, theme.background) > 4.5


def test_the_page_and_the_charts_have_the_same_colours() -> None:
    config = tomllib.loads(
        (Path(__file__).parents[3] / "app" / ".streamlit" / "config.toml").read_text(encoding="utf-8")
    )
    for name, theme in THEMES.items():
        named = config["theme"][name]
        assert named["primaryColor"] == theme.accent
        assert named["backgroundColor"] == theme.background
        assert named["textColor"] == theme.text


def test_safe_defaults() -> None:
    config = tomllib.loads(
        (Path(__file__).parents[3] / "app" / ".streamlit" / "config.toml").read_text(encoding="utf-8")
    )
    assert config["server"]["address"] == "localhost"
    assert config["browser"]["gatherUsageStats"] is False
    assert config["client"]["showErrorDetails"] == "none"
    assert config["client"]["toolbarMode"] == "minimal"
    assert 0 < config["server"]["maxUploadSize"] <= 1000
