"""The keep ratio in two other units: number of images, and share of all pixels.

The setting `keep_ratio` is the only stored value. The two others are computed from it in every run, and their
callbacks change it.
"""

from __future__ import annotations

import streamlit as st

from adq_core import Run
from adq_core.patches import n_kept_patches
from adq_core.quotas import target_size

from . import widget_sync

COUNT, PIXELS = "kept_images", "kept_pixels"  # keys of the widgets


def share_of_count(count: int, n_images: int) -> float:
    """Return the keep ratio with the fewest decimals that keeps exactly `count` of `n_images` images.

    0.1 for 180 of 1,797. `target_size`, with which the quota rules compute the number of images, returns `count` for
    this ratio.
    """
    for digits in range(1, 17):
        share = round(count / n_images, digits)
        if 0 < share <= 1 and target_size(share, n_images) == count:
            return share
    return count / n_images


def share_of_total(total: float, patch_share: float, n_images: int) -> float:
    """Return the keep ratio at which the share `total` of all pixels is kept: total / patch_share.

    `patch_share` is the kept share of the patches of each image. The result is at most 1 (all images) and at least the
    keep ratio of one image.
    """
    return max(share_of_count(1, n_images), min(1.0, round(total / patch_share, 9)))


def patch_share(run: Run) -> float:
    """Return the share of the patches of an image that is kept, after rounding to whole patches (at least one)."""
    patches = (run.settings.patch_image_size // run.settings.patch_size) ** 2
    return n_kept_patches(patches, run.settings.patch_keep_ratio) / patches


def inputs(run: Run) -> None:
    """Draw the keep ratio as a number of images, and multiplied by the kept share of patches as a share of all pixels.

    The keep ratio itself is a setting in the sidebar; these two widgets convert it.
    """
    data, ratio, patches = run.dataset, run.settings.keep_ratio, patch_share(run)
    m = len(data)
    line = st.container(horizontal=True, vertical_alignment="bottom")
    line.number_input(
        f"{data.kind.capitalize()} to keep",
        1,
        m,
        widget_sync.show_converted(COUNT, max(1, target_size(ratio, m))),
        step=max(1, m // 200),
        key=COUNT,
        width=220,
        help=f"The keep ratio as a number of images, at most {m:,}.",
        on_change=_set_by_count,
        args=(m,),
    )
    if data.has_images:
        line.number_input(
            "Pixels to keep, %",
            0.0,
            100 * patches,
            widget_sync.show_converted(PIXELS, min(100 * ratio * patches, 100 * patches)),
            step=100 * patches / 200,
            format="%.2f",
            key=PIXELS,
            width=220,
            help=f"The keep ratio times the patch keep ratio, which is now {patches:.1%}. Papers call this product the "
            "final keep ratio.",
            on_change=_set_by_pixels,
            args=(patches, m),
        )


def _set_by_count(n_images: int) -> None:
    if (count := widget_sync.user_input(COUNT)) is not None:
        widget_sync.set_widgets(keep_ratio=share_of_count(count, n_images))


def _set_by_pixels(patches: float, n_images: int) -> None:
    if (percent := widget_sync.user_input(PIXELS)) is not None:
        widget_sync.set_widgets(keep_ratio=share_of_total(percent / 100, patches, n_images))
