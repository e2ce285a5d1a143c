"""Patches: masks that keep the most salient patches of an image, and inpainting of the dropped ones."""

from .files import write_patches
from .masks import n_kept_patches, patch_masks, top_patches
from .network_scores import NetworkScores, network_scores
from .reconstruction import FILL, INPAINTING_NETWORKS, dropped_error, known_pixels, psnr, psnr_dropped, reconstruct

__all__ = [
    "FILL",
    "INPAINTING_NETWORKS",
    "NetworkScores",
    "dropped_error",
    "known_pixels",
    "n_kept_patches",
    "network_scores",
    "patch_masks",
    "psnr",
    "psnr_dropped",
    "reconstruct",
    "top_patches",
    "write_patches",
]
