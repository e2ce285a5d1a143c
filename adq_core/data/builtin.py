"""The built-in sets of real images: `digits` and `photos`, cut from what comes with scikit-learn and scikit-image."""

from __future__ import annotations

from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow

from adq_core.errors import InputError
from adq_core.records import Bools

from .arrays import dataset_from_arrays
from .dataset import ImageDataset

CROP = 64  # pixels
MOST_CROPS = 120  # of one photograph
HELD_OUT = 0.25  # share of the columns of crops, from the right
FLAT = 1.0  # grey levels of standard deviation: a crop below this in all channels shows nothing (a mask's black corner)


class Photograph(NamedTuple):
    """Where a photograph lies, and the whole number by which it is made smaller before it is cut."""

    package: str
    path: str
    shrink: int = 1


def digits(about: str = "") -> ImageDataset:
    """Return scikit-learn's 1,797 handwritten digits: (8, 8) grey values 0..16, scaled to 0..255."""
    rows = np.loadtxt(_inside("sklearn", "datasets/data/digits.csv.gz"), delimiter=",")  # (1797, 65)
    grey = (rows[:, :64].reshape(-1, 8, 8) * (255 / 16)).round().astype(np.uint8)
    return dataset_from_arrays(grey, rows[:, 64].astype(np.int64), tuple("0123456789"), name="digits", about=about)


def photos(about: str = "") -> ImageDataset:
    """Return disjoint 64 x 64 crops of 14 photographs, one class a photograph, with a held-out region of each.

    Ids name the place: `coffee/y072-x204` is the crop whose upper left corner is 72 pixels down and 204 to the right
    (in the photograph as it is cut, that is after `shrink`). `held_out` are the crops in the rightmost quarter of the
    columns of each photograph. Neighbouring crops show neighbouring things, and plain sky looks like plain sky: near
    duplicates here are findings. Only wholly flat crops (the black corners around the retina) are skipped.
    """
    images, ids, names, held_out = _crops()
    return dataset_from_arrays(images, names, name="photos", ids=ids, held_out=held_out, about=about)


def grid(height: int, width: int) -> list[tuple[int, int, bool]]:
    """Return (y, x, held out) of the crops of a photograph of this size, row by row: a centred grid without overlap.

    Where there is room for more than 120, rows furthest from the middle are left out until there is not.
    """
    columns = min(width // CROP, MOST_CROPS)
    rows = min(height // CROP, MOST_CROPS // columns)
    top, left = (height - rows * CROP) // 2, (width - columns * CROP) // 2
    first_held_out = columns - round(columns * HELD_OUT)
    return [
        (top + row * CROP, left + column * CROP, column >= first_held_out)
        for row in range(rows)
        for column in range(columns)
    ]


@lru_cache(maxsize=1)
def _crops() -> tuple[NDArray[np.uint8], tuple[str, ...], tuple[str, ...], Bools]:
    images, ids, names, held_out = [], [], [], []
    for name, photograph in sorted(PHOTOGRAPHS.items()):
        pixels = _pixels(photograph)
        for y, x, held in grid(*pixels.shape[:2]):
            crop = pixels[y : y + CROP, x : x + CROP]
            if _is_flat(crop):
                continue
            images.append(crop)
            ids.append(f"{name}/y{y:03d}-x{x:03d}")
            names.append(name)
            held_out.append(held)
    stacked = np.stack(images)
    stacked.flags.writeable = False  # every caller gets this very array
    return stacked, tuple(ids), tuple(names), np.array(held_out)


def _is_flat(crop: NDArray[np.uint8]) -> bool:
    """Return whether no channel of a crop has a standard deviation of `FLAT`.

    Of n values that reach over r the standard deviation is r / sqrt(2 n) at least. Every fourth pixel each way shows so
    much of r on nearly every crop that the rest need not be looked at, which was half of the time of a start.
    """
    sparse = crop[::4, ::4].reshape(-1, 3)
    reach = (sparse.max(axis=0) - sparse.min(axis=0)).max()
    if reach >= FLAT * (2 * CROP * CROP) ** 0.5:
        return False
    return bool(crop.std(axis=(0, 1)).max() < FLAT)


def _inside(package: str, path: str) -> Path:
    """Return a file inside an installed package, which is not imported for it: that alone would take seconds."""
    spec = find_spec(package)
    folders = (spec and spec.submodule_search_locations) or ["."]
    found = Path(folders[0], path)
    if not found.is_file():
        raise InputError(f"The installed {package} must contain {path}, and does not. Install requirements.txt anew.")
    return found


def _pixels(photograph: Photograph) -> NDArray[np.uint8]:
    with Pillow.open(_inside(photograph.package, photograph.path)) as opened:
        pixels = np.asarray(opened.convert("RGB"))
    k = photograph.shrink
    if k == 1:
        return pixels
    h, w = pixels.shape[0] // k, pixels.shape[1] // k
    sums = np.zeros((h, w, 3), np.uint32)
    for down in range(k):
        for across in range(k):
            sums += pixels[down : h * k : k, across : w * k : k]
    means: NDArray[np.uint8] = ((sums + k * k // 2) // (k * k)).astype(np.uint8)
    return means


# Only files inside the wheels, and only those whose licence is stated (assets/LICENSES.md).
PHOTOGRAPHS: dict[str, Photograph] = {
    "astronaut": Photograph("skimage", "data/astronaut.png"),
    "brick": Photograph("skimage", "data/brick.png"),
    "cameraman": Photograph("skimage", "data/camera.png"),
    "cat": Photograph("skimage", "data/chelsea.png"),
    "coffee": Photograph("skimage", "data/coffee.png"),
    "coins": Photograph("skimage", "data/coins.png"),
    "flower": Photograph("sklearn", "datasets/images/flower.jpg"),
    "galaxy": Photograph("skimage", "data/hubble_deep_field.jpg"),
    "grass": Photograph("skimage", "data/grass.png"),
    "gravel": Photograph("skimage", "data/gravel.png"),
    "retina": Photograph("skimage", "data/retina.jpg", shrink=2),
    "rocket": Photograph("skimage", "data/rocket.jpg"),
    "temple": Photograph("sklearn", "datasets/images/china.jpg"),
    "tissue": Photograph("skimage", "data/ihc.png"),
}
