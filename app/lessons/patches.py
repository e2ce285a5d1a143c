"""Lesson 6: choose the patches to keep; the others are reconstructed from them."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from adq_core.records import Bools, Image

from .lesson import Frame, Lesson, Limits, Option, Panel, Points, Question, Scene
from .texture import crop_of, data_url

SIDE, PATCH = 32, 4  # pixels
GRID = SIDE // PATCH  # patches in a row
KEPT, DRAWS = 16, 10
BOX = (0.0, 0.0, float(GRID), float(GRID))
COFFEE, CAT, PORTRAIT = "coffee/y264-x332", "cat/y086-x129", "astronaut/y320-x256"
CASES = {  # the image, and whether the patches are spread evenly at the start
    "Cup, block": (COFFEE, False),
    "Cup, spread": (COFFEE, True),
    "Cat, spread": (CAT, True),
    "Portrait, spread": (PORTRAIT, True),
}


class Rivals(NamedTuple):
    """The reconstructions that do not depend on the user, and their PSNR in dB."""

    image: Image
    texture: Image
    texture_psnr: float
    random: Image  # of the first draw
    random_psnr: tuple[float, ...]  # of all draws


def start(case: str) -> Points:
    """Return the centres of 16 patches: a block in the middle, or every second patch."""
    if CASES[case][1]:
        columns, rows = np.arange(0, GRID, 2), np.arange(1, GRID, 2)
    else:
        columns = rows = np.arange(GRID // 2 - 2, GRID // 2 + 2)
    return np.asarray(np.stack(np.meshgrid(columns, rows), axis=2).reshape(-1, 2) + 0.5, np.float64)


def kept_patches(points: Points) -> Bools:
    """Return which patches have a point in them, (L,), row by row from the top left."""
    columns = np.clip(points[:, 0].astype(int), 0, GRID - 1)
    rows = GRID - 1 - np.clip(points[:, 1].astype(int), 0, GRID - 1)
    keep = np.zeros(GRID * GRID, np.bool_)
    keep[rows * GRID + columns] = True
    return keep


def repaint(image: Image, keep: Bools) -> tuple[NDArray[np.uint8], list[float]]:
    """Return the reconstruction for each mask (K, L), and its PSNR over the whole image."""
    from adq_core.patches import FILL, psnr, reconstruct  # imports torch

    repeated = np.repeat(image[None], len(keep), axis=0)
    painted = reconstruct(repeated, keep, patch_size=PATCH, model=FILL)
    errors = ((repeated.astype(np.int64) - painted) ** 2).sum(axis=(1, 2, 3))
    return painted, [psnr(int(error), image.size) for error in errors]


@lru_cache(maxsize=4)
def rivals(name: str) -> Rivals:
    """Return the reconstructions from the patches with the most texture and from ten random draws."""
    from adq_core.patches import top_patches
    from adq_core.texture import texture_map

    image = crop_of(name, SIDE)
    saliency = texture_map(image).astype(np.float64).reshape(GRID, PATCH, GRID, PATCH).mean(axis=(1, 3)).reshape(1, -1)
    draws = [
        np.isin(np.arange(GRID * GRID), np.random.default_rng(seed).choice(GRID * GRID, KEPT, replace=False))
        for seed in range(DRAWS)
    ]
    painted, values = repaint(image, np.vstack([top_patches(saliency, KEPT / GRID**2), *draws]))
    return Rivals(image, painted[0], values[0], painted[1], tuple(values[1:]))


def scene(points: Points, case: str) -> Scene:
    """Return the image, the kept patches, and the reconstructions from them, from texture and from random patches."""
    other = rivals(CASES[case][0])
    keep = kept_patches(points)
    painted, (yours,) = repaint(other.image, keep[None])
    mean = float(np.mean(other.random_psnr))
    count = int(keep.sum())
    verdict = "Your patches win." if yours > max(mean, other.texture_psnr) else "Your patches do not win yet."
    visible = np.where(_pixels(keep)[..., None], other.image, np.uint8(128))
    twice = "" if count == len(points) else f" {len(points) - count} of your marks are on a patch that is kept already."
    panels = [
        _picture("Original", other.image, f"{SIDE} x {SIDE} pixels, {GRID * GRID} patches.", "The original image."),
        Panel(
            "Your patches: drag the marks",
            BOX,
            [
                Frame(
                    note=f"{count} of {GRID * GRID} patches are kept.{twice}",
                    words=f"{count} kept patches, in column and row: {_places(keep)}.",
                    radius=[6.0] * len(points),
                    fill=[9] * len(points),
                    value=[f"column {int(x) + 1}, row {GRID - int(y)}" for x, y in np.clip(points, 0, GRID - 0.01)],
                    image=data_url(visible),
                )
            ],
        ),
        _picture("Reconstructed from yours", painted[0], f"{yours:.1f} dB. {verdict}", f"Yours: {yours:.1f} dB."),
        _picture(
            "From the patches with the most texture",
            other.texture,
            f"{other.texture_psnr:.1f} dB.",
            f"Texture: {other.texture_psnr:.1f} dB.",
            reveals=True,
        ),
        _picture(
            "From random patches",
            other.random,
            f"{other.random_psnr[0]:.1f} dB. Mean of ten draws: {mean:.1f} dB.",
            f"Random: {mean:.1f} dB on average.",
            reveals=True,
        ),
    ]
    return Scene(panels, ["now"])


def _pixels(keep: Bools) -> Bools:
    return keep.reshape(GRID, GRID).repeat(PATCH, axis=0).repeat(PATCH, axis=1)


def _places(keep: Bools) -> str:
    return ", ".join(f"({place % GRID + 1}, {place // GRID + 1})" for place in np.flatnonzero(keep).tolist())


def _picture(title: str, image: Image, note: str, words: str, *, reveals: bool = False) -> Panel:
    return Panel(title, BOX, [Frame(note=note, words=words, image=data_url(image))], has_points=False, reveals=reveals)


LESSON = Lesson(
    name="Patches",
    title="Patches: which parts of an image should be kept?",
    idea="From each selected image only some patches are stored. The others are reconstructed: here by a smooth fill "
    "from the kept patches beside them.",
    task="Each mark keeps one of the 64 patches. Drag the marks and try to get more decibels (dB) than texture and "
    "random. More decibels mean a picture closer to the original.",
    sentences=(
        "ADQ keeps the patches with the most texture, because they are the hardest to reconstruct.",
        "But a kept patch also helps the patches beside it, and patches with much texture often lie close together: "
        "then large parts of the image have no kept patch near them.",
        "So patches that are spread evenly, or even random ones, can give a better picture when few patches are kept.",
    ),
    prediction=Question(
        "Only 16 of 64 patches of the picture of the cup are kept. From which patches is the picture reconstructed "
        "best?",
        (
            Option(
                "The 16 with the most texture",
                "No. On this picture they lie close together. Compare the decibels below the pictures.",
            ),
            Option(
                "16 random ones", "No. They are better than those with the most texture, but others are better still."
            ),
            Option("16 that are spread evenly", "Yes. Choose Cup, spread, and compare the decibels.", right=True),
        ),
    ),
    question=Question(
        "Why do the 16 patches with the most texture lose on the picture of the cup?",
        (
            Option(
                "They show no details",
                "No. They show the most details. But look at the places between them.",
            ),
            Option(
                "They lie close together, so other parts have no kept patch nearby",
                "Right. A patch far from all kept patches can only be guessed. Put your marks into one corner to see "
                "it.",
                right=True,
            ),
            Option(
                "16 patches are never enough",
                "No. The 16 patches that are spread evenly are enough for a much better picture.",
            ),
        ),
    ),
    cases=tuple(CASES),
    start=start,
    scene=scene,
    limits=lambda case: Limits(BOX, KEPT, KEPT),
    page="patches",
    settings={"dataset": "photos", "patch_keep_ratio": 0.25, "patch_image_size": 32, "patch_size": 4},
    link="Open the page Patches with a quarter of the patches on photographs",
)
