"""Patch masks and painted images as files."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from urllib.parse import quote

import numpy as np

from adq_core.data import ImageDataset
from adq_core.errors import StorageError
from adq_core.progress import Progress, no_progress
from adq_core.records import PatchMasks

from .reconstruction import dropped_error, psnr, reconstruct

BATCH = 128
LONGEST_NAME = 180  # characters; file systems take 255 bytes with the suffix


def write_patches(
    dataset: ImageDataset,
    masks_of: Callable[[Sequence[int]], PatchMasks],
    out: Path,
    *,
    model: str = "unet",
    progress: Progress = no_progress,
) -> float:
    """Write masks.parquet and painted/ into the folder `out` and return the PSNR over all dropped pixels, in dB.

    masks.parquet has one row an image: id, painted (the PNG), patch_size, side, and keep, the mask as packed bits, row
    by row from the top left, highest bit first, 1 = kept: `numpy.unpackbits(frombuffer(keep, uint8))` and the first
    (side / patch_size)^2 of it. Folder and files appear whole or not at all. Raises `StorageError` where `out` is there
    and not empty, or the disk refuses.
    """
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise StorageError(f"{out} must be a folder that is empty or not there yet. Name another with --out.")
    aside = out.with_name(f".{out.name}.{os.getpid()}.part")
    try:
        (aside / "painted").mkdir(parents=True)
        value = _write(dataset, masks_of, aside, model, progress)
        if out.exists():
            out.rmdir()
        aside.replace(out)
    except OSError as error:
        raise StorageError(
            f"Could not write {out}: {error.strerror or error}. Free some space or name another folder with --out."
        ) from error
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return value


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
        painted = reconstruct(masks.images, masks.keep, patch_size=masks.patch_size, model=model)
        error, count = dropped_error(masks.images, painted, masks.keep, patch_size=masks.patch_size)
        errors, counts = errors + error, counts + count
        for row, image, keep in zip(masks.rows, painted, masks.keep, strict=True):
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
    """Return a file name for an id that may be a path: no separators, not hidden, another one for another id."""
    name = quote(image_id, safe=" ()+,=@")
    if name.startswith("."):
        name = "%2E" + name[1:]
    if len(name) > LONGEST_NAME:
        name = name[:LONGEST_NAME] + hashlib.blake2b(image_id.encode(), digest_size=8).hexdigest()
    return name + ".png"
