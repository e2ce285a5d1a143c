"""A name or a path (folder, archive, arrays, vectors) to an `ImageDataset`."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from adq_core.data.containers.parquet_images import has_images, parquet_source
from adq_core.data.containers.tar import is_tar, stem, tar_source
from adq_core.data.containers.webdataset import is_pattern, shards_in, shards_of
from adq_core.data.containers.zip_archives import zip_source
from adq_core.data.folders.folder_files import folder_source
from adq_core.data.folders.found_files import find_images
from adq_core.data.folders.image_folder import dataset_from_source
from adq_core.data.folders.listings import file_check, open_gone_folder, store_listing, stored_listing
from adq_core.data.labels.file_classes import ERROR
from adq_core.data.vectors.vector_sets import open_vectors
from adq_core.errors import InputError
from adq_core.progress import Progress, no_progress
from adq_core.storage import default_folder

from . import shapes
from .builtin import digits, photos
from .dataset import ImageDataset
from .exports import is_export, open_export
from .npz import holds_vectors, open_npz
from .scan import Source
from .torchvision import open_torchvision


def open_dataset(
    name: str,
    *,
    labels: str | None = None,
    vector_columns: str | None = None,
    unlabelled: str = ERROR,
    cache: Path | None = None,
    progress: Progress = no_progress,
    verify: bool = True,
) -> ImageDataset:
    """Return the data set of this name or path.

    `name` is one of `DATASETS`, `torchvision:NAME`, or the path of a folder, an archive (`.zip`, `.tar`), an array of
    images (`.npz`, `.npy`), a Parquet file with images, the shards of a data set (a folder of them, or a pattern such
    as `shards/train-{000..009}.tar`), or a file of vectors without images (see `open_vectors`). The name of a built-in
    set means that set; a folder of this name is `./photos`, and a note says that it is there. `labels` is a table with
    the columns file and label, for a folder or archive without class folders (see `label_rows`); `unlabelled` "keep"
    makes images without a label the class "unlabelled". `vector_columns` are the columns of a table that are its
    vectors. `cache` is the folder for thumbnails and unpacked arrays; without it they are in temporary files.

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
        If torchvision has no data set of this name, or `vector_columns` fits no column.
    StorageError
        If the cache cannot be written.
    """
    path = Path(os.path.expanduser(name))  # unlike the methods of Path, these functions never raise
    if (name in DATASETS or name.startswith(TORCHVISION)) and labels is not None:
        raise _own_labels(name)
    if name in DATASETS:
        return _with_notes(_BUILTIN[name](DATASETS[name]), _same_name_notes(name))
    if name.startswith(TORCHVISION):
        return _open_torchvision(name.removeprefix(TORCHVISION), cache, progress)
    if os.path.isfile(path) and path.suffix.lower() in ARRAYS and not _has_image_files(path):
        if labels is not None:
            raise _own_labels(name)
        vectors = path.suffix.lower() not in (".npz", ".npy") or holds_vectors(path)
        return open_vectors(path, vector_columns) if vectors else open_npz(path, cache=cache, progress=progress)
    if os.path.isdir(path) and labels is None and is_export(path):
        options: dict[str, Any] = {"cache": cache, "progress": progress, "verify": verify}
        return open_export(path, partial(_open_source, **options), is_path, cache)
    table = None if labels is None else Path(os.path.expanduser(labels))
    source = open_container(path, cache=cache, progress=progress)
    if source is not None:
        return dataset_from_source(source, labels=table, unlabelled=unlabelled, cache=cache, progress=progress)
    if os.path.isdir(path):
        return open_folder(path, labels=table, unlabelled=unlabelled, cache=cache, progress=progress, verify=verify)
    gone = None if cache is None or os.path.exists(path) else open_gone_folder(cache, path, table)
    if gone is None:
        raise _not_a_dataset(name, path)
    return gone


def open_container(path: Path, *, cache: Path | None, progress: Progress) -> Source | None:
    """Return the image files in a .zip, a .tar, a Parquet file or the shards of a data set; None for anything else.

    Raises
    ------
    InputError
        If the file cannot be read, or a pattern of shards fits no file.
    """
    if os.path.isfile(path):
        if path.suffix.lower() == ".zip":
            return zip_source(path)
        if is_tar(path):
            return tar_source([path], stem(path), cache=cache, progress=progress)
        if path.suffix.lower() == ".parquet":
            return parquet_source([path], path.stem, cache=cache, progress=progress)
        return None
    if os.path.isdir(path):
        shards, name = shards_in(path), path.resolve().name
    elif is_pattern(str(path)) and not os.path.exists(path):
        shards, name = shards_of(str(path)), path.name
    else:
        return None
    if not shards:
        return None
    open_shards = parquet_source if shards[0].suffix.lower() == ".parquet" else tar_source
    return open_shards(shards, name, cache=cache, progress=progress)


def _has_image_files(path: Path) -> bool:
    return path.suffix.lower() == ".parquet" and has_images(path)


def _not_a_dataset(name: str, path: Path) -> InputError:
    if os.path.exists(path):
        return InputError(
            f"{name} must be a folder, a .zip, a .tar, an .npz, a Parquet file or a file of vectors, got a file that "
            f"ends in {path.suffix.lower() or 'nothing'}." + (f" {UNPACK}" if path.suffix.lower() in PACKED else "")
        )
    return InputError(
        f"There is no data set {name!r}: no file or folder is there, and the built-in ones are {', '.join(DATASETS)} "
        "and torchvision:NAME."
    )


def _open_torchvision(name: str, cache: Path | None, progress: Progress) -> ImageDataset:
    root = (cache or default_folder()) / "torchvision"
    return open_torchvision(name, root=root, cache=cache, progress=progress)


def _own_labels(name: str) -> InputError:
    return InputError(f"labels are for a folder or archive of images, but {name} has its own. Leave labels out.")


def open_folder(
    folder: Path,
    *,
    labels: Path | None,
    cache: Path | None,
    progress: Progress,
    verify: bool,
    unlabelled: str = ERROR,
) -> ImageDataset:
    """Return the image files of a folder, from the cache if they have not changed; see `open_dataset`."""
    listing = None if cache is None else stored_listing(cache, folder, labels)
    if listing is not None and listing.values["reading"]["unlabelled"] != unlabelled:
        listing = None
    unchanged = listing is not None and listing.directories_unchanged()
    if listing is not None and unchanged and not verify:
        dataset = listing.open()
        if dataset is not None:
            return dataset
    source = folder_source(folder)
    dataset = listing.open() if listing is not None and listing.matches(source) else None
    if dataset is None:
        dataset = dataset_from_source(source, labels=labels, unlabelled=unlabelled, cache=cache, progress=progress)
        unchanged = False
    elif not unchanged:  # the images are the same, but other files can be new or missing
        reading = replace(dataset.reading, other_files=find_images(source).others)
        dataset = replace(dataset, reading=reading)
    if cache is not None and not unchanged:
        store_listing(cache, source, dataset, labels)
    return dataset if cache is None else replace(dataset, check_files=file_check(cache, source, labels))


def is_path(name: str) -> bool:
    """Return whether the name of a data set is a path, not the name of a built-in set or one of torchvision."""
    return name not in DATASETS and not name.startswith(TORCHVISION)


def _open_source(
    name: str, labels: str | None, unlabelled: str, *, cache: Path | None, progress: Progress, verify: bool
) -> ImageDataset:
    return open_dataset(name, labels=labels, unlabelled=unlabelled, cache=cache, progress=progress, verify=verify)


def _same_name_notes(name: str) -> tuple[str, ...]:
    """Return a note if a file or folder has the name of a built-in data set."""
    if not os.path.exists(name):
        return ()
    return (f"{name} is the built-in data set. The folder or file with this name in the working folder is ./{name}.",)


def _with_notes(dataset: ImageDataset, notes: tuple[str, ...]) -> ImageDataset:
    if not notes:
        return dataset
    return replace(dataset, notes=(*dataset.notes, *notes))


TORCHVISION = "torchvision:"
PACKED = (".7z", ".rar", ".gz", ".bz2", ".xz", ".zst", ".iso")
UNPACK = "Unpack it, and give the folder."
ARRAYS = (".npz", ".npy", ".parquet", ".csv", ".tsv")
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
