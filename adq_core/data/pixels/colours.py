"""Colours of any image mode to sRGB: colour profiles, transparency, greyscale, CMYK and Lab."""

from __future__ import annotations

import io
from functools import lru_cache

import numpy as np
from PIL import Image as Pillow
from PIL import ImageCms

MAX_PROFILE_BYTES = 2**24
CACHED_PROFILES = 16  # files of one set seldom have more; each may be some MB
# Largest difference, in levels of 0..255, between a profile and sRGB whose pixels are not converted: rounding noise of
# the many profiles that describe sRGB.
SAME_LEVELS = 2


def to_srgb(image: Pillow.Image, profile: bytes | None) -> Pillow.Image:
    """Return the image as RGB in the sRGB colour space, transparent pixels blended with white.

    A colour profile that fits the pixels is applied with perceptual intent; a damaged profile, and one for another
    kind of pixels, is ignored. CMYK without a profile is converted by the formula R = 255 - min(255, C + K).
    """
    if image.mode == "LAB":
        return ImageCms.applyTransform(image, _lab_to_rgb())  # type: ignore[return-value]
    if image.mode == "CMYK" or (image.mode == "L" and not image.has_transparency_data):
        transform = profile and profile_transform(profile, image.mode)
        if transform:
            return ImageCms.applyTransform(image, transform)  # type: ignore[return-value]
    alpha: Pillow.Image | None = None
    if image.has_transparency_data:
        rgba = image.convert("RGBA")
        alpha = rgba.getchannel("A")
    rgb = image if image.mode == "RGB" and alpha is None else (image if alpha is None else rgba).convert("RGB")
    if profile and image.mode != "CMYK":
        rgb = _converted(rgb, profile, grey=image.mode in ("L", "LA"))
    if alpha is not None:
        rgb.putalpha(alpha)
        rgb = Pillow.alpha_composite(Pillow.new("RGBA", rgb.size, "white"), rgb).convert("RGB")
    return rgb


def _converted(rgb: Pillow.Image, profile: bytes, *, grey: bool) -> Pillow.Image:
    transform = profile_transform(profile, "RGB")
    if transform:
        return ImageCms.applyTransform(rgb, transform)  # type: ignore[return-value]
    if grey:
        transform = profile_transform(profile, "L")
        if transform:
            return ImageCms.applyTransform(rgb.getchannel("R"), transform)  # type: ignore[return-value]
    return rgb


@lru_cache(CACHED_PROFILES)
def profile_transform(profile: bytes, mode: str) -> ImageCms.ImageCmsTransform | None:
    """Return the transform from pixels of a mode ("RGB", "CMYK" or "L") with this profile to sRGB.

    None if the profile is damaged, is for another kind of pixels, or describes sRGB, whatever its name. Threads share a
    transform, so it is built without the cache of the last pixel.
    """
    if len(profile) > MAX_PROFILE_BYTES:
        return None
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        if source.profile.xcolor_space.strip() != {"RGB": "RGB", "CMYK": "CMYK", "L": "GRAY"}[mode]:
            return None
        target = ImageCms.createProfile("sRGB")
        transform = ImageCms.buildTransform(
            source, target, mode, "RGB", ImageCms.Intent.PERCEPTUAL, ImageCms.Flags.NOCACHE
        )
        return None if mode != "CMYK" and _is_identity(transform, mode) else transform
    except Exception:  # on damaged profiles, the library raises many types of error
        return None


def _is_identity(transform: ImageCms.ImageCmsTransform, mode: str) -> bool:
    """Return whether the transform changes no colour of a grid of 4,913 (of 256 grey levels) by more than 2 levels."""
    levels = np.linspace(0, 255, 17).round().astype(np.uint8)
    if mode == "L":
        colours = np.arange(256, dtype=np.uint8)[None]
    else:
        colours = np.stack(np.meshgrid(levels, levels, levels, indexing="ij"), axis=-1).reshape(1, -1, 3)
    result = np.asarray(ImageCms.applyTransform(Pillow.fromarray(colours), transform)).astype(np.int16)
    before = colours.astype(np.int16)
    return int(np.abs(result - (before[..., None] if mode == "L" else before)).max()) <= SAME_LEVELS


@lru_cache(1)
def _lab_to_rgb() -> ImageCms.ImageCmsTransform:
    lab, srgb = ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB")
    return ImageCms.buildTransform(lab, srgb, "LAB", "RGB", flags=ImageCms.Flags.NOCACHE)
