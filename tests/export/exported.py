"""A small folder of images with difficult names, and its selection, for the tests of the formats."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
from PIL import Image

from adq_core import Run, Settings
from adq_core.export import ExportOptions, Subset, write_export
from adq_core.storage import Store

CLASSES = ("cat", "dog", "test", "größe", "two words")
FILES = (
    "1.png",
    "2.jpg",
    "train-3.JPG",
    "a/1.png",
    "b/1.PNG",
    "c/[x] 4%.webp",
    "validation 5.bmp",
    "-6.png",
    "no_ending",
)
QUICK = {"embeddings": "pixels", "projection": "pca", "diversity": "vectors", "n_bins": 3}


def write_pictures(folder: Path, classes: tuple[str, ...] = CLASSES) -> Path:
    """Write nine images of each class, in several formats, some with the same name in different subfolders."""
    rng = np.random.default_rng(0)
    for number, name in enumerate(f"{c}/{file}" for c in classes for file in FILES):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        pixels = rng.integers(0, 256, (20 + number % 5, 24, 3), dtype=np.uint8)
        kind = {".jpg": "JPEG", ".webp": "WEBP", ".bmp": "BMP"}.get(path.suffix.lower(), "PNG")
        Image.fromarray(pixels).save(path, kind)
    return folder


def subset_of(dataset: Path | str, keep_ratio: float = 0.7, cache: Path | None = None, **settings: object) -> Subset:
    """Return the selected images of a data set, with quick settings."""
    values = {**QUICK, **settings, "dataset": str(dataset), "keep_ratio": keep_ratio}
    return Run(Settings(**values), Store(cache)).subset()  # type: ignore[arg-type]


def exported(subset: Subset, name: str, target: Path, **options: object) -> Path:
    """Write a subset in a format and return the path."""
    write_export(subset, name, target, options=ExportOptions(**options))  # type: ignore[arg-type]
    return target


def pixels_of(data: bytes) -> np.ndarray:
    """Return the pixels of an image file as Pillow decodes it."""
    with Image.open(io.BytesIO(data)) as image:
        return np.asarray(image.convert("RGB"))


def originals(subset: Subset) -> list[bytes]:
    """Return the image files of the subset, read without any code of the export."""
    root = Path(subset.manifest["settings"]["dataset"])
    return [(root / name).read_bytes() for name in subset.table["id"]]
