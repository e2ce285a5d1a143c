"""The colours of the figures, in the light and in the dark theme.

Bins are ordered, so their colours are too: from indigo over red to amber, lighter from bin to bin in both themes. The
order remains visible with any colour blindness and in grey prints. Text and marks never rely on colour alone.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Theme:
    """The colours of one theme, as hex; `accent`, `background` and `text` are those of .streamlit/config.toml."""

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
        anchors = [_channels(colour) for colour in self.bin_anchors]
        colours = []
        for number in range(n_bins):
            at = number / max(1, n_bins - 1) * (len(anchors) - 1)
            low = min(int(at), len(anchors) - 2)
            mixed = (round(a + (b - a) * (at - low)) for a, b in zip(anchors[low], anchors[low + 1], strict=True))
            colours.append("#{:02x}{:02x}{:02x}".format(*mixed))
        return colours

    def classes(self, n_classes: int) -> list[str]:
        """Return one hex colour per class; colours repeat after eight classes."""
        return [self.class_cycle[number % len(self.class_cycle)] for number in range(n_classes)]


# The class colours are those of Okabe and Ito (2008), which people with colour blindness can distinguish; some are
# darker or lighter here, so that they are visible on the background.
LIGHT = Theme(
    name="light",
    accent="#0f766e",
    text="#1c2526",
    muted="#5d6b6d",
    grid="#e3e8e8",
    background="#ffffff",
    unselected="#cdd4d5",
    hatch=(236, 205),
    bin_anchors=(
        "#2f2e9a", "#542f9f", "#75329c", "#943592", "#af3a83", "#c7446f", "#d95256", "#e56638", "#e97f0d", "#e29a0c",
    ),
    class_cycle=("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#8a6d00", "#56b4e9", "#6b4ba1", "#4d4d4d"),
)  # fmt: skip
DARK = Theme(
    name="dark",
    accent="#35b8a8",
    text="#e4eaea",
    muted="#9fadaf",
    grid="#2e383a",
    background="#14191a",
    unselected="#3d484a",
    hatch=(40, 66),
    bin_anchors=(
        "#5b68d0", "#8468d4", "#a869d0", "#c86cc5", "#e472b4", "#fb7a9f", "#fe918f", "#ffa78a", "#febc8b", "#fece8c",
    ),
    class_cycle=("#4ba3dd", "#f28a3c", "#2fc79b", "#e39cc4", "#e0c341", "#8fd0f5", "#a98be0", "#b5b5b5"),
)  # fmt: skip
THEMES = {theme.name: theme for theme in (LIGHT, DARK)}


def blend(colour: str, background: str, share: float) -> str:
    """Return `share` of one hex colour mixed with the rest of another."""
    mixed = (round(share * a + (1 - share) * b) for a, b in zip(_channels(colour), _channels(background), strict=True))
    return "#{:02x}{:02x}{:02x}".format(*mixed)


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)
