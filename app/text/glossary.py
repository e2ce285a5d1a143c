"""The terms of the app, with one sentence each: for the glossary of every page and for the terms in its texts."""

from __future__ import annotations

TERMS = {  # in alphabetical order; a term is found in texts in upper and lower case, and with an s at its end
    "alpha": "A number from 0 to 1: how much the importance of a bin counts for its quota, compared with its size.",
    "bin": "A group of images that the greedy selection took one after another; bin 0 has the most typical images.",
    "budget": "The quota rule of this app: the quotas add up to the number of images that the keep ratio asks for.",
    "cosine": "The similarity of two vectors by their angle: 1 for the same direction, 0 for a right angle.",
    "diversity": "How different the images of a bin are from each other (Div).",
    "draw order": "The fixed order in which a bin gives its images; a quota takes the first ones.",
    "embedding": "Numbers for each image, computed by a network, so that similar images have similar numbers.",
    "gain": "How much the greedy selection prefers an image: similar to the images left, not similar to those taken.",
    "greedy": "A method that takes one image at a time, always the one with the highest gain, and never takes it back.",
    "importance score": "Normalised representativeness plus normalised diversity of a bin (IS).",
    "inpainting": "Reconstruction of the dropped patches of an image from the patches that are kept.",
    "keep ratio": "The share of the images that is selected.",
    "kernel": "The formula for the similarity of two images: cosine, Euclidean or gradient.",
    "manifest": "The file of an export that has all settings, so that the same selection can be made again.",
    "margin": "How clearly a classifier gives an image its own class; small or negative: hard, unclear or wrong label.",
    "min-max": "A normalisation that gives 0 to the lowest and 1 to the highest score.",
    "outlier": "An image that is unlike most other images of its class.",
    "patch": "A small square of an image; only the patches with the most texture are kept.",
    "probe": "A simple classifier on the embeddings, which measures how much a subset teaches.",
    "projection": "The map: two numbers for each image, so that similar images are close to each other.",
    "quota": "The number of images that a bin gives to the subset.",
    "representativeness": "The mean texture of the images of a bin (Rep).",
    "sobel": "A filter that measures how much the brightness changes at each pixel.",
    "texture": "How much the brightness of an image changes from pixel to pixel: edges, patterns and noise.",
    "vendi score": "A measure of diversity: the number of really different images in a bin.",
}


def as_markdown() -> str:
    """Return the glossary as a list."""
    return "\n".join(f"- **{term}**: {sentence}" for term, sentence in TERMS.items())
