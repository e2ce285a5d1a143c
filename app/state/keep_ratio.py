"""The keep ratio in three units that people mix up: share of the images, count of images, share of all pixels.

`keep_ratio` is the one source of truth; the two others are computed from it at every run and move it from their
callbacks, like a mirror of the sidebar's widget.
"""

from __future__ import annotations

import streamlit as st

from adq_core import Run
from adq_core.patches import n_kept_patches
from adq_core.quotas import target_size

from . import settings_widgets, widget_sync


def share_of_count(count: int, n_images: int) -> float:
    """Return the keep ratio with the fewest decimals that keeps exactly `count` of `n_images` images.

    0.1 for 180 of 1,797. `target_size`, by which the quota rules count, gives `count` for it again.
    """
    for digits in range(1, 17):
        share = round(count / n_images, digits)
        if 0 < share <= 1 and target_size(share, n_images) == count:
            return share
    return count / n_images


def share_of_total(total: float, patch_share: float, n_images: int) -> float:
    """Return the keep ratio at which `total` of all pixels is kept, when `patch_share` of each image's patches is.

    At most 1, where every image is kept, and at least what keeps one image.
    """
    return max(share_of_count(1, n_images), min(1.0, round(total / patch_share, 9)))


def patch_share(run: Run) -> float:
    """Return the share of an image's patches that is really kept: whole patches, at least one."""
    patches = (run.settings.patch_image_size // run.settings.patch_size) ** 2
    return n_kept_patches(patches, run.settings.patch_keep_ratio) / patches


def inputs(run: Run) -> None:
    """Draw the keep ratio as a share, as a count, and with the patches' share as a share of all pixels."""
    data, ratio, patches = run.dataset, run.settings.keep_ratio, patch_share(run)
    m = len(data)
    columns = st.columns([2, 1, 1] if data.has_images else [2, 1], gap="medium", vertical_alignment="bottom")
    with columns[0]:
        settings_widgets.mirror("keep_ratio")
    key, count = widget_sync.mirrored("kept_images", max(1, target_size(ratio, m)))
    columns[1].number_input(
        f"{data.kind.capitalize()} to keep",
        1,
        m,
        count,
        step=max(1, m // 200),
        key=key,
        help=f"The same as a count, out of {m:,}.",
        on_change=_take_count,
        args=(key, m),
    )
    if data.has_images:
        key, percent = widget_sync.mirrored("kept_pixels", min(100 * ratio * patches, 100 * patches))
        columns[2].number_input(
            "Of all pixels, %",
            0.0,
            100 * patches,
            percent,
            step=100 * patches / 200,
            format="%.2f",
            key=key,
            help=f"The share of the images times the share of each one's patches, which is {patches:.1%} now and is "
            "set on the page Patches. Their product is what papers call the final keep ratio.",
            on_change=_take_total,
            args=(key, patches, m),
        )


def _take_count(key: str, n_images: int) -> None:
    if (count := widget_sync.told("kept_images", key)) is not None:
        widget_sync.put(keep_ratio=share_of_count(count, n_images))


def _take_total(key: str, patches: float, n_images: int) -> None:
    if (percent := widget_sync.told("kept_pixels", key)) is not None:
        widget_sync.put(keep_ratio=share_of_total(percent / 100, patches, n_images))
