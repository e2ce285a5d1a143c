"""Zip archive of manually selected images: their ids, their table, how they were selected, and the images."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Mapping
from typing import Any, BinaryIO

import numpy as np
from PIL import Image as PillowImage

from adq_core.data import ImageDataset
from adq_core.errors import InputError
from adq_core.progress import Progress, no_progress
from adq_core.records import Bins, Ints, Projection, Selection, Texture

from .tables import parquet, samples_table
from .texts import lines
from .zip_files import add_file

MAX_IMAGES = 2_000  # with more images an archive contains no PNG files, because it would copy the data set


def write_archive(
    file: BinaryIO,
    dataset: ImageDataset,
    rows: Ints,
    projection: Projection,
    bins: Bins,
    texture: Texture | None,
    selection: Selection,
    *,
    how: Mapping[str, Any],
    progress: Progress = no_progress,
) -> None:
    """Write a zip of these rows of a data set into `file`: `how.json`, `ids.txt`, `samples.parquet`, `images/`.

    `how` describes the manual selection and is part of `how.json`. `samples.parquet` has the columns of an export and
    `image`, the name of the PNG file in the archive. The archive contains the images if there are at most 2,000;
    `how.json` states whether it does. Images are decoded and written one at a time, so memory does not grow with their
    number. The columns `selected` and `draw_position` describe the automatic selection of the same settings, which
    need not contain these images. Raises `InputError` if `rows` is empty.
    """
    rows = np.unique(np.asarray(rows, np.int64))
    if rows.size == 0:
        raise InputError("An archive must contain at least one image, got none. Select images first.")
    table = samples_table(dataset, projection, bins, texture, selection).iloc[rows]
    with_images = dataset.has_images and len(rows) <= MAX_IMAGES
    table["image"] = [picture_name(row, dataset.ids[row]) for row in rows.tolist()] if with_images else ""
    why_not = f"there are more than {MAX_IMAGES:,}" if dataset.has_images else "these are vectors without images"
    pictures = "images/, as PNG" if with_images else f"left out: {why_not}"
    about = {"format": 1, "picked_by_hand": True, "images": len(rows), "pictures": pictures, **how}
    about["dataset"] = {"name": dataset.name, "digest": dataset.digest(), "images": len(dataset)}
    text = json.dumps(about, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    with zipfile.ZipFile(file, "w") as archive:
        add_file(archive, "how.json", text.encode("utf-8", "surrogatepass"))
        add_file(archive, "ids.txt", lines(table["id"]))
        add_file(archive, "samples.parquet", parquet(table))
        for number, (row, name) in enumerate(zip(rows.tolist(), table["image"], strict=True) if with_images else ()):
            progress(number, len(rows), "images as PNG")
            picture = io.BytesIO()
            PillowImage.fromarray(dataset.read(row)).save(picture, "PNG")
            add_file(archive, name, picture.getvalue(), deflated=False)


def picture_name(row: int, image_id: str) -> str:
    """Return the file name of a row's image in an archive: unique by its row number, and without folder names."""
    last = re.split(r"[\\/]", image_id)[-1]
    stem = re.sub(r"[^A-Za-z0-9_.-]+", "-", last.removesuffix(".png")).strip("-.")[:80]
    return f"images/{row:07d}{'-' if stem else ''}{stem}.png"
