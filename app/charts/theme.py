"""The colours of the figures, in the light and in the dark theme; those of bins and classes come from `colours.py`."""

from __future__ import annotations

from dataclasses import dataclass

from . import colours


@dataclass(frozen=True)
class Theme:
    """The colours of one theme, as hex; `accent`, `background` and `text` are those of app/.streamlit/config.toml."""

    name: str  # light or dark, as Streamlit calls it
    accent: str
    text: str
    muted: str
    grid: str
    background: str
    unselected: str  # points of a map that are not selected
    hatch: tuple[int, int]  # grey levels (0 to 255) of dropped patches: fill, lines
    bin_anchors: tuple[str, ...]  # colours of evenly spaced bins
    class_cycle: tuple[str, ...]  # colours of classes, repeated after the last

    def bins(self, n_bins: int) -> list[str]:
        """Return one hex colour per bin, in the order of the bins."""
        return colours.bin_colours(self.bin_anchors, n_bins)

    def classes(self, n_classes: int) -> list[str]:
        """Return one hex colour per class; colours repeat after eight classes."""
        return colours.class_colours(self.class_cycle, n_classes)


LIGHT = Theme(
    name="light",
    accent="#0f766e",
    text="#1c2526",
    muted="#5d6b6d",
    grid="#e3e8e8",
    background="#ffffff",
    unselected="#cdd4d5",
    hatch=(236, 205),
    bin_anchors=colours.LIGHT_BIN_ANCHORS,
    class_cycle=colours.LIGHT_CLASS_CYCLE,
)
DARK = Theme(
    name="dark",
    accent="#35b8a8",
    text="#e4eaea",
    muted="#9fadaf",
    grid="#2e383a",
    background="#14191a",
    unselected="#3d484a",
    hatch=(40, 66),
    bin_anchors=colours.DARK_BIN_ANCHORS,
    class_cycle=colours.DARK_CLASS_CYCLE,
)
THEMES = {theme.name: theme for theme in (LIGHT, DARK)}
