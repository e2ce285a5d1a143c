"""The one accent and the one order of colours for bins, in light and in dark.

Bins are ordered, so their colours are: from indigo over red to amber, lighter from bin to bin in both themes, so that
the order survives any colour blindness and a grey print. No text and no mark relies on the colour alone.
"""

from __future__ import annotations

ACCENT = {False: "#0f766e", True: "#35b8a8"}  # by dark; the same as in .streamlit/config.toml
TEXT = {False: "#1c2526", True: "#e4eaea"}
MUTED = {False: "#5d6b6d", True: "#9fadaf"}
GRID = {False: "#e3e8e8", True: "#2e383a"}
GROUND = {False: "#ffffff", True: "#14191a"}
UNLIT = {False: "#cdd4d5", True: "#3d484a"}  # points on the map that are not chosen

_BINS = {
    False: [
        "#2f2e9a",
        "#542f9f",
        "#75329c",
        "#943592",
        "#af3a83",
        "#c7446f",
        "#d95256",
        "#e56638",
        "#e97f0d",
        "#e29a0c",
    ],
    True: [
        "#5b68d0",
        "#8468d4",
        "#a869d0",
        "#c86cc5",
        "#e472b4",
        "#fb7a9f",
        "#fe918f",
        "#ffa78a",
        "#febc8b",
        "#fece8c",
    ],
}

# Okabe and Ito's eight for classes, which have no order; more classes than that share them, told apart by their names.
_CLASSES = {
    False: ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#8a6d00", "#56b4e9", "#6b4ba1", "#4d4d4d"],
    True: ["#4ba3dd", "#f28a3c", "#2fc79b", "#e39cc4", "#e0c341", "#8fd0f5", "#a98be0", "#b5b5b5"],
}


def bin_colours(n_bins: int, dark: bool) -> list[str]:
    """Return one hex colour a bin, in order."""
    anchors = [_channels(colour) for colour in _BINS[dark]]
    colours = []
    for number in range(n_bins):
        at = number / max(1, n_bins - 1) * (len(anchors) - 1)
        low = min(int(at), len(anchors) - 2)
        mixed = (round(a + (b - a) * (at - low)) for a, b in zip(anchors[low], anchors[low + 1], strict=True))
        colours.append("#{:02x}{:02x}{:02x}".format(*mixed))
    return colours


def class_colours(n_classes: int, dark: bool) -> list[str]:
    """Return one hex colour a class; they repeat after eight."""
    return [_CLASSES[dark][number % 8] for number in range(n_classes)]


def blend(colour: str, ground: str, share: float) -> str:
    """Return the hex colour that is `share` of one colour, the rest the ground."""
    mixed = (round(share * a + (1 - share) * b) for a, b in zip(_channels(colour), _channels(ground), strict=True))
    return "#{:02x}{:02x}{:02x}".format(*mixed)


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)
