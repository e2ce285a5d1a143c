"""A PyTorch data set over the images of an export. Imports torch, so it is imported where it is used."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image as Pillow
from torch.utils.data import Dataset

from adq_core.data import open_dataset


class SubsetDataset(Dataset[tuple[Any, Any]]):
    """The selected images of an export, for `torch.utils.data.DataLoader`.

    Parameters
    ----------
    folder
        An export of `python -m adq_core run` or of any format that contains images or their source.
    transform, target_transform
        Functions that are applied to the image (a PIL image in RGB) and to the number of the class, as in torchvision.
    cache
        Folder for thumbnails and listings; without it they are in temporary files.

    Attributes
    ----------
    classes, class_to_idx, targets
        Names of the classes, their numbers, and the number of the class of each image, as in `ImageFolder`. Classes are
        numbered as in the manifest, also where the selection has no image of one.
    ids, indices
        Names of the images, and their numbers in the source.

    The object can be pickled, so `num_workers` may be any number. Raises `InputError` if the export or its source
    cannot be opened.
    """

    def __init__(
        self,
        folder: str | Path,
        transform: Callable[[Any], Any] | None = None,
        target_transform: Callable[[int], Any] | None = None,
        *,
        cache: str | Path | None = None,
    ) -> None:
        self.root = Path(folder)
        self.transform, self.target_transform = transform, target_transform
        dataset = open_dataset(str(folder), cache=None if cache is None else Path(cache))
        dataset.need_images()
        self.classes = class_names(self.root, dataset.class_names)
        self.class_to_idx = {name: number for number, name in enumerate(self.classes)}
        self.targets = [self.class_to_idx[dataset.class_names[label]] for label in dataset.labels.tolist()]
        self.ids, self.indices = list(dataset.ids), dataset.indices.tolist()
        self._read = dataset.read

    def __len__(self) -> int:
        return len(self.ids)

    def __getitem__(self, number: int) -> tuple[Any, Any]:
        """Return the image and the number of its class, both transformed."""
        if not -len(self) <= number < len(self):
            raise IndexError(f"The data set has {len(self):,} images, got the number {number}.")
        number = int(number) % len(self)
        image: Any = Pillow.fromarray(np.ascontiguousarray(self._read(number)))
        target: Any = self.targets[number]
        if self.transform is not None:
            image = self.transform(image)
        if self.target_transform is not None:
            target = self.target_transform(target)
        return image, target


def class_names(folder: Path, present: tuple[str, ...]) -> list[str]:
    """Return the classes in the manifest of an export, if they include all of `present`; else `present`."""
    import json

    try:
        classes = json.loads((folder / "manifest.json").read_bytes())["dataset"]["classes"]
        names = [str(name) for name in classes]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return list(present)
    return names if set(present) <= set(names) else list(present)
