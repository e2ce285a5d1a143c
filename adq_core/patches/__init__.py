"""Patches: which patches of an image are kept, and the dropped ones painted again."""

from .files import write_patches
from .masks import n_kept_patches, patch_masks, top_patches
from .reconstruction import FILL, PAINTERS, dropped_error, known_pixels, psnr, psnr_dropped, reconstruct

__all__ = [
    "FILL",
    "PAINTERS",
    "dropped_error",
    "known_pixels",
    "n_kept_patches",
    "patch_masks",
    "psnr",
    "psnr_dropped",
    "reconstruct",
    "top_patches",
    "write_patches",
]
