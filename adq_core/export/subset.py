"""The images of a selection with their table and their manifest: the input of every format."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image as Pillow

from adq_core.data import ImageDataset, image_suffix
from adq_core.errors import InputError
from adq_core.records import Floats, Ints

from .manifest import MANIFEST

if TYPE_CHECKING:
    import pandas as pd

SAMPLES = "samples.parquet"


@dataclass(frozen=True, eq=False)
class Subset:
    """The selected images of a run or of an earlier export.

    `files` are those that `python -m adq_core run` writes, by name. `rows` are the selected images as rows of
    `dataset`, in the order of the table. `vectors()` returns the embeddings of all selected images, (K, d); `places`
    are the places of `rows` among them: 0..K-1, and fewer in a sample.
    """

    files: Mapping[str, bytes]
    dataset: ImageDataset
    rows: Ints
    vectors: Callable[[], Floats]
    places: Ints

    def __len__(self) -> int:
        return len(self.rows)

    @cached_property
    def manifest(self) -> dict[str, Any]:
        """The manifest of the run."""
        content = json.loads(self.files[MANIFEST])
        if not isinstance(content, dict):
            raise InputError(f"{MANIFEST} must be the manifest of an export; it holds no JSON object.")
        return content

    @cached_property
    def samples(self) -> pd.DataFrame:
        """The table of all images of the run, selected or not; see `samples_table`."""
        import pandas as pd

        return pd.read_parquet(io.BytesIO(self.files[SAMPLES]))

    @cached_property
    def table(self) -> pd.DataFrame:
        """The table of the selected images, one row per entry of `rows`, without the column `selected`."""
        frame = self.samples
        return frame[frame["selected"]].iloc[self.places].drop(columns="selected").reset_index(drop=True)

    @cached_property
    def class_names(self) -> list[str]:
        """The names of all classes of the run, also of those without a selected image; `label` is a position in it."""
        classes = self.manifest.get("dataset", {}).get("classes", {})
        return [str(name) for name in classes] or [str(name) for name in self.dataset.class_names]

    @property
    def name(self) -> str:
        """The name of the data set of which this is a part."""
        return str(self.manifest.get("dataset", {}).get("name") or self.dataset.name)

    def sample(self, size: int) -> Subset:
        """Return a subset of at most `size` of these images, evenly spaced."""
        if size >= len(self):
            return self
        chosen = np.linspace(0, len(self) - 1, size).round().astype(np.int64)
        return replace(self, rows=self.rows[chosen], places=self.places[chosen])

    def image_file(self, number: int) -> bytes:
        """Return the image file of the image of this number: the original bytes; PNG where images are in an array."""
        row = int(self.rows[number])
        data = self.dataset.file_bytes(row)
        return png(self.dataset, row) if data is None else data

    def suffix_of(self, number: int) -> str:
        """Return the ending of the image file of this number, such as ".jpg", from its name or else its content."""
        row = int(self.rows[number])
        if self.dataset.paths is None:
            return ".png"
        return image_suffix(self.dataset.paths[row]) or image_suffix("", self.image_file(number)) or ".img"


def png(dataset: ImageDataset, row: int) -> bytes:
    """Return the pixels of a row as a PNG file."""
    file = io.BytesIO()
    Pillow.fromarray(dataset.read(row)).save(file, "PNG")
    return file.getvalue()


def subset_of_files(
    files: Mapping[str, bytes], dataset: ImageDataset, vectors: Callable[[], Floats], *, name: str = "The export"
) -> Subset:
    """Return the subset that the files of a run describe; `dataset` has its images, all of them or the selected ones.

    Raises
    ------
    InputError
        If the table has no selected image, or one that `dataset` does not have.
    """
    row_of = {image_id: row for row, image_id in enumerate(dataset.ids)}
    empty = Subset(files, dataset, np.zeros(0, np.int64), vectors, np.zeros(0, np.int64))
    try:
        samples = empty.samples
        ids = [str(image_id) for image_id in samples["id"][samples["selected"]]]
    except (OSError, ValueError, KeyError, TypeError):
        raise InputError(f"{name} must have the table {SAMPLES}, with the columns id and selected.") from None
    missing = [image_id for image_id in ids if image_id not in row_of]
    if missing or not ids:
        raise InputError(
            f"{name} has no selected image."
            if not ids
            else f"{name} has {len(missing):,} images that {dataset.name} does not have ({missing[0]})."
        )
    rows = np.array([row_of[image_id] for image_id in ids], np.int64)
    return Subset(files, dataset, rows, vectors, np.arange(len(rows), dtype=np.int64))


def read_files(folder: Path) -> dict[str, bytes]:
    """Return the files of an export that `run` or the format `npy` has written.

    Raises
    ------
    InputError
        If the folder is not such an export, or a file in it is not the one that its manifest lists.
    """
    from .verify import check_files

    try:
        content = json.loads((folder / MANIFEST).read_bytes())
        names = [name for name in content["files"] if "/" not in name and "\\" not in name]
        if SAMPLES not in names:
            raise KeyError(SAMPLES)
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        raise InputError(
            f"{folder} must be the folder of an export with {MANIFEST} and {SAMPLES}. "
            f"`python -m adq_core run DATASET --out {folder.name or 'DIR'}` writes one."
        ) from None
    problems = check_files(folder, content["files"], names)
    if problems:
        raise InputError(f"{folder} is not as it was exported: {problems[0]}. Export it again.")
    return {name: (folder / name).read_bytes() for name in [MANIFEST, *names]}
