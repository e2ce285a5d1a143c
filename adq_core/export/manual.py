"""Images picked by hand as one zip: their ids, what is known of each, how they were picked, and the images if few."""

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

from .files import add_file, parquet, samples_table

MAX_IMAGES = 2_000  # that go into an archive as PNG; more would be a copy of the data set


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
    """Write these rows of a data set as a zip into a file: `how.json`, `ids.txt`, `samples.parquet`, `images/`.

    `samples.parquet` has the columns of an export's and `image`, the name of the picture in the archive. The pictures
    are PNG, whatever they were before, and are there for up to 2,000 images; `how.json` says so. One image at a time
    is decoded and written, so memory does not grow with their number. The columns `selected` and `draw_position` tell
    of the settings' own choice, which these images were picked beside: they need not be in it.
    """
    rows = np.unique(np.asarray(rows, np.int64))
    if rows.size == 0:
        raise InputError("An archive of picked images must have at least one, got none. Pick some first.")
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
        add_file(archive, "ids.txt", "".join(f"{one}\n" for one in table["id"]).encode("utf-8", "surrogatepass"))
        add_file(archive, "samples.parquet", parquet(table))
        for number, (row, name) in enumerate(zip(rows.tolist(), table["image"], strict=True) if with_images else ()):
            progress(number, len(rows), "images as PNG")
            picture = io.BytesIO()
            PillowImage.fromarray(dataset.read(row)).save(picture, "PNG")
            add_file(archive, name, picture.getvalue(), deflated=False)


def picture_name(row: int, image_id: str) -> str:
    """Return the name of a row's picture in an archive: the row makes it unique, and no part of it is a folder."""
    last = re.split(r"[\\/]", image_id)[-1]
    stem = re.sub(r"[^A-Za-z0-9_.-]+", "-", last.removesuffix(".png")).strip("-.")[:80]
    return f"images/{row:07d}{'-' if stem else ''}{stem}.png"
