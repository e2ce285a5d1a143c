"""The colours of bins and classes in the light and in the dark theme.

Bins are ordered, so their colours are too: from indigo over red to amber, lighter from bin to bin in both themes. The
order remains visible with any colour blindness and in grey prints. Text and marks never rely on colour alone.

The class colours are those of Okabe and Ito (2008), which people with colour blindness can distinguish; some are
darker or lighter here, so that they are visible on the background.

`theme.py` has the other colours of a theme and calls these functions. The map receives the colours of bins and classes
in `MapView`; its JavaScript only turns them into pixels.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

# Anchors: colours of evenly spaced bins; the colours between them are mixed.
LIGHT_BIN_ANCHORS = (
    "#2f2e9a", "#542f9f", "#75329c", "#943592", "#af3a83", "#c7446f", "#d95256", "#e56638", "#e97f0d", "#e29a0c",
)  # fmt: skip
DARK_BIN_ANCHORS = (
    "#5b68d0", "#8468d4", "#a869d0", "#c86cc5", "#e472b4", "#fb7a9f", "#fe918f", "#ffa78a", "#febc8b", "#fece8c",
)  # fmt: skip
LIGHT_CLASS_CYCLE = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#8a6d00", "#56b4e9", "#6b4ba1", "#4d4d4d")
DARK_CLASS_CYCLE = ("#4ba3dd", "#f28a3c", "#2fc79b", "#e39cc4", "#e0c341", "#8fd0f5", "#a98be0", "#b5b5b5")


def bin_colours(anchors: Sequence[str], n_bins: int) -> list[str]:
    """Return one hex colour per bin, in the order of the bins, from the colours of evenly spaced bins."""
    channels = [_channels(colour) for colour in anchors]
    colours = []
    for number in range(n_bins):
        at = number / max(1, n_bins - 1) * (len(anchors) - 1)
        low = min(int(at), len(anchors) - 2)
        mixed = (round(a + (b - a) * (at - low)) for a, b in zip(channels[low], channels[low + 1], strict=True))
        colours.append(_hex(mixed))
    return colours


def class_colours(cycle: Sequence[str], n_classes: int) -> list[str]:
    """Return one hex colour per class; the colours repeat after the last one of the cycle."""
    return [cycle[number % len(cycle)] for number in range(n_classes)]


def blend(colour: str, background: str, share: float) -> str:
    """Return `share` of one hex colour mixed with the rest of another."""
    mixed = (round(share * a + (1 - share) * b) for a, b in zip(_channels(colour), _channels(background), strict=True))
    return _hex(mixed)


def _hex(channels: Iterable[int]) -> str:
    return "#{:02x}{:02x}{:02x}".format(*channels)


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)
