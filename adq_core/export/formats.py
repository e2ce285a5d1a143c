"""The table of formats. A new format is one module with one function, one entry here, and one test that reads it."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from adq_core.errors import InputError, unknown_name
from adq_core.progress import Progress

from .embedding_atlas import write_embedding_atlas
from .fiftyone_folder import write_fiftyone
from .hf_parquet import write_hf_parquet
from .image_folder import write_image_folder
from .options import ExportOptions
from .sinks import Sink
from .subset import Subset
from .tables_of_selected import write_csv, write_npy, write_parquet, write_torch
from .web_dataset import write_webdataset


class Format(NamedTuple):
    """One format: what it is for, how it is written, and what it needs."""

    sentence: str
    write: Callable[[Subset, Sink, ExportOptions, Progress], None]
    needs_images: bool = True  # False: vectors without images have this format too
    table: str = "metadata.jsonl"  # the file, or the pattern of files, with one row per image
    images: str = ""  # the pattern of image files; "" if there are none
    is_zip: bool = False
    grows: bool = True  # False: the files are the same for any number of selected images


FORMATS: dict[str, Format] = {
    "npy": Format(
        "Indices for NumPy, also under the file names of the published code, with the tables of the run.",
        write_npy,
        needs_images=False,
        table="samples.parquet",
        grows=False,
    ),
    "csv": Format(
        "A table of the selected images for spreadsheets.", write_csv, needs_images=False, table="selected.csv"
    ),
    "parquet": Format(
        "A table of the selected images for pandas, DuckDB or Polars.",
        write_parquet,
        needs_images=False,
        table="selected.parquet",
    ),
    "imagefolder": Format(
        "The image files in one folder per class, for torchvision, Keras, fastai and Hugging Face.",
        write_image_folder,
        images="*/*",
    ),
    "zip": Format("The same folders in one .zip.", write_image_folder, images="*/*", is_zip=True),
    "webdataset": Format("Tar shards, for training on large sets with webdataset.", write_webdataset, images="*.tar"),
    "hf-parquet": Format(
        "Parquet files with the images inside, as on the Hugging Face Hub.",
        write_hf_parquet,
        table="data/*.parquet",
    ),
    "fiftyone": Format("Folders and a script that opens them in FiftyOne.", write_fiftyone, images="images/*/*"),
    "embedding-atlas": Format(
        "One Parquet file with map and neighbours, for Embedding Atlas.",
        write_embedding_atlas,
        needs_images=False,
        table="embedding_atlas.parquet",
    ),
    "torch": Format(
        "The tables of the run and a script that opens the images of the source as a PyTorch data set.",
        write_torch,
        needs_images=True,
        table="samples.parquet",
        grows=False,
    ),
}


def format_of(name: str, subset: Subset) -> Format:
    """Return the format of this name.

    Raises
    ------
    SettingsError
        If there is no such format.
    InputError
        If it needs images and the subset is vectors without images.
    """
    if name not in FORMATS:
        raise unknown_name("format", name, FORMATS)
    chosen = FORMATS[name]
    if chosen.needs_images and not subset.dataset.has_images:
        others = ", ".join(other for other, each in FORMATS.items() if not each.needs_images)
        raise InputError(
            f"The format {name} needs images, but {subset.name} is a set of vectors without images. Choose one of: "
            f"{others}."
        )
    return chosen
