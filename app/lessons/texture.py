"""Lesson 3: the texture of an image, pixel by pixel under the Sobel operator."""

from __future__ import annotations

import base64
import io
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from adq_core.records import Floats, Image

from .lesson import Frame, Lesson, Limits, Option, Panel, Points, Question, Scene

SIDE = 24  # pixels
NOISE = (0, 10, 25, 50, 100)  # percent
CASES = {  # two crops of the built-in photographs, A and B, or "noise"
    "Flower and gravel": ("flower/y085-x000", "gravel/y064-x320"),
    "Cat and coffee": ("cat/y214-x129", "coffee/y264-x332"),
    "Leaves and noise": ("temple/y149-x576", "noise"),
}
BOX = (0.0, 0.0, float(SIDE), float(SIDE))
BRIGHTEST = 2.0  # texture of a white pixel in the picture of the texture


@lru_cache(maxsize=8)
def picture(name: str) -> Image:
    """Return a crop of a photograph at 24 x 24 pixels, or grey noise, which is the same at each call."""
    if name == "noise":
        return np.repeat(np.random.default_rng(0).integers(0, 256, (SIDE, SIDE, 1), np.uint8), 3, axis=2)
    return crop_of(name, SIDE)


def crop_of(name: str, side: int) -> Image:
    """Return a crop of the built-in photographs, reduced to a square of this side."""
    from PIL import Image as Pillow

    from adq_core.data import open_dataset

    photos = open_dataset("photos")
    crop = Pillow.fromarray(photos.pixels(photos.ids.index(name)))
    return np.asarray(crop.resize((side, side), Pillow.Resampling.BOX))


def noisy(image: Image, percent: int) -> Image:
    """Return a mixture of an image with noise."""
    share = percent / 100
    noise = np.random.default_rng(1).integers(0, 256, (SIDE, SIDE, 1))
    return np.rint((1 - share) * image + share * noise).astype(np.uint8)


def scene(points: Points, case: str) -> Scene:
    """Return two images and their textures, with more and more noise."""
    panels = []
    for letter, name in zip("AB", CASES[case], strict=True):
        frames = [frames_of(noisy(picture(name), percent), f"{letter}, {describe(name)}") for percent in NOISE]
        panels.append(Panel(f"Image {letter}", BOX, [image for image, _ in frames], has_points=False))
        panels.append(
            Panel(f"Texture of {letter}", BOX, [texture for _, texture in frames], has_points=False, reveals=True)
        )
    names = [f"{percent} % noise" for percent in NOISE]
    return Scene([panels[n] for n in (0, 2, 1, 3)], names, control="Noise", plays=False, columns=SIDE)


def describe(name: str) -> str:
    """Return a crop in words."""
    return "grey noise" if name == "noise" else f"a part of a photograph ({name.split('/')[0]})"


def frames_of(image: Image, name: str) -> tuple[Frame, Frame]:
    """Return the image and its texture as two frames, with the formula of every pixel."""
    from adq_core.texture import sobel_gradients, texture_map  # imports numba

    texture = np.asarray(texture_map(image), np.float64)
    cells = pixel_formulas(*sobel_gradients(image), texture)
    mean = f"{texture.mean():.3f}"
    shown = np.clip(texture / BRIGHTEST * 255, 0, 255).astype(np.uint8)
    return (
        Frame(note="", words=f"Image {name}, {SIDE} x {SIDE} pixels.", image=data_url(image)),
        Frame(
            note=f"Texture score: mean over {SIDE * SIDE} pixels = {mean}",
            words=f"The texture of each pixel of image {name}: bright pixels have a high texture. The mean is {mean}.",
            image=data_url(np.repeat(shown[..., None], 3, axis=2)),
            cells=cells,
        ),
    )


def pixel_formulas(gx: Floats, gy: Floats, texture: Floats) -> list[str]:
    """Return the texture of every pixel as a sum with numbers, row by row."""
    values = zip(np.abs(gx).ravel().tolist(), np.abs(gy).ravel().tolist(), texture.ravel().tolist(), strict=True)
    return [f"0.5 × {right:.2f} + 0.5 × {down:.2f} = {sum_:.2f}" for right, down, sum_ in values]


def data_url(image: NDArray[np.uint8]) -> str:
    """Return an image as a PNG in a data URL."""
    from PIL import Image as Pillow

    buffer = io.BytesIO()
    Pillow.fromarray(image).save(buffer, "PNG")
    return f"data:image/png;base64,{base64.b64encode(buffer.getvalue()).decode()}"


LESSON = Lesson(
    name="Texture",
    title="Texture: which image scores higher?",
    idea="ADQ gives every image a texture score: the mean change of brightness from pixel to pixel. The mean over the "
    "images of a bin is its representativeness (Rep).",
    task="Point at a pixel to read its numbers: the change of brightness to the right and downwards, from the 3 x 3 "
    "pixels in the frame. Then add noise with the slider.",
    sentences=(
        "The Sobel operator measures at every pixel how much the brightness changes to the right and downwards; the "
        "texture of the pixel is the mean of both, without signs.",
        "Edges and fine patterns have a high texture, smooth surfaces have nearly none.",
        "The score does not know what an image shows: noise changes from every pixel to the next, so noise scores "
        "highest.",
    ),
    prediction=Question(
        "Which of the two images has the higher texture score?",
        (
            Option(
                "Image A", "No. Image A is smooth: most of its pixels have the brightness of the pixels beside them."
            ),
            Option("Image B", "Yes. The small stones of image B change the brightness everywhere.", right=True),
            Option("Both have the same", "No. Compare the two pictures of the texture: B is bright nearly everywhere."),
        ),
    ),
    question=Question(
        "A bin has many noisy, damaged images. What does texture do to its Rep?",
        (
            Option(
                "It raises Rep, so ADQ selects more of these images",
                "Right. Noise scores higher than any photograph, so damaged images can make a bin look important. "
                "Look at the images before you trust the score.",
                right=True,
            ),
            Option(
                "It lowers Rep, because noise shows nothing",
                "No. Texture does not know what an image shows. Move the slider to 100 % noise and read the scores.",
            ),
            Option(
                "It does not change Rep",
                "No. Rep is the mean texture of the bin, and noise has a high texture. Move the slider and see.",
            ),
        ),
    ),
    cases=tuple(CASES),
    start=lambda case: np.zeros((0, 2)),
    scene=scene,
    limits=lambda case: Limits(BOX, 0, 0),
    page="scores",
    settings={"dataset": "photos", "representativeness": "texture"},
    link="Open the page Scores with texture on the built-in photographs",
    cases_label="Images",
)
