"""Sentences about the fit between an embedding and a data set."""

from __future__ import annotations

from adq_core.data import ImageDataset
from adq_core.embeddings import NeighbourAgreement

from .format import percent
from .markdown import escape

POOR_GAIN = 0.10  # accuracy above `pixels` below which the embedding is said to add little
POOR_SHARE = 0.5  # of the way from the largest class to every image right

GOOD_FIT = "**Neighbours usually have the same class**, so bins and the map reflect these classes."


def agreement_numbers(found: NeighbourAgreement, name: str, dataset: ImageDataset) -> dict[str, str]:
    """Return the numbers of the section by label, as text."""
    if dataset.n_classes == 1:
        shared = {} if found.shared is None else {"neighbours shared with pixels": percent(found.shared)}
        return {"images compared": f"{found.n_images:,}", **shared}
    pixels = {}
    if found.pixels_accuracy is not None and name != "pixels":
        pixels = {"by pixels": percent(found.pixels_accuracy)}
    return {
        f"right class by {name}": percent(found.accuracy),
        **pixels,
        "largest class": percent(found.largest_class),
        f"{dataset.kind} compared": f"{found.n_images:,}",
    }


def agreement_sentence(found: NeighbourAgreement, name: str, dataset: ImageDataset) -> str:
    """Return what the numbers mean and, where the embedding fits poorly, which other one to try, as Markdown."""
    shown = escape(name)
    if dataset.n_classes == 1:
        if found.shared is None:
            return "The data set has one class and no images, so there is nothing to compare the vectors with."
        return (
            f"The data set has one class, so neighbours cannot be checked against classes. Of the 5 nearest neighbours "
            f"of an image by {shown}, {percent(found.shared)} are also nearest by raw pixels. A small share means that "
            f"{shown} compares something other than brightness and colour; it does not say which of the two is better."
        )
    text = (
        f"For {percent(found.accuracy)} of the {dataset.kind}, most of the 5 nearest neighbours by {shown} have the "
        f"same class. Always naming the largest class would be right for {percent(found.largest_class)}."
    )
    advice = _advice(found, name)
    return f"{text} {advice}" if advice else text


def _advice(found: NeighbourAgreement, name: str) -> str:
    """Return the verdict, and what to do where neighbours agree poorly; nothing if all images have one class."""
    possible = 1 - found.largest_class
    if possible <= 0:
        return ""
    if found.accuracy - found.largest_class >= POOR_SHARE * possible:
        if name in ("pixels", "own") or found.pixels_accuracy is None:
            return GOOD_FIT
        if found.accuracy - found.pixels_accuracy >= POOR_GAIN or found.accuracy >= 1 - POOR_GAIN:
            return GOOD_FIT
        return (
            f"**Raw pixels are almost as good** ({percent(found.pixels_accuracy)}): on these images the network adds "
            "little."
        )
    better = {
        "pixels": "Try the embedding lite0, which recognises objects in photographs.",
        "small": "Try the embedding lite0, which recognises objects in photographs.",
        "lite0": "The network was trained on photographs of objects. For other images, train an encoder on the Train "
        "page, or try a network made for them (timm:NAME).",
    }.get(name, "Try another embedding.")
    return f"**Neighbours often have different classes**, so bins and the map say little about these classes. {better}"
