"""A name or a path (folder, archive, arrays, vectors) to an `ImageDataset`."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

from adq_core.errors import InputError
from adq_core.progress import Progress, no_progress
from adq_core.storage import default_folder

from . import shapes
from .archives import zip_source
from .builtin import digits, photos
from .dataset import ImageDataset
from .exports import is_export, open_export
from .folder_files import folder_source
from .folders import dataset_from_source
from .listings import file_check, open_gone_folder, store_listing, stored_listing
from .npz import open_npz
from .torchvision import open_torchvision
from .vectors import open_vectors


def open_dataset(
    name: str,
    *,
    labels: str | None = None,
    cache: Path | None = None,
    progress: Progress = no_progress,
    verify: bool = True,
) -> ImageDataset:
    """Return the data set of this name or path.

    `name` is one of `DATASETS`, `torchvision:NAME`, or the path of a folder, a `.zip`, an `.npz`, or a file of vectors
    without images (see `open_vectors`); give a folder with the name of a built-in set as `./photos`. `labels` is a CSV
    with the columns file,label, for a folder or zip without class folders. `cache` is the folder for thumbnails and
    unpacked arrays; without it they are in temporary files.

    A folder whose image files have not changed is opened from the cache. To know that, the fingerprint of each file is
    compared: size, modification and change time, permissions and inode. With `verify=False` only the directories are
    compared, which takes milliseconds but misses a file that was written again in place. The command line always
    verifies. `check_files` of the data set compares the files once more, at any time. A folder that is gone is opened
    from the cache, so that finished results can be exported. An export is opened as its selected images.

    Raises
    ------
    InputError
        If there is no such data set, it cannot be read, or it has no use for `labels`.
    SettingsError
        If torchvision has no data set of this name.
    StorageError
        If the cache cannot be written.
    """
    path = Path(os.path.expanduser(name))  # unlike the methods of Path, these functions never raise
    is_file, kind = os.path.isfile(path), path.suffix.lower()
    has_labels = name in DATASETS or name.startswith(TORCHVISION) or (is_file and kind in ARRAYS)
    if has_labels and labels is not None:
        raise InputError(f"labels are for a folder or zip of images, but {name} has its own. Leave labels out.")
    if name in DATASETS:
        return _BUILTIN[name](DATASETS[name])
    if name.startswith(TORCHVISION):
        root = (cache or default_folder()) / "torchvision"
        return open_torchvision(name.removeprefix(TORCHVISION), root=root, cache=cache, progress=progress)
    if is_file and kind in ARRAYS and (kind != ".npz" or _holds_vectors(path)):
        return open_vectors(path)
    if is_file and kind == ".npz":
        return open_npz(path, cache=cache, progress=progress)
    if os.path.isdir(path) and labels is None and is_export(path):
        open_source = partial(_open_source, cache=cache, progress=progress, verify=verify)
        return open_export(
            path, open_source, lambda text: text not in DATASETS and not text.startswith(TORCHVISION), cache
        )
    if os.path.isdir(path) or (is_file and kind == ".zip"):
        table = None if labels is None else Path(os.path.expanduser(labels))
        if is_file:
            return dataset_from_source(zip_source(path), labels=table, cache=cache, progress=progress)
        return open_folder(path, labels=table, cache=cache, progress=progress, verify=verify)
    if os.path.exists(path):
        raise InputError(
            f"{name} must be a folder, a .zip, an .npz or a file of vectors, got a file that ends in "
            f"{kind or 'nothing'}."
        )
    gone = None if cache is None else open_gone_folder(cache, path, None if labels is None else Path(labels))
    if gone is not None:
        return gone
    raise InputError(
        f"There is no data set {name!r}: no file or folder is there, and the built-in ones are {', '.join(DATASETS)} "
        "and torchvision:NAME."
    )


def open_folder(
    folder: Path, *, labels: Path | None, cache: Path | None, progress: Progress, verify: bool
) -> ImageDataset:
    """Return the image files of a folder, from the cache if they have not changed; see `open_dataset`."""
    listing = None if cache is None else stored_listing(cache, folder, labels)
    unchanged = listing is not None and listing.directories_unchanged()
    if listing is not None and unchanged and not verify:
        dataset = listing.open()
        if dataset is not None:
            return dataset
    source = folder_source(folder)
    dataset = listing.open() if listing is not None and listing.matches(source) else None
    if dataset is None:
        dataset, unchanged = dataset_from_source(source, labels=labels, cache=cache, progress=progress), False
    if cache is not None and not unchanged:
        store_listing(cache, source, dataset, labels)
    return dataset if cache is None else replace(dataset, check_files=file_check(cache, source, labels))


def is_path(name: str) -> bool:
    """Return whether the name of a data set is a path, not the name of a built-in set or one of torchvision."""
    return name not in DATASETS and not name.startswith(TORCHVISION)


def _open_source(
    name: str, labels: str | None, *, cache: Path | None, progress: Progress, verify: bool
) -> ImageDataset:
    return open_dataset(name, labels=labels, cache=cache, progress=progress, verify=verify)


def _holds_vectors(path: Path) -> bool:
    """Return whether an .npz has vectors and no images; False if it is not an .npz."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
    except (OSError, zipfile.BadZipFile):
        return False
    return "vectors.npy" in names and "images.npy" not in names


TORCHVISION = "torchvision:"
ARRAYS = (".npz", ".npy", ".parquet", ".csv")
DATASETS = {
    "photos": "About 900 disjoint 64 x 64 crops of 14 photographs (coffee, grass, a cat, galaxies), one class each.",
    "digits": "1,797 real handwritten digits of 8 x 8 pixels in ten classes, from scikit-learn.",
    "shapes": "10,000 drawn 32 x 32 images in ten classes, with known texture, near duplicates and outliers.",
}
_BUILTIN: dict[str, Callable[[str], ImageDataset]] = {
    "photos": photos,
    "digits": digits,
    "shapes": shapes.shapes,
}
