"""Image quality: dark, bright, blurred or almost constant images, and images of an odd size or shape."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from adq_core.data import ImageDataset
from adq_core.records import Bools, Floats

from .subject import Subject
from .verdict import Verdict

NAN = float("nan")
BATCH = 512
DARK, BRIGHT = 25.0, 235.0  # mean grey value, of 255
CONSTANT = 5.0  # standard deviation of the grey values
BLURRED = 0.05  # of the Laplacian's standard deviation, relative to that of the grey values
SMALL, LARGE = 0.1, 10.0  # area relative to the median
LONG = 2.5  # ratio of the sides relative to the median ratio
MUCH = 0.1  # share of the set
Z = 3.0  # standard errors by which the subset's share may exceed that of the set

SENTENCES = {
    "dark": "are almost black",
    "bright": "are almost white",
    "constant": "are almost one colour",
    "blurred": "are blurred",
    "odd_size": "are more than ten times smaller or larger than the median",
    "odd_shape": "are much longer or wider than the others",
}


def check_quality(subject: Subject) -> list[Verdict]:
    """Return one verdict per fault: its share in the set and in the subset, and the images that have it.

    Brightness and sharpness are measured on the thumbnails. How it misleads: a night scene is dark and a line drawing
    is bright without a fault; blur is compared with the contrast of the image itself, and thumbnails hide a slight
    blur.
    """
    if not subject.dataset.has_images:
        return [Verdict("quality.dark", "unknown", NAN, "", "The data set has vectors but no images to look at.")]
    faults = {**thumbnail_faults(subject), **size_faults(subject.dataset)}
    return [_verdict(subject, name, found) for name, found in faults.items()]


def thumbnail_faults(subject: Subject) -> dict[str, Bools]:
    """Return which images are dark, bright, almost constant or blurred, (M,) each."""
    dataset = subject.dataset
    mean, spread, sharp = (np.empty(len(dataset)) for _ in range(3))
    done = 0
    for batch in _grey_batches(dataset):
        part = slice(done, done + len(batch))
        mean[part], spread[part] = batch.mean(axis=(1, 2)), batch.std(axis=(1, 2))
        sharp[part] = laplacian(batch).std(axis=(1, 2))
        done += len(batch)
        subject.progress(done, len(dataset), "image quality")
    constant = spread < CONSTANT
    return {
        "dark": mean < DARK,
        "bright": mean > BRIGHT,
        "constant": constant,
        "blurred": (sharp < BLURRED * np.maximum(spread, 1e-9)) & ~constant,
    }


def size_faults(dataset: ImageDataset) -> dict[str, Bools]:
    """Return which images have an odd area or ratio of sides, compared with the median of the set, (M,) each."""
    sizes = np.maximum(dataset.sizes, 1).astype(np.float64)
    area, ratio = sizes.prod(axis=1), sizes[:, 0] / sizes[:, 1]
    relative, shape = area / np.median(area), ratio / np.median(ratio)
    return {
        "odd_size": (relative < SMALL) | (relative > LARGE),
        "odd_shape": np.maximum(shape, 1 / shape) > LONG,
    }


def laplacian(grey: Floats) -> Floats:
    """Return the discrete Laplacian inside each image, (K, H - 2, W - 2) for (K, H, W)."""
    inner = grey[:, 1:-1, 1:-1]
    return np.asarray(grey[:, :-2, 1:-1] + grey[:, 2:, 1:-1] + grey[:, 1:-1, :-2] + grey[:, 1:-1, 2:] - 4 * inner)


def _grey_batches(dataset: ImageDataset) -> Iterator[Floats]:
    for batch in dataset.thumbnail_batches(BATCH):
        yield batch.astype(np.float32).mean(axis=3)


def _verdict(subject: Subject, name: str, found: Bools) -> Verdict:
    share, inside = float(found.mean()), float(found[subject.selected].mean()) if subject.n_selected else 0.0
    rows = np.flatnonzero(found & subject.selected)[:, None]
    reference = f"{share:.1%} of the set"
    if not found.any():
        return Verdict(f"quality.{name}", "good", 0.0, reference, f"No images {SENTENCES[name]}.")
    sentence = f"{inside:.1%} of the subset and {share:.1%} of the set {SENTENCES[name]}."
    spread = np.sqrt(max(share * (1 - share), 1e-12) / max(1, subject.n_selected))
    if inside > share + Z * spread and len(rows) > 1:
        action = "The selection prefers these images: look at them before you train."
        return Verdict(f"quality.{name}", "bad", inside, reference, sentence, action, rows=rows)
    if share > MUCH:
        action = "Look at these images: the set may contain unusable ones."
        return Verdict(f"quality.{name}", "watch", inside, reference, sentence, action, rows=rows)
    return Verdict(f"quality.{name}", "good", inside, reference, sentence, rows=rows)
