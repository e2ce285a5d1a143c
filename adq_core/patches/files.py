"""Patch masks and reconstructions as files."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path
from urllib.parse import quote

import numpy as np

from adq_core.data import ImageDataset
from adq_core.errors import StorageError
from adq_core.progress import Progress, no_progress
from adq_core.records import PatchMasks
from adq_core.storage import atomic_folder, is_empty

from .reconstruction import dropped_error, psnr, reconstruct

BATCH = 128
MAX_NAME_LENGTH = 180  # characters; file systems take 255 bytes with the suffix


def write_patches(
    dataset: ImageDataset,
    masks_of: Callable[[Sequence[int]], PatchMasks],
    out: Path,
    *,
    model: str = "unet",
    progress: Progress = no_progress,
) -> float:
    """Write masks.parquet and painted/ into the folder `out` and return the PSNR over all dropped pixels, in dB.

    masks.parquet has one row per image: id, painted (the path of the reconstruction, a PNG), patch_size, side, and
    keep, the mask as packed bits, patches row by row from the top left, highest bit first, 1 = kept. To read it:
    `numpy.unpackbits(frombuffer(keep, uint8))`, the first (side / patch_size)^2 values. The folder appears only when it
    is complete. Raises `StorageError` if `out` exists and is not an empty folder, or if it cannot be written.
    """
    if out.exists() and (not out.is_dir() or not is_empty(out)):
        raise StorageError(f"{out} must be a folder that is empty or not there yet. Name another with --out.")
    with atomic_folder(out, option="--out", keep_existing=False) as temporary:
        (temporary / "painted").mkdir()
        return _write(dataset, masks_of, temporary, model, progress)


def _write(
    dataset: ImageDataset,
    masks_of: Callable[[Sequence[int]], PatchMasks],
    folder: Path,
    model: str,
    progress: Progress,
) -> float:
    from PIL import Image

    rows: list[dict[str, object]] = []
    errors, counts = 0, 0
    for start in range(0, len(dataset), BATCH):
        masks = masks_of(range(start, min(start + BATCH, len(dataset))))
        reconstructions = reconstruct(masks.images, masks.keep, patch_size=masks.patch_size, model=model)
        error, count = dropped_error(masks.images, reconstructions, masks.keep, patch_size=masks.patch_size)
        errors, counts = errors + error, counts + count
        for row, image, keep in zip(masks.rows, reconstructions, masks.keep, strict=True):
            name = file_name(dataset.ids[row])
            Image.fromarray(image).save(folder / "painted" / name)
            rows.append(
                {
                    "id": dataset.ids[row],
                    "painted": f"painted/{name}",
                    "patch_size": masks.patch_size,
                    "side": image.shape[0],
                    "keep": np.packbits(keep).tobytes(),
                }
            )
        progress(len(rows), len(dataset), "patches")
    import pandas as pd

    pd.DataFrame(rows).to_parquet(folder / "masks.parquet", index=False)
    return psnr(errors, counts)


def file_name(image_id: str) -> str:
    """Return a file name for an id, which may be a path: no separators, not hidden, different for different ids."""
    name = quote(image_id, safe=" ()+,=@")
    if name.startswith("."):
        name = "%2E" + name[1:]
    if len(name) > MAX_NAME_LENGTH:
        name = name[:MAX_NAME_LENGTH] + hashlib.blake2b(image_id.encode(), digest_size=8).hexdigest()
    return name + ".png"
