"""Patches: which patches of an image are kept, and the dropped ones painted again."""

from .files import write_patches
from .masks import keep_highest, kept_count, patch_masks
from .reconstruction import FILL, PAINTERS, dropped_error, known_pixels, psnr, psnr_dropped, reconstruct

__all__ = [
    "FILL",
    "PAINTERS",
    "dropped_error",
    "keep_highest",
    "kept_count",
    "known_pixels",
    "patch_masks",
    "psnr",
    "psnr_dropped",
    "reconstruct",
    "write_patches",
]
