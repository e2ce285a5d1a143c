"""Texture: the mean Sobel gradient of every image."""

from .sobel import measure_texture, sobel_gradients, texture_map

__all__ = ["measure_texture", "sobel_gradients", "texture_map"]
