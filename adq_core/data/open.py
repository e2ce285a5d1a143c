"""A name, a folder, an archive, an array file or a file of vectors to an `ImageDataset`."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Callable
from pathlib import Path

from adq_core.errors import InputError
from adq_core.progress import Progress, no_progress
from adq_core.storage import default_folder

from . import shapes
from .archives import zip_source
from .builtin import digits, photos
from .dataset import ImageDataset
from .folders import dataset_from_source, folder_source
from .npz import open_npz
from .torchvision import open_torchvision
from .vectors import open_vectors


def open_dataset(
    name: str, *, labels: str | None = None, cache: Path | None = None, progress: Progress = no_progress
) -> ImageDataset:
    """Return the data set of this name or path.

    `name` is one of `DATASETS`, `torchvision:NAME`, or the path of a folder, a `.zip` or an `.npz`, or of a file of
    vectors without images (see `open_vectors`); a folder that is named like a built-in set is reached as `./photos`.
    `labels` is a CSV with the columns file,label for a folder or zip without class folders. `cache` is where
    thumbnails and unpacked arrays are kept between runs.
    """
    path = Path(os.path.expanduser(name))  # unlike Path's own, this one never raises; nor do the three below
    is_file, kind = os.path.isfile(path), path.suffix.lower()
    has_labels = name in DATASETS or name.startswith(TORCHVISION) or (is_file and kind in ARRAYS)
    if has_labels and labels is not None:
        raise InputError(f"labels go with a folder or zip of images, but {name} brings its own. Leave labels out.")
    if name in DATASETS:
        return _BUILTIN[name](DATASETS[name])
    if name.startswith(TORCHVISION):
        root = (cache or default_folder()) / "torchvision"
        return open_torchvision(name.removeprefix(TORCHVISION), root=root, cache=cache, progress=progress)
    if is_file and kind in ARRAYS and (kind != ".npz" or _holds_vectors(path)):
        return open_vectors(path)
    if is_file and kind == ".npz":
        return open_npz(path, cache=cache, progress=progress)
    if os.path.isdir(path) or (is_file and kind == ".zip"):
        source = zip_source(path) if is_file else folder_source(path)
        table = None if labels is None else Path(os.path.expanduser(labels))
        return dataset_from_source(source, labels=table, cache=cache, progress=progress)
    if os.path.exists(path):
        raise InputError(
            f"{name} must be a folder, a .zip, an .npz or a file of vectors, got a file that ends in "
            f"{kind or 'nothing'}."
        )
    raise InputError(
        f"There is no data set {name!r}: no file or folder is there, and the built-in ones are {', '.join(DATASETS)} "
        "and torchvision:NAME."
    )


def _holds_vectors(path: Path) -> bool:
    """Return whether an .npz has vectors and no images; what is no .npz at all is left to the reader of images."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
    except (OSError, zipfile.BadZipFile):
        return False
    return "vectors.npy" in names and "images.npy" not in names


TORCHVISION = "torchvision:"
ARRAYS = (".npz", ".npy", ".parquet", ".csv")
DATASETS = {
    "photos": "About 900 disjoint 64 x 64 crops of 14 photographs (coffee, grass, a cat, galaxies), a class each.",
    "digits": "1,797 real handwritten digits of 8 x 8 pixels in ten classes, from scikit-learn.",
    "shapes": "10,000 drawn 32 x 32 images in ten classes, with known texture, near duplicates and outliers.",
}
_BUILTIN: dict[str, Callable[[str], ImageDataset]] = {
    "photos": photos,
    "digits": digits,
    "shapes": shapes.shapes,
}
